import { parseConfig } from '@ranloop/kit/config';
import { createSession } from '@ranloop/sdk/session';
import { createTracking, trackingConfig } from '@ranloop/training/tracking';
import { openBench, show, sustained } from './support.ts';

const SECONDS = Number(process.argv[2] ?? 20);
const BATCH = 1_000;
const LANES = 4;

/** Scalars over HTTP in batches of 1,000, beside raw multi-row inserts of the same rows into the same PostgreSQL. */
const bench = await openBench();
const http = bench.host('api');
const tracking = createTracking(parseConfig(trackingConfig, {}, 'tracking'), {
  http: http.app,
  database: bench.database,
  ...bench.deps,
});
await tracking.start();
await http.start();
const session = createSession({ apiUrl: http.url, filesUrl: http.url, accessKey: 'bench', secretKey: 'bench' });

const tasks = await Promise.all(
  Array.from(
    { length: LANES },
    async (_, lane) =>
      (await session.call<{ id: string }>('tasks.create', { name: `bench ${lane}`, type: 'testing' })).id,
  ),
);
let next = 0;
const overHttp = await sustained(SECONDS, LANES, async () => {
  const from = next;
  next += BATCH;
  const task = tasks[(from / BATCH) % LANES];
  const events = Array.from({ length: BATCH }, (_, index) => ({
    type: 'training_stats_scalar',
    task,
    metric: 'loss',
    variant: `v${index % 10}`,
    iter: from + index,
    value: index / 7,
  }));
  await session.callLines('events.add_batch', events);
  return BATCH;
});

await bench.database.pool.query(
  'create table raw_scalars (task int, metric text, variant text, iter bigint, value float8, time bigint, primary key (task, metric, variant, iter))',
);
const raw = await sustained(SECONDS, LANES, async () => {
  const from = next;
  next += BATCH;
  const rows = Array.from({ length: BATCH }, (_, index) => index);
  await bench.database.pool.query(
    'insert into raw_scalars select $1, $2, v, i, x, t from unnest($3::text[], $4::bigint[], $5::float8[], $6::bigint[]) as r(v, i, x, t)',
    [
      1,
      'loss',
      rows.map((index) => `v${index % 10}`),
      rows.map((index) => from + index),
      rows.map((index) => index / 7),
      rows.map(() => Date.now()),
    ],
  );
  return BATCH;
});

console.log(`scalars over HTTP   ${show(overHttp)}/s`);
console.log(`raw inserts         ${show(raw)}/s`);
console.log(`ratio               ${(overHttp / raw).toFixed(2)}`);
console.log(`memory of the process (server and load) ${Math.round(process.memoryUsage.rss() / 1024 ** 2)} MB`);
await http.stop();
await tracking.stop();
await bench.stop();
