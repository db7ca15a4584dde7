import { createDatabase } from '@ranloop/kit/postgres';
import { sustained } from '../support.ts';
import type { Target } from './load.ts';

const BATCH = 1_000;
const LANES = 4;

/** Scalars over HTTP in batches of 1,000: how many a second are on disk. */
export async function scalarsOverHttp(target: Target, seconds: number): Promise<number> {
  const tasks = await Promise.all(Array.from({ length: LANES }, (_, lane) => newTask(target, `ingest ${lane}`)));
  let next = 0;
  return await sustained(seconds, LANES, async () => {
    const from = next;
    next += BATCH;
    await target.lines(scalarLines(tasks[(from / BATCH) % LANES] ?? '', from));
    return BATCH;
  });
}

/** Written as text, so that the load takes as little of the two cores as it can. */
function scalarLines(task: string, from: number): string {
  let lines = '';
  for (let index = 0; index < BATCH; index += 1)
    lines += `{"type":"training_stats_scalar","task":"${task}","metric":"loss","variant":"v${index % 10}","iter":${from + index},"value":${(from + index) / 7}}\n`;
  return lines;
}

export async function newTask(target: Target, name: string): Promise<string> {
  return (await target.session.call<{ id: string }>('tasks.create', { name, type: 'testing' })).id;
}

/** The same rows straight into the same PostgreSQL, with multi-row inserts. */
export async function rawInserts(target: Target, seconds: number): Promise<number> {
  const database = createDatabase({ url: target.postgres, connections: LANES });
  const { pool } = database;
  await pool.query(
    'create table raw_scalars (task int, metric text, variant text, iter bigint, value float8, time bigint, primary key (task, metric, variant, iter))',
  );
  let next = 0;
  const rate = await sustained(seconds, LANES, async () => {
    const from = next;
    next += BATCH;
    const rows = Array.from({ length: BATCH }, (_, index) => index);
    await pool.query(
      'insert into raw_scalars select $1, $2, v, i, x, t from unnest($3::text[], $4::bigint[], $5::float8[], $6::bigint[]) as r(v, i, x, t)',
      [
        1,
        'loss',
        rows.map((index) => `v${index % 10}`),
        rows.map((index) => from + index),
        rows.map((index) => (from + index) / 7),
        rows.map(() => Date.now()),
      ],
    );
    return BATCH;
  });
  await pool.query('drop table raw_scalars');
  await database.stop();
  return rate;
}
