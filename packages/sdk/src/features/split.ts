import { RanloopError } from '@ranloop/contracts/errors';

/** Row numbers of the three parts; every row of a part lies later than every row of the part before. */
export interface TimeSplit {
  readonly train: Uint32Array;
  readonly validate: Uint32Array;
  readonly test: Uint32Array;
  /** First times of the validation and test parts. */
  readonly validateFrom: number;
  readonly testFrom: number;
}

/**
 * Splits rows by time, never shuffled: shares of the time span (test gets the rest). Rows whose furthest target,
 * `reach` after their time, would lie in the next part are left out, so that no part has seen the answers of another.
 */
export function splitByTime(
  time: ArrayLike<number>,
  options: { train: number; validate: number; reach: number },
): TimeSplit {
  const { train, validate, reach } = options;
  if (!(train > 0 && validate >= 0 && train + validate <= 1))
    throw new RanloopError('RL_INVALID', 'shares must lie above 0 and add up to at most 1', {
      fields: [{ path: '/train', problem: 'train > 0, validate >= 0, train + validate <= 1' }],
    });
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < time.length; row++) {
    first = Math.min(first, time[row] as number);
    last = Math.max(last, time[row] as number);
  }
  const span = time.length > 0 ? last - first : 0;
  const validateFrom = first + train * span;
  const testFrom = first + (train + validate) * span;
  const rows = (from: number, to: number, end: number) => {
    const list: number[] = [];
    for (let row = 0; row < time.length; row++) {
      const at = time[row] as number;
      if (at >= from && at < to && at + reach < end) list.push(row);
    }
    return Uint32Array.from(list);
  };
  const never = Number.POSITIVE_INFINITY;
  return {
    train: rows(Number.NEGATIVE_INFINITY, validateFrom, validateFrom),
    validate: rows(validateFrom, testFrom, testFrom),
    test: rows(testFrom, never, never),
    validateFrom,
    testFrom,
  };
}
