import type { LoopState } from '@ranloop/contracts/loop';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { requestJson } from './http.ts';
import { useStream } from './use-stream.ts';

export type { ByRun, LoopArrow, LoopState, LoopStep, RunName, SliceResult } from '@ranloop/contracts/loop';

/** The state of the loop, kept up to date by its stream. */
export function useLoopState() {
  const queries = useQueryClient();
  const key = ['loop'];
  const state = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => requestJson<LoopState>('/loop/v1/state', { signal }),
    staleTime: 30_000,
  });
  const stream = useStream('/loop/v1/stream', ({ event, data }) => {
    if (event === 'state') queries.setQueryData(key, JSON.parse(data) as LoopState);
  });
  return { ...state, stream };
}
