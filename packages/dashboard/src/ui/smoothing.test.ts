import { describe, expect, it } from 'vitest';
import { smooth } from './smoothing.ts';

describe('smoothing', () => {
  it('gives the values themselves at weight 0', () => {
    expect(smooth([3, null, 5], 0)).toEqual([3, null, 5]);
  });

  it('starts at the first value, not at 0', () => {
    // Worked out for weight 0.5: 4; (4 + 2 * 8) / 3; (4 + 2 * 8 + 4 * 2) / 7.
    const [first, second, third] = smooth([4, 8, 2], 0.5);
    expect(first).toBeCloseTo(4, 12);
    expect(second).toBeCloseTo(20 / 3, 12);
    expect(third).toBeCloseTo(28 / 7, 12);
  });

  it('leaves gaps as gaps and goes on behind them', () => {
    expect(smooth([4, null, Number.NaN, 8], 0.5)).toEqual([4, null, Number.NaN, 20 / 3]);
  });
});
