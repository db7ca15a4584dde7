import { type Peer, startPeer } from './peer.ts';
import { BASIC, eachOf, percentiles, show, sustained } from './support.ts';
import { createClient } from './telemetry/client.ts';
import { createEvents, periodOf, pmFile, START } from './telemetry/events.ts';

const SECONDS = Number(process.argv[2] ?? 20);
/** How long the server is kept at its full rate to see whether its memory grows. */
const SOAK_SECONDS = Number(process.argv[3] ?? 60);
const LANES = 64;
const BATCH = 100;
const CELLS = 500;
const PERIODS = Number(process.argv[4] ?? 8_640);

const server: Peer<{ ves: string; checked: string; r1: string }> = await startPeer('./telemetry/server.ts');
const { ves, checked, r1 } = server.ready;
const client = createClient();
const line = (what: string, found: string, wanted = '') =>
  console.log(`${what.padEnd(52)} ${found}${wanted && ` (${wanted})`}`);

async function expect(wanted: number, url: string, body: string, headers?: Readonly<Record<string, string>>) {
  const status = await client.post(url, body, headers);
  if (status !== wanted) throw new Error(`${url} answered ${status}, not ${wanted}`);
}

const one = (events: { next(): string }, at = ves) =>
  expect(202, `${at}/eventListener/v7`, `{"event":${events.next()}}`);

const forgotten = createEvents('checked');
const checking = await sustained(SECONDS, LANES, async () => {
  await one(forgotten, checked);
  return 1;
});
const events = createEvents('single');
line('an event', `${Buffer.byteLength(createEvents('single').next())} bytes, 20 counters`);
const single = await sustained(SECONDS, LANES, async () => {
  await one(events);
  return 1;
});
line('events parsed and checked', `${show(checking)}/s`);
line('events stored, one a request', `${show(single)}/s`, 'at least 2,000/s');
line('ratio to parsing and checking', (single / checking).toFixed(2), 'at least 0.50');

/** At half of the rate: arrivals at even distances, whatever the server does, so that waiting counts. */
const times: number[] = [];
const distance = 2_000 / single;
const began = performance.now();
const open: Promise<void>[] = [];
for (let index = 0; index * distance < SECONDS * 1_000; index += 1) {
  const due = began + index * distance;
  if (due > performance.now() + 1) await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
  open.push(one(events).then(() => void times.push(performance.now() - due)));
}
await Promise.all(open);
const { p50, p99 } = percentiles(times);
line('latency at half of that rate', `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`, 'p99 at most 50 ms');

const batches = createEvents('batch');
const batched = await sustained(SECONDS, 4, async () => {
  const list = Array.from({ length: BATCH }, () => batches.next());
  await expect(202, `${ves}/eventListener/v7/eventBatch`, `{"eventList":[${list.join(',')}]}`);
  return BATCH;
});
line('events stored, batches of 100', `${show(batched)}/s  (${show(batched * 20)} samples/s)`);

const upload = { authorization: BASIC, 'content-type': 'application/xml' };
const files: number[] = [];
for (let number = 0; number < 20; number += 1) {
  const file = pmFile(number);
  const from = performance.now();
  await expect(200, `${r1}/r1/telemetry/v1/pm-files?source=pm&name=A${number}.xml`, file, upload);
  files.push(performance.now() - from);
}
line(
  `PM file of ${Math.round(pmFile(0).length / 1_000)} KB, uploaded and stored`,
  `median ${percentiles(files).p50.toFixed(0)} ms`,
  'at most 50 ms',
);

await eachOf(PERIODS, 4, (period) => expect(202, `${ves}/eventListener/v7`, `{"event":${periodOf(CELLS, period)}}`));
const query = JSON.stringify({
  counters: ['BENCH.Load'],
  from: START,
  to: START + 86_400_000_000,
  step: 300,
  aggregate: 'avg',
});
const queries: number[] = [];
for (let index = 0; index < 10; index += 1) {
  const from = performance.now();
  await expect(200, `${r1}/r1/telemetry/v1/query`, query, { authorization: BASIC, 'content-type': 'application/json' });
  queries.push(performance.now() - from);
}
line(
  '500 cells, a day at 10 s, averaged to 5 min',
  `median ${percentiles(queries).p50.toFixed(0)} ms`,
  'at most 300 ms',
);

await server.memory();
const memory: number[] = [];
for (let part = 0; part < 10; part += 1) {
  await sustained(SOAK_SECONDS / 10, LANES, async () => {
    await one(events);
    return 1;
  });
  memory.push(await server.memory());
}
line(`memory of the server over ${SOAK_SECONDS} s of full load`, `${memory.join(' ')} MB`);
client.close();
await server.stop();
