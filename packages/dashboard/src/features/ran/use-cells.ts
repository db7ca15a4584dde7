import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { getLast, telemetryStream } from '../../api/r1.ts';
import { useStream } from '../../api/use-stream.ts';
import { toCells } from './cells.ts';
import { LATEST, POWER } from './measures.ts';

/** At most one refresh in this time: simulated periods pass much faster than a person reads. */
const GATHER_MS = 1_000;

/** The newest values of every cell. One counter is followed, as the sign that a period has been stored. */
export function useCells() {
  const queries = useQueryClient();
  const pending = useRef<{ timer?: ReturnType<typeof setTimeout> }>({});
  const key = ['telemetry', 'last', LATEST];
  useEffect(() => {
    const held = pending.current;
    return () => clearTimeout(held.timer);
  }, []);
  const stream = useStream(telemetryStream([POWER]), ({ event }) => {
    if (event !== 'samples' || pending.current.timer !== undefined) return;
    pending.current.timer = setTimeout(() => {
      delete pending.current.timer;
      void queries.invalidateQueries({ queryKey: key });
    }, GATHER_MS);
  });
  const cells = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => getLast(LATEST, signal),
    select: toCells,
    refetchInterval: stream === 'live' ? 15_000 : 3_000,
  });
  return { cells, stream };
}
