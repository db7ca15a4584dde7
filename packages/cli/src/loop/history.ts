import type { PeriodReport, Plant } from '@ranloop/ran/radio';
import type { Plan } from './plan.ts';

export interface HistoryParts {
  /** Stands at the end of what was reported already. */
  readonly plant: Plant;
  readonly plan: Plan;
  /** Resolves when the collector has acknowledged them. */
  readonly send: (reports: readonly PeriodReport[]) => Promise<void>;
  readonly save: (plan: Plan) => Promise<void>;
  readonly signal: AbortSignal;
  readonly onProgress: (fraction: number) => void;
}

const REPORTS_A_BATCH = 240;

/**
 * Simulates ahead to `untilSeconds` and reports it as any RAN would, through the VES collector. The next batch is
 * simulated while the last one is on its way.
 */
export async function reportHistory(parts: HistoryParts, untilSeconds: number): Promise<number> {
  const { plant, plan } = parts;
  const from = plant.now;
  let under: Promise<void> = Promise.resolve();
  let periods = 0;
  while (plant.now < untilSeconds) {
    parts.signal.throwIfAborted();
    const batch: PeriodReport[] = [];
    while (plant.now < untilSeconds && batch.length < REPORTS_A_BATCH) batch.push(plant.advancePeriod());
    await under;
    const reached = plant.now;
    periods += batch.length;
    under = parts.send(batch).then(async () => {
      plan.reportedSeconds = reached;
      await parts.save(plan);
    });
    // A failure is thrown where it is awaited; until then it must not count as unhandled.
    under.catch(() => undefined);
    parts.onProgress((reached - from) / (untilSeconds - from));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await under;
  return periods;
}
