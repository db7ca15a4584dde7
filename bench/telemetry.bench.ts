import { parseConfig } from '@ranloop/kit/config';
import { createTelemetry, telemetryConfig } from '@ranloop/non-rt-ric/telemetry';
import { BASIC, openBench, show, sustained } from './support.ts';

const SECONDS = Number(process.argv[2] ?? 20);
const COUNTERS = 20;
const START = Date.UTC(2025, 0, 6) * 1_000;

/** VES measurement events with 20 counters: stored, one a request and in batches, and then asked for. */
const bench = await openBench();
const ves = bench.host('ves');
const r1 = bench.host('r1');
const telemetry = createTelemetry(parseConfig(telemetryConfig, {}, 'telemetry'), {
  ves: [{ app: ves.app, open: true }],
  r1: r1.app,
  database: bench.database,
  stateFolder: bench.folder,
  ...bench.deps,
});
await telemetry.start();
await ves.start();
await r1.start();

let next = 0;
function event() {
  const index = next++;
  const time = START + Math.floor(index / 100) * 10_000_000;
  const source = `gnb-${index % 100}`;
  return {
    commonEventHeader: {
      domain: 'measurement',
      eventId: `bench-${index}`,
      eventName: 'Measurement_Bench-Bench_Cell',
      sourceName: source,
      reportingEntityName: source,
      startEpochMicrosec: time,
      lastEpochMicrosec: time + 10_000_000,
      priority: 'Normal',
      sequence: 0,
      version: '4.1',
      vesEventListenerVersion: '7.2.1',
    },
    measurementFields: {
      measurementFieldsVersion: '4.0',
      measurementInterval: 10,
      additionalMeasurements: [
        {
          name: `ManagedElement=${source},GNBDUFunction=1,NRCellDU=1`,
          hashMap: Object.fromEntries(
            Array.from({ length: COUNTERS }, (_, counter) => [`BENCH.Counter${counter}`, String(index % 1_000)]),
          ),
        },
      ],
    },
  };
}

const post = async (path: string, body: object) => {
  const answer = await fetch(`${ves.url}/eventListener/v7${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (answer.status !== 202) throw new Error(`${answer.status} ${await answer.text()}`);
  await answer.arrayBuffer();
};

const single = await sustained(SECONDS, 64, async () => {
  await post('', { event: event() });
  return 1;
});
const batched = await sustained(SECONDS, 4, async () => {
  await post('/eventBatch', { eventList: Array.from({ length: 100 }, event) });
  return 100;
});
const began = performance.now();
const answer = await fetch(`${r1.url}/r1/telemetry/v1/query`, {
  method: 'POST',
  headers: { 'content-type': 'application/json', authorization: BASIC },
  body: JSON.stringify({
    counters: ['BENCH.Counter0'],
    from: START,
    to: START + 86_400_000_000,
    step: 300,
    aggregate: 'avg',
  }),
});
await answer.arrayBuffer();

console.log(`events, one a request     ${show(single)}/s  (${show(single * COUNTERS)} samples/s)`);
console.log(`events, batches of 100    ${show(batched)}/s  (${show(batched * COUNTERS)} samples/s)`);
console.log(`one counter of 100 cells, averaged to 5 min: ${Math.round(performance.now() - began)} ms`);
console.log(`memory of the process (server and load) ${Math.round(process.memoryUsage.rss() / 1024 ** 2)} MB`);
await r1.stop();
await ves.stop();
await telemetry.stop();
await bench.stop();
