import type { Service } from '@ranloop/kit/lifecycle';
import type { Log } from '@ranloop/kit/log';
import type { Metrics } from '@ranloop/kit/metrics';
import type { PeriodReport, SliceIdentity } from '../plant.ts';
import type { E1Config } from './config.ts';
import { type CuCpStats, createCuCp } from './cu-cp.ts';
import { createCuUp } from './cu-up.ts';

export { type E1Config, e1Config } from './config.ts';
export type { CuCpStats } from './cu-cp.ts';

/** A gNB-CU-CP and a gNB-CU-UP that speak E1AP with each other over a socket. */
export interface E1 extends Service {
  /** Lets both ends act on a closed period; resolves when their exchange is done or timed out. */
  report(report: PeriodReport): Promise<void>;
  /** Resolves when the CU-UP is set up at the CU-CP. */
  connected(): Promise<void>;
  /** Where the CU-CP listens; known after `start`. */
  readonly port: number;
  stats(): CuCpStats;
}

export function createE1(
  config: E1Config,
  { slices, log, metrics }: { slices: readonly SliceIdentity[]; log: Log; metrics: Metrics },
): E1 {
  const messages = metrics.counter('ran_e1_messages_total', 'E1AP messages', ['end', 'direction', 'message']);
  const countAt = (end: string) => (direction: 'in' | 'out', message: string) =>
    messages.inc({ end, direction, message });
  const cuCp = createCuCp(config, { log, count: countAt('cu-cp') });
  const cuUp = createCuUp({ ...config, cuCpPort: () => cuCp.port }, { slices, log, count: countAt('cu-up') });
  return {
    get port() {
      return cuCp.port;
    },
    stats: () => cuCp.stats(),
    connected: () => cuUp.connected(),
    async report(report) {
      await cuUp.report(report);
      await cuCp.report(report);
    },
    async start() {
      await cuCp.start();
      await cuUp.start();
    },
    async stop() {
      await cuUp.stop();
      await cuCp.stop();
    },
  };
}
