import { once } from 'node:events';
import { request } from 'node:http';
import type { Sample } from '@ranloop/contracts/r1';
import { TEST_BASIC } from '@ranloop/kit/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRig, measurement, type Rig, T0 } from './testing/rig.ts';

const WEEK = 7 * 86_400 * 1_000_000;
const CELL = 'GNBDUFunction=1,NRCellDU=3';

describe('the room', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await createRig({ mostWeeks: 4, mostBytesUnderWay: 4_194_304 });
  });
  afterAll(() => rig.stop());

  test('a measurement event becomes samples that a query finds, one per counter and subcounter', async () => {
    const objects = { [CELL]: { 'RRU.PrbUsedDl.010003e8': '41.5', 'RRU.PrbTotDl': '37' } };
    const answer = await rig.post({ event: measurement({ eventId: 'first', objects }) });
    expect(answer).toMatchObject({ status: 202, body: '' });
    const result = await rig.query({ counters: ['RRU.PrbUsedDl', 'RRU.PrbTotDl'], from: T0, to: T0 + 1 });
    const dn = `ManagedElement=gnb-1,${CELL}`;
    expect(result.series).toEqual([
      { counter: 'RRU.PrbTotDl', dn, source: 'gnb-1', unit: '%', points: [[T0, 37]] },
      { counter: 'RRU.PrbUsedDl', dn, source: 'gnb-1', snssai: '010003e8', unit: 'PRB', points: [[T0, 41.5]] },
    ]);
  });

  test('many requests at once are each stored once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        rig.post({
          event: measurement({
            eventId: `many-${index}`,
            source: `many-${index % 7}`,
            time: T0 + index,
            objects: { [CELL]: { 'Many.Value': String(index) } },
          }),
        }),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    const { series } = await rig.query({ counters: ['Many.Value'], from: T0, to: T0 + 1_000 });
    const values = series.flatMap(({ points }) => points.map(([time, value]) => [time - T0, value]));
    expect(values.sort(([a = 0], [b = 0]) => a - b)).toEqual(Array.from({ length: 200 }, (_, index) => [index, index]));
  });

  test('samples are streamed as they are committed, to those who asked for their counter', async () => {
    const ending = new AbortController();
    const response = await fetch(`${rig.r1}/r1/telemetry/v1/stream?counter=Streamed.Value`, {
      headers: { authorization: TEST_BASIC },
      signal: ending.signal,
    });
    const reader = (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader();
    const objects = { [CELL]: { 'Streamed.Value': '5', 'Other.Value': '6' } };
    await rig.post({ event: measurement({ eventId: 'stream', source: 'stream', objects }) });
    let text = '';
    while (!text.includes('event: samples')) text += (await reader.read()).value ?? '';
    while (!text.endsWith('\n\n')) text += (await reader.read()).value ?? '';
    ending.abort();
    expect(text).toMatch(/\nid: \w+-\d+\nevent: samples\n/);
    const data = /event: samples\ndata: (.*)\n/.exec(text)?.[1] ?? '[]';
    expect(JSON.parse(data) as Sample[]).toEqual([
      {
        counter: 'Streamed.Value',
        dn: `ManagedElement=stream,${CELL}`,
        source: 'stream',
        value: 5,
        unit: '',
        granularity: 60,
        time: T0,
        suspect: false,
      },
    ]);
  });

  test('the weeks that hold samples are bounded, whatever times senders make up', async () => {
    const send = (week: number) => {
      const objects = { [CELL]: { 'Week.Value': '1' } };
      return rig.post({
        event: measurement({ eventId: `w${week}`, source: 'weeks', time: T0 - week * WEEK, objects }),
      });
    };
    const statuses = [];
    for (let week = 0; week < 6; week += 1) statuses.push((await send(week)).status);
    expect(statuses).toEqual([202, 202, 202, 202, 400, 400]);
    const { series } = await rig.query({ counters: ['Week.Value'], from: T0 - 10 * WEEK, to: T0 + 1 });
    expect(series[0]?.points).toHaveLength(4);
  });

  test('requests beyond the memory set aside are answered 503 with SVC1000, and the next ones are taken again', async () => {
    const { hostname, port } = new URL(rig.ves);
    // Two senders that announce 2 MB and then say nothing; "100 Continue" tells that the listener has seen them.
    const silent = await Promise.all(
      Array.from({ length: 2 }, async () => {
        const open = request({ hostname, port, method: 'POST', path: '/eventListener/v7' });
        open.setHeader('content-type', 'application/json');
        open.setHeader('content-length', 2_097_152);
        open.setHeader('expect', '100-continue');
        open.on('error', () => undefined);
        open.flushHeaders();
        await once(open, 'continue');
        return open;
      }),
    );
    const event = measurement({ eventId: 'over', source: 'over', objects: { [CELL]: { 'Over.Value': '1' } } });
    const answer = await rig.post({ event });
    expect([answer.status, answer.body.includes('SVC1000')]).toEqual([503, true]);
    expect(answer.headers.get('retry-after')).toBe('1');
    for (const open of silent) open.destroy();
    await expect.poll(async () => (await rig.post({ event })).status, { timeout: 10_000 }).toBe(202);
  });

  test('counts of events and samples are there for the figure', async () => {
    const { events, samples } =
      await rig.get<Record<'events' | 'samples', { perSecond: number; total: number }>>('/stats');
    expect(events.total).toBeGreaterThan(200);
    expect(samples.total).toBeGreaterThanOrEqual(events.total);
  });

  test('the listener says whether it is ready', async () => {
    expect((await fetch(`${rig.ves}/healthcheck`)).status).toBe(200);
  });

  test('the database away: 503, and the event is stored once when it is sent again', async () => {
    const event = measurement({ eventId: 'away', source: 'away', objects: { [CELL]: { 'Away.Value': '1' } } });
    const { pool } = rig.database;
    // Sessions end in the middle of things for as long as this goes on.
    await pool.query(`create function telemetry.fail() returns trigger language plpgsql as
      $$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$`);
    await pool.query('create trigger fail before insert on telemetry.spans execute function telemetry.fail()');
    const answer = await rig.post({ event });
    expect([answer.status, answer.body.includes('SVC1000')]).toEqual([503, true]);
    await pool.query('drop trigger fail on telemetry.spans');
    expect((await rig.post({ event })).status).toBe(202);
    const { series } = await rig.query({ counters: ['Away.Value'], from: T0, to: T0 + 1 });
    expect(series.map(({ points }) => points)).toEqual([[[T0, 1]]]);
  });
});

test('samples older than the retention are dropped with their week, newer ones stay', async () => {
  const rig = await createRig({ retentionDays: 3_650 });
  try {
    const { pool } = rig.database;
    // A week of 2005 that an earlier configuration let in.
    const week = Math.floor((Date.UTC(2005, 0, 5) * 1_000) / WEEK);
    await pool.query(
      `create table telemetry.points_w${week} partition of telemetry.points for values from (${week * WEEK}) to (${(week + 1) * WEEK})`,
    );
    const recent = Math.floor((Date.now() * 1_000) / WEEK);
    await pool.query(
      `create table telemetry.points_w${recent} partition of telemetry.points for values from (${recent * WEEK}) to (${(recent + 1) * WEEK})`,
    );
    const { createPartitions } = await import('./store/partitions.ts');
    expect(await createPartitions(rig.database, 600).dropBefore(Date.now() * 1_000 - 3_650 * 86_400e6)).toBe(1);
    const { rows } = await pool.query(
      `select relname from pg_class where relname like 'points_w%' and relkind = 'r' order by 1`,
    );
    expect(rows).toEqual([{ relname: `points_w${recent}` }]);
  } finally {
    await rig.stop();
  }
});
