import { Worker } from 'node:worker_threads';
import { RanloopError } from '@ranloop/contracts/errors';
import type { Scenario } from '../scenario.ts';
import type { StaticSearchOptions, StaticSearchResult } from './static-search.ts';

export interface SearchTask {
  readonly scenario: Scenario;
  readonly fromSeconds: number;
  readonly toSeconds: number;
}

export type SearchMessage =
  | { readonly kind: 'progress'; readonly done: number }
  | { readonly kind: 'result'; readonly result: StaticSearchResult }
  | { readonly kind: 'failed'; readonly reason: string };

export interface WorkerSearchOptions extends StaticSearchOptions {
  readonly signal?: AbortSignal;
}

/** `searchStaticRatios` on a thread of its own, loaded as this program is. An abort ends the thread and rejects. */
export function searchInWorker(scenario: Scenario, options: WorkerSearchOptions): Promise<StaticSearchResult> {
  const { fromSeconds, toSeconds, onProgress, signal } = options;
  const task: SearchTask = { scenario, fromSeconds, toSeconds };
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const worker = startWorker(task);
    const abort = () => settle(() => reject(signal?.reason));
    const settle = (outcome: () => void) => {
      signal?.removeEventListener('abort', abort);
      void worker.terminate();
      outcome();
    };
    signal?.addEventListener('abort', abort, { once: true });
    worker.on('message', (message: SearchMessage) => {
      if (message.kind === 'progress') onProgress?.(message.done);
      else if (message.kind === 'result') settle(() => resolve(message.result));
      else settle(() => reject(new RanloopError('RL_INTERNAL', `the search for static ratios: ${message.reason}`)));
    });
    worker.on('error', (error) => settle(() => reject(error)));
    worker.on('exit', (code) =>
      settle(() => reject(new RanloopError('RL_INTERNAL', `the search for static ratios ended with code ${code}`))),
    );
  });
}

/**
 * Node 20 gives a worker none of the loader hooks that `--import tsx` registered in the main thread, and tsx does not
 * register them a second time by itself there: the worker does it before it loads its entry.
 */
function startWorker(task: SearchTask): Worker {
  const entry = new URL('./static-search-worker.ts', import.meta.url).href;
  const loader = import.meta.resolve('tsx/esm/api');
  const program = `import(${JSON.stringify(loader)}).then(({ register }) => {
    register();
    return import(${JSON.stringify(entry)});
  });`;
  // Flags of V8 that the parent was started with are no flags of a worker, and would be refused.
  return new Worker(program, { eval: true, workerData: task, execArgv: [] });
}
