import type { Service } from '@ranloop/kit/lifecycle';
import type { Log } from '@ranloop/kit/log';
import type { Metrics } from '@ranloop/kit/metrics';
import type { PeriodReport } from '../plant.ts';
import type { O1Config } from './config.ts';
import { measurementEvents } from './events.ts';
import { createSender } from './sender.ts';

export { type O1Config, o1Config } from './config.ts';
export { measurementEvents } from './events.ts';

export interface O1 extends Service {
  /**
   * Resolves when the collector has accepted the period; who awaits it cannot run ahead of the collector. Calls that do
   * not wait are sent in order and in batches. Rejects with RL_BUSY when the spool is full (nothing was taken), with
   * RL_UPSTREAM when the collector refuses the event for good, or this stops before it was accepted.
   */
  send(report: PeriodReport): Promise<void>;
  /** Reports that are not accepted yet. */
  readonly waiting: number;
}

export function createO1(config: O1Config, { log, metrics }: { log: Log; metrics: Metrics }): O1 {
  const events = metrics.counter('ran_o1_events_total', 'VES events by outcome', ['outcome']);
  const sender = createSender(config, { log, count: (outcome, number) => events.inc({ outcome }, number) });
  return {
    send: (report) => sender.send(measurementEvents(report, config).map((event) => JSON.stringify(event))),
    get waiting() {
      return sender.waiting;
    },
    async start() {
      sender.start();
    },
    stop: () => sender.stop(),
  };
}
