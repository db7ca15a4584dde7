import { parseConfig } from '@ranloop/kit/config';
import { createTracking, trackingConfig } from '@ranloop/training/tracking';
import { openBench } from '../support.ts';

/** What the server process says to the process that loads it. */
export type Told = { ready: { url: string; postgres: string } } | { megabytes: number };

/** The tracking server alone, in a process of its own with an embedded PostgreSQL, so that its memory can be told from the load's. */
const bench = await openBench();
const http = bench.host('api');
const tracking = createTracking(parseConfig(trackingConfig, {}, 'tracking'), {
  http: http.app,
  database: bench.database,
  ...bench.deps,
});
await tracking.start();
await http.start();

let most = 0;
const watch = setInterval(() => {
  most = Math.max(most, process.memoryUsage.rss());
}, 200);

const tell = (message: Told) => process.send?.(message);
process.on('message', (asked) => {
  if (asked === 'memory') {
    tell({ megabytes: Math.round(most / 1024 ** 2) });
    most = 0;
  } else void stop();
});
process.once('disconnect', () => void stop());
tell({ ready: { url: http.url, postgres: bench.postgres } });

async function stop() {
  clearInterval(watch);
  await http.stop();
  await tracking.stop();
  await bench.stop();
  process.exit(0);
}
