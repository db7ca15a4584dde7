import { parseConfig } from '@ranloop/kit/config';
import { createTelemetry, telemetryConfig } from '@ranloop/non-rt-ric/telemetry';
import { createIdentities } from '../../packages/non-rt-ric/src/telemetry/canonical/index.ts';
import {
  createAdmission,
  createGuard,
  registerCollector,
} from '../../packages/non-rt-ric/src/telemetry/collector/index.ts';
import { createStndDefined } from '../../packages/non-rt-ric/src/telemetry/stnd-defined/index.ts';
import { answerLoad } from '../peer.ts';
import { openBench } from '../support.ts';

/** The telemetry room alone, with an embedded PostgreSQL; beside it a port whose events are parsed and checked, and forgotten. */
const bench = await openBench();
const ves = bench.host('ves');
const checked = bench.host('checked');
const r1 = bench.host('r1');
const config = parseConfig(telemetryConfig, {}, 'telemetry');
const telemetry = createTelemetry(config, {
  ves: [{ app: ves.app, open: true }],
  r1: r1.app,
  database: bench.database,
  stateFolder: bench.folder,
  ...bench.deps,
});
registerCollector(checked.app, true, {
  guard: createGuard(config, bench.deps.auth),
  batch: config.batch,
  admission: createAdmission(config.mostBytesUnderWay),
  writer: { submit: async () => ({ events: 0, repeated: 0, points: [] }), drain: async () => undefined },
  rules: {
    identities: createIdentities(config.mostSeriesCached),
    stndDefined: createStndDefined(config.stndDefined),
    filesFull: () => false,
    earliest: 0,
    mostAhead: 1e15,
    now: () => Date.now() * 1_000,
  },
  onRefused: () => undefined,
  ready: () => true,
  log: bench.deps.log,
});
await telemetry.start();
await checked.start();
await ves.start();
await r1.start();
answerLoad({ ves: ves.url, checked: checked.url, r1: r1.url }, async () => {
  await r1.stop();
  await checked.stop();
  await ves.stop();
  await telemetry.stop();
  await bench.stop();
});
