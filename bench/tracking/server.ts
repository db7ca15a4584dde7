import { parseConfig } from '@ranloop/kit/config';
import { createTracking, trackingConfig } from '@ranloop/training/tracking';
import { answerLoad } from '../peer.ts';
import { openBench } from '../support.ts';

/** The tracking server alone, with an embedded PostgreSQL. */
const bench = await openBench();
const http = bench.host('api');
const tracking = createTracking(parseConfig(trackingConfig, {}, 'tracking'), {
  http: http.app,
  database: bench.database,
  ...bench.deps,
});
await tracking.start();
await http.start();
answerLoad({ url: http.url, postgres: bench.postgres }, async () => {
  await http.stop();
  await tracking.stop();
  await bench.stop();
});
