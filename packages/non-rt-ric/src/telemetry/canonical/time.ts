import type { TimeUnit } from '../model.ts';

/** Factor from a unit to microseconds. */
const TO_MICROS: Readonly<Record<TimeUnit, number>> = { s: 1_000_000, ms: 1_000, us: 1, ns: 0.001 };

/**
 * The unit of an epoch by its size. VES says microseconds, senders use others: between 1973 and 5138 the four ranges do
 * not overlap, since the same instant differs by a factor of 1,000 from one unit to the next.
 */
function epochUnit(epoch: number): TimeUnit {
  if (epoch < 1e11) return 's';
  if (epoch < 1e14) return 'ms';
  if (epoch < 1e17) return 'us';
  return 'ns';
}

/** Whole microseconds. */
export function epochMicros(epoch: number): { micros: number; unit: TimeUnit } {
  const unit = epochUnit(epoch);
  return { micros: Math.round(epoch * TO_MICROS[unit]), unit };
}

/** Microseconds: the times whose samples are stored. */
export interface TimeRules {
  readonly earliest: number;
  /** From now on. */
  readonly mostAhead: number;
  readonly now: () => number;
}

/** Why samples of this time are refused, if they are. */
export function instantProblem(time: number, { earliest, mostAhead, now }: TimeRules): string | undefined {
  if (time >= earliest && time <= now() + mostAhead) return undefined;
  const told = Math.abs(time) < 8.64e18 ? new Date(time / 1000).toISOString() : `${time} us`;
  return `means ${told}, which is outside the times that are stored`;
}
