import { parentPort, workerData } from 'node:worker_threads';
import { parseScenario } from '../scenario.ts';
import type { SearchMessage, SearchTask } from './search-in-worker.ts';
import { searchStaticRatios } from './static-search.ts';

/** Started by `searchInWorker` only: runs one search and tells how far it is, what it found, or why it failed. */
const task = workerData as SearchTask;
const tell = (message: SearchMessage) => parentPort?.postMessage(message);
try {
  const result = searchStaticRatios(parseScenario(task.scenario), {
    fromSeconds: task.fromSeconds,
    toSeconds: task.toSeconds,
    onProgress: (done) => tell({ kind: 'progress', done }),
  });
  tell({ kind: 'result', result });
} catch (error) {
  tell({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) });
}
