import { show } from './support.ts';
import { rawInserts, scalarsOverHttp } from './tracking/ingest.ts';
import { startTarget } from './tracking/load.ts';
import { mlflowScalars } from './tracking/mlflow.ts';
import { longLog, longSeries, manyTasks } from './tracking/size.ts';

const SECONDS = Number(process.argv[2] ?? 20);
/** A share of the full sizes (1,000,000 points, 100,000 tasks, 5,000,000 lines), for a quick look. */
const SHARE = Number(process.argv[3] ?? 1);

const target = await startTarget();
const overHttp = await scalarsOverHttp(target, SECONDS);
console.log(`${'scalars over HTTP'.padEnd(52)} ${show(overHttp)}/s for ${SECONDS} s (at least 50,000/s)`);
const raw = await rawInserts(target, SECONDS);
console.log(`${'raw inserts of the same rows'.padEnd(52)} ${show(raw)}/s`);
console.log(`${'ratio to raw inserts'.padEnd(52)} ${(overHttp / raw).toFixed(2)} (at least 0.40)`);
const python = process.env.RANLOOP_MLFLOW_PYTHON;
if (python) {
  const mlflow = await mlflowScalars(python, target.postgres, SECONDS);
  console.log(`${'MLflow log-batch, PostgreSQL store'.padEnd(52)} ${show(mlflow)}/s`);
  console.log(`${'ratio to MLflow'.padEnd(52)} ${(overHttp / mlflow).toFixed(1)} (at least 10)`);
} else console.log(`${'MLflow'.padEnd(52)} left out: ${process.env.RANLOOP_MLFLOW_MISSING ?? 'no Python was named'}`);
console.log(`${'memory of the server while it took in scalars'.padEnd(52)} ${await target.memory()} MB`);
await longSeries(target, 1_000_000 * SHARE);
await longLog(target, 5_000_000 * SHARE);
await manyTasks(target, 100_000 * SHARE);
console.log(`${'memory of the server with that data'.padEnd(52)} ${await target.memory()} MB (at most 300 MB)`);
await target.stop();
