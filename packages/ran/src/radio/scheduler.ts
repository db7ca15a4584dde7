import { at } from './arrays.ts';

/** What the scheduler of one cell works on, by slice, in PRB. */
export interface Shares {
  /** PRB that would serve all that waits. */
  readonly need: Float64Array;
  /** Users with data: proportional fair gives each the same share of the air. */
  readonly weight: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly dedicated: Float64Array;
  /** The answer. */
  readonly granted: Float64Array;
}

export function createShares(slices: number): Shares {
  const array = () => new Float64Array(slices);
  return { need: array(), weight: array(), min: array(), max: array(), dedicated: array(), granted: array() };
}

/**
 * Shares the PRBs of a cell among its slices (TS 28.541 RRM policy ratios). A slice is sure of its minimum when it needs
 * it; what it does not need of it is lent, except the dedicated part, which lies idle. The rest goes by proportional fair:
 * in proportion to users with data, up to need and maximum, what one leaves going to the others. Returns the idle PRBs
 * that are reserved by `dedicated`. The sum of `min` must not exceed `prbs`, nor `dedicated` its `min`.
 */
export function schedule(shares: Shares, prbs: number): number {
  const { need, weight, min, max, dedicated, granted } = shares;
  const slices = need.length;
  let left = prbs;
  let reserved = 0;
  for (let s = 0; s < slices; s++) {
    const sure = Math.min(at(need, s), at(min, s), at(max, s));
    const idle = Math.max(0, at(dedicated, s) - sure);
    granted[s] = sure;
    left -= sure + idle;
    reserved += idle;
  }
  // Each round either fills a slice or spends what is left, so there are at most as many rounds as slices.
  for (let round = 0; round < slices && left > 1e-9; round++) {
    let weights = 0;
    for (let s = 0; s < slices; s++)
      if (Math.min(at(need, s), at(max, s)) - at(granted, s) > 1e-12) weights += at(weight, s);
    if (weights <= 0) break;
    const each = left / weights;
    let filled = false;
    for (let s = 0; s < slices; s++) {
      const wants = Math.min(at(need, s), at(max, s)) - at(granted, s);
      if (wants > 1e-12 && wants <= each * at(weight, s)) {
        granted[s] = at(granted, s) + wants;
        left -= wants;
        filled = true;
      }
    }
    if (filled) continue;
    for (let s = 0; s < slices; s++) {
      const wants = Math.min(at(need, s), at(max, s)) - at(granted, s);
      if (wants > 1e-12) granted[s] = at(granted, s) + each * at(weight, s);
    }
    break;
  }
  return reserved;
}
