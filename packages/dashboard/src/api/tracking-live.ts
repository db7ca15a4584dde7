import type { Change } from '@ranloop/contracts/tracking';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import type { StreamStatus } from './stream.ts';
import { useStream } from './use-stream.ts';

/** At most one refresh in this time, however fast events come. */
const GATHER_MS = 700;

/** Refreshes what is shown of tasks when they change; only of `task` when one is named. */
export const useTaskRefresh = (task?: string): StreamStatus =>
  // A list shows no log: lines alone do not change it.
  useRefresh(
    (change) => (task === undefined ? change.kind !== 'log' : change.task === task),
    task === undefined ? ['tasks'] : ['task', task],
  );

/** Refreshes queries that begin with the key when a change concerns them. */
export function useRefresh(concerns: (change: Change) => boolean, queryKey: readonly string[]): StreamStatus {
  const queries = useQueryClient();
  const pending = useRef<{ timer?: ReturnType<typeof setTimeout> }>({});
  useEffect(() => {
    const held = pending.current;
    return () => clearTimeout(held.timer);
  }, []);
  return useStream('/api/ranloop/v1/stream', ({ data }) => {
    if (pending.current.timer !== undefined || !concerns(JSON.parse(data) as Change)) return;
    pending.current.timer = setTimeout(() => {
      delete pending.current.timer;
      void queries.invalidateQueries({ queryKey });
    }, GATHER_MS);
  });
}
