/** Percent of the PRBs of a cell, any number. */
export interface Ratio {
  readonly min: number;
  readonly max: number;
  readonly dedicated: number;
}

/** What a slice has when no policy speaks for it. */
export const UNTOUCHED: Ratio = { min: 0, max: 100, dedicated: 0 };

export interface Wish {
  readonly snssai: string;
  readonly ratio: Ratio;
}

/** Decimal fractions of percents do not add up exactly: 33.3 + 33.3 + 33.4. */
const EPSILON = 1e-6;

/** URLLC (SST 2) before eMBB (1), mIoT (3), and all others; within a class by S-NSSAI, so that the order is total. */
const CLASSES = ['02', '01', '03'];
function priority(snssai: string): number {
  const index = CLASSES.indexOf(snssai.slice(0, 2));
  return index < 0 ? CLASSES.length : index;
}

export function byPriority(a: string, b: string): number {
  return priority(a) - priority(b) || (a < b ? -1 : a > b ? 1 : 0);
}

/**
 * Grants the wishes of a cell in the order of their priority for as long as their minima fit into it; a wish that does
 * not fit is refused as a whole. At most one wish a slice.
 */
export function grant(wishes: readonly Wish[]): { granted: Wish[]; refused: Wish[] } {
  const granted: Wish[] = [];
  const refused: Wish[] = [];
  let sum = 0;
  for (const wish of [...wishes].sort((a, b) => byPriority(a.snssai, b.snssai))) {
    const { min, max, dedicated } = wish.ratio;
    const ordered = 0 <= dedicated && dedicated <= min && min <= max && max <= 100;
    if (ordered && sum + min <= 100 + EPSILON) {
      granted.push(wish);
      sum += min;
    } else refused.push(wish);
  }
  return { granted, refused };
}

/**
 * Ratios on the air are whole percents. The minima are rounded by largest remainders, so that each is less than one off
 * and their sum is the rounded sum: what fitted still fits. The order dedicated <= min <= max is kept.
 */
export function wholePercents(wishes: readonly Wish[]): Wish[] {
  const floors = wishes.map(({ ratio }) => Math.floor(ratio.min + EPSILON));
  const total = Math.round(wishes.reduce((sum, { ratio }) => sum + ratio.min, 0));
  let left = total - floors.reduce((sum, floor) => sum + floor, 0);
  const remainders = wishes
    .map(({ ratio, snssai }, index) => ({ index, snssai, remainder: ratio.min - (floors[index] ?? 0) }))
    .sort((a, b) => b.remainder - a.remainder || byPriority(a.snssai, b.snssai));
  for (const { index, remainder } of remainders) {
    if (left <= 0 || remainder <= EPSILON) break;
    floors[index] = (floors[index] ?? 0) + 1;
    left--;
  }
  return wishes.map(({ snssai, ratio }, index) => {
    const min = floors[index] ?? 0;
    const max = Math.max(min, Math.round(ratio.max));
    return { snssai, ratio: { min, max, dedicated: Math.min(min, Math.round(ratio.dedicated)) } };
  });
}
