import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { parseConfig } from '@ranloop/kit/config';
import { silentLog } from '@ranloop/kit/log';
import { createMetrics } from '@ranloop/kit/metrics';
import { afterEach, expect, test } from 'vitest';
import type { PeriodReport } from '../plant.ts';
import { createO1, measurementEvents, o1Config } from './index.ts';

const EPOCH = 1_700_000_000_000_000;
const EMBB = { snssai: '01000001', name: 'eMBB' } as const;

function period(start: number, elements = ['gnb-1']): PeriodReport {
  return {
    start,
    end: start + 60,
    cells: elements.flatMap((managedElement) =>
      [1, 2].map((number) => ({
        cell: {
          index: number - 1,
          managedElement,
          dn: `ManagedElement=${managedElement},GNBDUFunction=1,NRCellDU=${number}`,
          ncI: number,
          prbs: 273,
        },
        counters: { 'RRU.PrbTotDl': 37 + number, 'PEE.AvgPower': 210.5, 'DRB.UEThpDl': 0.0000001 },
        slices: [{ slice: EMBB, counters: { 'RRU.PrbUsedDl': 41, 'DRB.RlcSduDelayDl': Number.NaN } }],
      })),
    ),
  };
}

type Body = { event?: Event; eventList?: Event[] };
type Event = { commonEventHeader: { eventId: string; sourceName: string } };

/** A collector that answers as it is told; 202 when it is told nothing. */
async function collector(answer: (body: Body, call: number) => number = () => 202) {
  const calls: { path: string; authorization: string | undefined; body: Body }[] = [];
  const server: Server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      const body = JSON.parse(text) as Body;
      calls.push({ path: request.url ?? '', authorization: request.headers.authorization, body });
      const status = answer(body, calls.length);
      if (status === 0) request.socket.destroy();
      else response.writeHead(status).end();
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  stops.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { calls, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function reporter(vesUrl: string, config: object = {}) {
  const given = { vesUrl, epochMicros: EPOCH, retryMs: { least: 1, most: 5 }, ...config };
  const o1 = createO1(parseConfig(o1Config, given, 'o1'), { log: silentLog(), metrics: createMetrics() });
  stops.unshift(() => o1.stop());
  await o1.start();
  return o1;
}

test('a period becomes one event per ManagedElement, a hash map of texts per cell', () => {
  const events = measurementEvents(period(60, ['gnb-1', 'gnb-2']), { sourcePrefix: '', epochMicros: EPOCH });
  expect(events.map(({ commonEventHeader }) => commonEventHeader.sourceName)).toEqual(['gnb-1', 'gnb-2']);
  expect(events[0]?.commonEventHeader).toMatchObject({
    domain: 'measurement',
    eventName: 'Measurement_Ranloop-Sim_NRCellDU',
    startEpochMicrosec: 1_700_000_060_000_000,
    lastEpochMicrosec: 1_700_000_120_000_000,
    sequence: 0,
    version: '4.1',
    vesEventListenerVersion: '7.2.1',
  });
  expect(events[0]?.measurementFields).toEqual({
    measurementFieldsVersion: '4.0',
    measurementInterval: 60,
    additionalMeasurements: [1, 2].map((number) => ({
      name: `ManagedElement=gnb-1,GNBDUFunction=1,NRCellDU=${number}`,
      hashMap: {
        'RRU.PrbTotDl': String(37 + number),
        'PEE.AvgPower': '210.5',
        'DRB.UEThpDl': '0.0000001',
        'RRU.PrbUsedDl.01000001': '41',
      },
    })),
  });
  const ids = [0, 60].flatMap((start) =>
    measurementEvents(period(start, ['gnb-1', 'gnb-2']), { sourcePrefix: '', epochMicros: EPOCH }).map(
      ({ commonEventHeader }) => commonEventHeader.eventId,
    ),
  );
  expect(new Set(ids).size).toBe(4);
});

test('a twin reports under a name of its own, in the source and in the DNs', () => {
  const [event] = measurementEvents(period(0), { sourcePrefix: 'twin-static-', epochMicros: EPOCH });
  expect(event?.commonEventHeader.sourceName).toBe('twin-static-gnb-1');
  expect(event?.measurementFields?.additionalMeasurements?.[0]?.name).toBe(
    'ManagedElement=twin-static-gnb-1,GNBDUFunction=1,NRCellDU=1',
  );
});

interface Validate {
  (value: unknown): boolean;
  errors: unknown;
}
const ROOT = resolve(import.meta.dirname, '../../../..');
const SCHEMA = resolve(ROOT, '../shared/data/ves/CommonEventFormat_30.2.1_ONAP.json');
test.skipIf(!existsSync(SCHEMA))(
  'events match the ONAP schema 30.2.1 (skipped where the schema is not at hand)',
  () => {
    // ajv-draft-04 is a dependency of the collector, not of this package.
    const { default: Ajv } = createRequire(resolve(ROOT, 'packages/non-rt-ric/package.json'))('ajv-draft-04') as {
      default: new (options: object) => { compile(schema: unknown): Validate };
    };
    const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
    const validate = ajv.compile(JSON.parse(readFileSync(SCHEMA, 'utf8')));
    const eventList = measurementEvents(period(0, ['gnb-1', 'gnb-2']), {
      sourcePrefix: 'twin-static-',
      epochMicros: EPOCH,
    });
    for (const event of eventList) {
      validate({ event });
      expect(validate.errors).toBeNull();
    }
    validate({ eventList });
    expect(validate.errors).toBeNull();
    // The check is worth something: a measurement without its interval is refused.
    const [first] = eventList;
    expect(validate({ event: { ...first, measurementFields: { measurementFieldsVersion: '4.0' } } })).toBe(false);
  },
);

test('a report is accepted when the collector has accepted it, with credentials, on the single path', async () => {
  const ves = await collector();
  const o1 = await reporter(ves.url, { username: 'sim', password: 'a:b' });
  await o1.send(period(0));
  expect(ves.calls).toHaveLength(1);
  expect(ves.calls[0]).toMatchObject({ path: '/eventListener/v7', authorization: 'Basic c2ltOmE6Yg==' });
  expect(ves.calls[0]?.body.event?.commonEventHeader.sourceName).toBe('gnb-1');
});

test('history goes in batches, in order', async () => {
  const ves = await collector();
  const o1 = await reporter(ves.url, { batchEvents: 4 });
  await Promise.all(Array.from({ length: 10 }, (_, i) => o1.send(period(60 * i))));
  expect(ves.calls.map(({ path, body }) => [path, body.eventList?.length ?? 1])).toEqual([
    ['/eventListener/v7', 1],
    ['/eventListener/v7/eventBatch', 4],
    ['/eventListener/v7/eventBatch', 4],
    ['/eventListener/v7', 1],
  ]);
  const ids = ves.calls
    .flatMap(({ body }) => body.eventList ?? [body.event])
    .map((event) => event?.commonEventHeader.eventId);
  expect(ids).toEqual(Array.from({ length: 10 }, (_, i) => `measurement-gnb-1-${EPOCH + 60e6 * (i + 1)}`));
  expect(o1.waiting).toBe(0);
});

test('a collector that fails or cuts the line gets the same events again, before any later one', async () => {
  const ves = await collector((_body, call) => [503, 0, 202, 500, 202][call - 1] ?? 202);
  const o1 = await reporter(ves.url, { batchEvents: 1 });
  await Promise.all([o1.send(period(0)), o1.send(period(60))]);
  const starts = ves.calls.map(({ body }) => Number(body.event?.commonEventHeader.eventId.split('-').at(-1)) - EPOCH);
  expect(starts).toEqual([60e6, 60e6, 60e6, 120e6, 120e6]);
});

test('one refused event does not take its batch with it', async () => {
  const bad = `measurement-gnb-1-${EPOCH + 180e6}`;
  const ves = await collector(({ event, eventList }) =>
    (eventList ?? (event ? [event] : [])).some(({ commonEventHeader }) => commonEventHeader.eventId === bad)
      ? 400
      : 202,
  );
  const o1 = await reporter(ves.url);
  const outcomes = await Promise.allSettled(Array.from({ length: 5 }, (_, i) => o1.send(period(60 * i))));
  expect(outcomes.map(({ status }) => status)).toEqual([
    'fulfilled',
    'fulfilled',
    'rejected',
    'fulfilled',
    'fulfilled',
  ]);
  expect(outcomes[2]).toMatchObject({ reason: { code: 'RL_UPSTREAM' } });
});

test('a full spool refuses, and stopping tells those that wait', async () => {
  const ves = await collector(() => 503);
  const o1 = await reporter(ves.url, { spoolReports: 2 });
  const waiting = [o1.send(period(0)), o1.send(period(60))].map((sent) =>
    sent.catch((error: { code: string }) => error.code),
  );
  await expect(o1.send(period(120))).rejects.toMatchObject({ code: 'RL_BUSY' });
  await o1.stop();
  expect(await Promise.all(waiting)).toEqual(['RL_UPSTREAM', 'RL_UPSTREAM']);
});
