import type { PeriodReport, Plant, Twins } from '@ranloop/ran/radio';
import { sleep } from '@ranloop/sdk/session';
import type { Plan } from './plan.ts';

export interface LiveParts {
  readonly plant: Plant;
  readonly twins: Twins;
  readonly plan: Plan;
  /** O1 of the RAN and of the static twin; resolves when the collector has acknowledged both. */
  readonly report: (live: PeriodReport, twin: PeriodReport) => Promise<void>;
  /** KPM indications and E1 exchanges of the period. */
  readonly indicate: (live: PeriodReport) => Promise<void>;
  /** Resolves when the rApp is done with the period that ends then, and its controls are in the scheduler. */
  readonly settled: (periodEndMicros: number) => Promise<void>;
  readonly save: (plan: Plan) => Promise<void>;
  readonly onPeriod: () => void;
  readonly signal: AbortSignal;
}

const SAVE_EVERY_PERIODS = 10;

/**
 * Runs the RAN for so many seconds of its own time. Simulated time waits for the loop at the end of each period, so a
 * slow machine gives the same figures as a quick one; `speed` (simulated seconds per second) is an upper bound.
 */
export async function runLive(
  parts: LiveParts,
  { seconds, speed }: { seconds: number; speed: number | undefined },
): Promise<void> {
  const { plant, twins, plan } = parts;
  const end = plant.now + seconds;
  const pace = createPace(plant.now, speed, parts.signal);
  for (let period = 1; plant.now < end; period += 1) {
    parts.signal.throwIfAborted();
    const live = plant.advancePeriod();
    const { static: twin } = twins.advancePeriod();
    await pace(live.end);
    await parts.report(live, twin);
    await parts.indicate(live);
    await parts.settled(plan.epochMicros + live.end * 1_000_000);
    plan.reportedSeconds = live.end;
    if (period % SAVE_EVERY_PERIODS === 0 || plant.now >= end) await parts.save(plan);
    parts.onPeriod();
  }
}

/** Resolves when a simulated time is due, at once when it is overdue; falling behind is not made up for later. */
function createPace(
  startSeconds: number,
  speed: number | undefined,
  signal: AbortSignal,
): (seconds: number) => Promise<void> {
  let origin = { simulated: startSeconds, real: performance.now() };
  return async (seconds) => {
    if (speed === undefined) return;
    const due = origin.real + ((seconds - origin.simulated) / speed) * 1_000;
    const wait = due - performance.now();
    if (wait <= 0) {
      origin = { simulated: seconds, real: performance.now() };
      return;
    }
    await sleep(wait, signal);
  };
}
