import { RanloopError } from '@ranloop/contracts/errors';
import type { PrbRatio } from '@ranloop/contracts/r1';

/** Upper bound of the demand of one slice for the period that is decided on, in PRB, margin included. */
export interface SliceDemand {
  /** SST, or SST and SD, in hex; the SST decides the priority and whether PRBs are dedicated. */
  readonly snssai: string;
  readonly upper: number;
}

export interface RatioOfSlice {
  readonly snssai: string;
  readonly ratio: PrbRatio;
}

export interface AllocateOptions {
  /** SSTs from the first served to the last when the sum exceeds the cell; those not named come after. */
  readonly priority?: readonly number[];
  /** SSTs whose minimum is dedicated: idle PRBs of it are not lent, which is what keeps their delay. */
  readonly dedicated?: readonly number[];
}

const URLLC = 2;
const EMBB = 1;
const MIOT = 3;
const PRIORITY: readonly number[] = [URLLC, EMBB, MIOT];
const DEDICATED: readonly number[] = [URLLC];

/**
 * The rule by which every controller turns demand into quotas, so that they differ only in what they know. In order of
 * priority each slice gets its upper bound as `min` (for URLLC `dedicated` too) while the cell lasts; what is left is
 * shared, so `max` is 100. Ratios are whole percents, as E2SM-RC style 2 action 6 carries them: a bound is rounded up,
 * what remains of the cell is never exceeded, and the sum of `min` is at most 100. The answer keeps the given order.
 * A bound that is not a finite number from 0 is refused (RL_INVALID).
 */
export function allocate(
  demands: readonly SliceDemand[],
  cellPrbs: number,
  options: AllocateOptions = {},
): RatioOfSlice[] {
  refuseBad(demands, cellPrbs);
  const priority = options.priority ?? PRIORITY;
  const dedicated = options.dedicated ?? DEDICATED;
  const rank = (snssai: string) => {
    const at = priority.indexOf(sstOf(snssai));
    return at < 0 ? priority.length : at;
  };
  const order = demands.map((_, index) => index).sort((a, b) => rankAt(a) - rankAt(b) || a - b);
  function rankAt(index: number): number {
    return rank(demands[index]?.snssai ?? '');
  }

  const mins = demands.map(() => 0);
  let left = 100;
  for (const index of order) {
    const wanted = percentUp(demands[index]?.upper ?? 0, cellPrbs);
    const min = Math.min(wanted, left);
    mins[index] = min;
    left -= min;
  }
  return demands.map(({ snssai }, index) => {
    const min = mins[index] ?? 0;
    return { snssai, ratio: { min, max: 100, dedicated: dedicated.includes(sstOf(snssai)) ? min : 0 } };
  });
}

/** The slack keeps 27.3 of 273 PRB at 10 percent although the quotient is above 10 by a rounding. */
function percentUp(prbs: number, cellPrbs: number): number {
  return Math.max(0, Math.min(100, Math.ceil((prbs / cellPrbs) * 100 - 1e-9)));
}

function sstOf(snssai: string): number {
  return Number.parseInt(snssai.slice(0, 2), 16);
}

function refuseBad(demands: readonly SliceDemand[], cellPrbs: number): void {
  const fields = demands.flatMap(({ upper }, index) =>
    Number.isFinite(upper) && upper >= 0
      ? []
      : [{ path: `/demands/${index}/upper`, problem: 'must be a number of PRB from 0' }],
  );
  if (!(cellPrbs > 0)) fields.push({ path: '/cellPrbs', problem: 'must be above 0' });
  const first = fields[0];
  if (first) throw new RanloopError('RL_INVALID', `allocation: ${first.path} ${first.problem}`, { fields });
}
