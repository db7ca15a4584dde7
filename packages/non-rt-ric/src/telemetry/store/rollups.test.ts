import type { Aggregate, Series, TelemetryQuery } from '@ranloop/contracts/r1';
import { silentLog } from '@ranloop/kit/log';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRig, measurement, type Rig, T0 } from '../testing/rig.ts';
import { createRollups, HOUR, WRITERS_LOCK } from './rollups.ts';

const MINUTE = 60_000_000;
const AGGREGATES: readonly Aggregate[] = ['avg', 'min', 'max', 'sum', 'count', 'last'];

let rig: Rig;
let roll: () => Promise<number>;
let sent = 0;
beforeAll(async () => {
  rig = await createRig({ rollupRows: 0 });
  const rollups = createRollups(rig.database, 0, silentLog());
  roll = async () => {
    await rig.database.pool.query('analyze telemetry.points');
    return rollups.roll();
  };
});
afterAll(() => rig.stop());

/** PRB use of two cells; every 17th value is out of its range, so suspect. */
async function send(from: number, to: number, value: (minute: number) => number): Promise<void> {
  const eventList = Array.from({ length: to - from }, (_, index) => {
    const minute = from + index;
    sent += 1;
    const cells = { 'NRCellDU=1': { 'RRU.PrbTotDl': String(value(minute)) }, 'NRCellDU=2': { 'RRU.PrbTotDl': '50' } };
    return measurement({ eventId: `r${sent}`, source: 'rolled', time: T0 + minute * MINUTE, objects: cells });
  });
  expect((await rig.post({ eventList }, { path: '/eventListener/v7/eventBatch' })).status).toBe(202);
}

async function everything(): Promise<Series[][]> {
  const answers: Series[][] = [];
  for (const aggregate of AGGREGATES) {
    for (const step of [300, 900, 3_600]) {
      for (const [from, to] of [
        [0, 400 * MINUTE],
        [7 * MINUTE + 5, 251 * MINUTE + 3],
      ] as const) {
        const query: TelemetryQuery = { counters: ['RRU.PrbTotDl'], from: T0 + from, to: T0 + to, step, aggregate };
        answers.push((await rig.query(query)).series);
      }
    }
  }
  return answers;
}

async function rolledHours(): Promise<number[]> {
  const { rows } = await rig.database.pool.query<{ hour: number }>(
    'select hour from telemetry.rolled where done order by hour',
  );
  return rows.map(({ hour }) => hour - T0 / HOUR);
}

test('summaries answer as the points do, are dropped by a late value, and are made again', async () => {
  // Whole numbers, so that sums and means are exact whichever way they are added up.
  await send(0, 330, (minute) => (minute % 17 === 16 ? 500 : (minute * 7) % 101));
  const before = await everything();
  expect(await roll()).toBe(5);
  expect(await rolledHours()).toEqual([0, 1, 2, 3, 4]);
  expect(await everything()).toEqual(before);

  await send(61, 62, () => 99);
  expect(await rolledHours()).toEqual([0, 2, 3, 4]);
  const hour = {
    counters: ['RRU.PrbTotDl'],
    from: T0 + HOUR,
    to: T0 + 2 * HOUR,
    step: 3_600,
    aggregate: 'max',
  } satisfies TelemetryQuery;
  const objects = ['ManagedElement=rolled,NRCellDU=1'];
  expect((await rig.query({ ...hour, objects })).series[0]?.points).toEqual([[T0 + HOUR, 100]]);
  const late = await everything();
  expect(late).not.toEqual(before);
  expect(await roll()).toBe(1);
  expect(await everything()).toEqual(late);
});

test('the summaries are what is read, where they are valid', async () => {
  await rig.database.pool.query('update telemetry.rollups set max = 1000000');
  const query = {
    counters: ['RRU.PrbTotDl'],
    from: T0,
    to: T0 + HOUR,
    step: 300,
    aggregate: 'max',
  } satisfies TelemetryQuery;
  const values = async (more: object) => (await rig.query({ ...query, ...more })).series[0]?.points[0]?.[1];
  expect(await values({})).toBe(1_000_000);
  // Steps that cut buckets, and suspect values, are not in the summaries.
  expect(await values({ step: 420 })).toBeLessThan(101);
  expect(await values({ includeSuspect: true, to: T0 + 2 * HOUR, step: 7_200 })).toBe(500);
});

test('a value that is being written while its hour is summarised is not left out', async () => {
  await send(61, 62, () => 98);
  const { pool } = rig.database;
  const writer = await pool.connect();
  try {
    await writer.query(`begin; select pg_advisory_xact_lock_shared(${WRITERS_LOCK})`);
    await writer.query(
      `update telemetry.points set value = 77 where time = $1 and series_id in
       (select id from telemetry.series where dn like '%NRCellDU=1')`,
      [T0 + 61 * MINUTE],
    );
    const rolling = roll();
    await expect
      .poll(async () => (await pool.query('select 1 from telemetry.rolled where not done')).rows.length)
      .toBe(1);
    await writer.query('delete from telemetry.rolled where hour = $1', [T0 / HOUR + 1]);
    await writer.query('commit');
    expect(await rolling).toBe(0);
  } finally {
    writer.release();
  }
  expect(await roll()).toBe(1);
  const query = { counters: ['RRU.PrbTotDl'], from: T0 + 61 * MINUTE, to: T0 + 62 * MINUTE };
  expect((await rig.query(query)).series[0]?.points).toEqual([[T0 + 61 * MINUTE, 77]]);
});
