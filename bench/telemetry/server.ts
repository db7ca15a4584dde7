import { parseConfig } from '@ranloop/kit/config';
import { createTelemetry, telemetryConfig } from '@ranloop/non-rt-ric/telemetry';
import { answerLoad } from '../peer.ts';
import { openBench } from '../support.ts';

/** The telemetry room alone, with an embedded PostgreSQL. Refused events are not kept: refusing measures the checks. */
const bench = await openBench();
const ves = bench.host('ves');
const r1 = bench.host('r1');
const telemetry = createTelemetry(parseConfig(telemetryConfig, { mostRefused: 0 }, 'telemetry'), {
  ves: [{ app: ves.app, open: true }],
  r1: r1.app,
  database: bench.database,
  stateFolder: bench.folder,
  ...bench.deps,
});
await telemetry.start();
await ves.start();
await r1.start();
answerLoad({ ves: ves.url, r1: r1.url }, async () => {
  await r1.stop();
  await ves.stop();
  await telemetry.stop();
  await bench.stop();
});
