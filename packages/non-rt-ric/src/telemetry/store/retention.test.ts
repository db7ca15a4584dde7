import type { Aggregate, TelemetryQuery, TelemetryResult } from '@ranloop/contracts/r1';
import { silentLog } from '@ranloop/kit/log';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRig, measurement, type Rig, T0 } from '../testing/rig.ts';
import { createPartitions, WEEK } from './partitions.ts';
import { createRetention } from './retention.ts';
import { createRollups } from './rollups.ts';

const MINUTE = 60_000_000;
const DAY = 1_440 * MINUTE;
const AGGREGATES: readonly Aggregate[] = ['avg', 'min', 'max', 'sum', 'count', 'last'];
const LATEST = T0 + 60 * DAY;

let rig: Rig;
let turn: (now?: number) => Promise<void>;
let sent = 0;
beforeAll(async () => {
  rig = await createRig();
  const { database } = rig;
  const rollups = createRollups(database, 1e9, silentLog());
  const partitions = createPartitions(database, 600);
  const policy = { retentionDays: 14, summaryDays: 40 };
  const retention = createRetention(policy, { database, partitions, rollups, log: silentLog() });
  turn = (now = LATEST) => retention.turn(now);
});
afterAll(() => rig.stop());

async function send(times: readonly number[], value: (index: number) => number): Promise<number> {
  const eventList = times.map((time, index) => {
    sent += 1;
    const objects = { 'NRCellDU=1': { 'RRU.PrbTotDl': String(value(index)) } };
    return measurement({ eventId: `k${sent}`, source: 'kept', time, objects });
  });
  return (await rig.post({ eventList }, { path: '/eventListener/v7/eventBatch' })).status;
}

const ask = (more: Partial<TelemetryQuery>) =>
  rig.query({ counters: ['RRU.PrbTotDl'], from: T0, to: T0 + 10 * DAY, ...more });

async function coarse(): Promise<TelemetryResult[]> {
  const answers: TelemetryResult[] = [];
  const ranges = [
    [T0, T0 + 10 * DAY],
    [T0 + 35 * MINUTE, T0 + 130 * MINUTE],
  ] as const;
  for (const aggregate of AGGREGATES)
    for (const [from, to] of ranges) {
      for (const step of [300, 900, 3_600]) answers.push(await ask({ from, to, step, aggregate }));
      answers.push(await ask({ from, to, aggregate }));
    }
  return answers;
}

async function tables(prefix: string): Promise<number[]> {
  const { rows } = await rig.database.pool.query<{ week: number }>(
    `select replace(relname, $1, '')::integer as week from pg_class
     where relkind = 'r' and relname like $1 || '%' order by 1`,
    [prefix],
  );
  return rows.map(({ week }) => week - Math.floor(T0 / WEEK));
}

test('a clock that jumps ahead drops nothing that the newest sample does not make old', async () => {
  // Every 17th value is out of its range, so suspect.
  const values = (minute: number) => (minute % 17 === 16 ? 500 : (minute * 7) % 101);
  const minutes = Array.from({ length: 200 }, (_, minute) => T0 + minute * MINUTE);
  expect(await send(minutes, values)).toBe(202);
  await turn(T0 + 10_000 * DAY);
  expect(await tables('points_w')).toEqual([0]);
});

test('samples are dropped once they are summarised, and coarse queries answer as before', async () => {
  const before = await coarse();
  expect(before.every(({ series }) => series.length === 1)).toBe(true);
  await rig.post({
    event: measurement({
      eventId: 'newest',
      source: 'newest',
      time: LATEST,
      objects: { 'NRCellDU=9': { 'Acme.V': '1' } },
    }),
  });
  // The first turn summarises, the second drops.
  await turn(T0 + 30 * DAY);
  expect(await tables('points_w')).toEqual([0, 9]);
  await turn(T0 + 30 * DAY);
  expect(await tables('points_w')).toEqual([9]);
  expect(await coarse()).toEqual(before);
});

test('what only samples could answer is told, not left out in silence', async () => {
  // The week of T0 begins on a Thursday, so the range ends within the week after it.
  const end = (Math.floor(T0 / WEEK) + 1) * WEEK;
  const told = { series: [], summarised: [[T0, end]] };
  expect(await ask({})).toEqual(told);
  expect(await ask({ step: 60 })).toEqual(told);
  const doubtful = await ask({ step: 3_600, aggregate: 'max', includeSuspect: true });
  expect(doubtful.summarised).toEqual([[T0, end]]);
  expect(doubtful.series[0]?.points[0]).toEqual([T0, 99]);
});

test('a sample that comes too late for its week is refused, and the summaries stay', async () => {
  const before = await coarse();
  // The room finds out that its week was dropped elsewhere, and asks for the event again; then it knows.
  expect(await send([T0 + 5 * MINUTE], () => 1)).toBe(503);
  expect(await send([T0 + 5 * MINUTE], () => 1)).toBe(400);
  expect(await coarse()).toEqual(before);
});

test('summaries are dropped when their days are over', async () => {
  await turn();
  expect([await tables('points_w'), await tables('rollups_w')]).toEqual([[9], []]);
  expect((await rig.database.pool.query('select from telemetry.rolled')).rows).toEqual([]);
  expect(await ask({ step: 3_600 })).toEqual({ series: [] });
});

test('an hour that is written to between summary and drop is summarised again first', async () => {
  const late = LATEST - 17 * DAY;
  expect(await send([late], () => 10)).toBe(202);
  await turn();
  expect(await send([late + MINUTE], () => 30)).toBe(202);
  await turn();
  expect(await tables('points_w')).toEqual([6, 9]);
  await turn();
  expect(await tables('points_w')).toEqual([9]);
  const hour = await ask({ from: late, to: late + 60 * MINUTE, step: 3_600 });
  expect(hour.series[0]?.points.map(([, value]) => value)).toEqual([20]);
});
