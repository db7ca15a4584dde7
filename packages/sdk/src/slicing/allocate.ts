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
  /**
   * By SST, the share of the upper bound without which the SLA fails anyway, 0..1; 1 for those not named. Below 1 for
   * elastic traffic: eMBB asks for a rate of its users, not for all that they could take.
   */
  readonly essential?: Readonly<Record<number, number>>;
  /** SSTs whose minimum is dedicated: idle PRBs of it are not lent, which is what keeps their delay. */
  readonly dedicated?: readonly number[];
}

const URLLC = 2;
const EMBB = 1;
const MIOT = 3;
const PRIORITY: readonly number[] = [URLLC, EMBB, MIOT];
const DEDICATED: readonly number[] = [URLLC];
const ESSENTIAL: Readonly<Record<number, number>> = { [EMBB]: 0.85 };

/**
 * The rule by which every controller turns demand into quotas, so that they differ only in what they know. When all upper
 * bounds fit into the cell, each slice gets its bound as `min` (URLLC as `dedicated` too). When they do not, priority
 * decides whose SLA is kept: in its order each slice gets the essential part of its bound if that still fits. A slice
 * whose essential part does not fit would probably fail with what is left, so it waits until those after it had theirs,
 * instead of pulling them down. Then, always in order of priority, what is left goes into essential parts, and last into
 * the rest of the bounds. What nobody reserves is shared: `max` is 100.
 *
 * Ratios are whole percents, as E2SM-RC style 2 action 6 carries them; bounds are rounded up, the sum of `min` is at most
 * 100. The answer keeps the given order. A bound that is not a finite number from 0 is refused (RL_INVALID).
 */
export function allocate(
  demands: readonly SliceDemand[],
  cellPrbs: number,
  options: AllocateOptions = {},
): RatioOfSlice[] {
  refuseBad(demands, cellPrbs);
  const { priority = PRIORITY, dedicated = DEDICATED, essential = ESSENTIAL } = options;
  const claims = demands.map(({ snssai, upper }, index) => {
    const sst = sstOf(snssai);
    const place = priority.indexOf(sst);
    return {
      index,
      rank: place < 0 ? priority.length : place,
      needed: percentUp(upper * (essential[sst] ?? 1), cellPrbs),
      wanted: percentUp(upper, cellPrbs),
    };
  });
  claims.sort((a, b) => a.rank - b.rank || a.index - b.index);

  const mins = demands.map(() => 0);
  let left = 100;
  const give = (index: number, upTo: number) => {
    const more = Math.min(left, upTo - (mins[index] ?? 0));
    mins[index] = (mins[index] ?? 0) + more;
    left -= more;
  };
  for (const { index, needed } of claims) if (needed <= left) give(index, needed);
  for (const { index, needed } of claims) give(index, needed);
  for (const { index, wanted } of claims) give(index, wanted);

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
