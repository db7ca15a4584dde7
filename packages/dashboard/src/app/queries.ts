import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { asApiError } from '../api/error.ts';

/** One cache for all pages. A refused session is met in one place only: here. */
export function createQueries(onSignedOut: () => void): QueryClient {
  const watch = (thrown: unknown) => {
    if (asApiError(thrown).status === 401) onSignedOut();
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError: watch }),
    mutationCache: new MutationCache({ onError: watch }),
    defaultOptions: {
      queries: {
        staleTime: 2_000,
        refetchOnWindowFocus: true,
        retry: (failures, thrown) => failures < 2 && asApiError(thrown).retriable,
        retryDelay: (attempt) => Math.min(500 * 2 ** attempt, 4_000),
      },
      mutations: { retry: false },
    },
  });
}
