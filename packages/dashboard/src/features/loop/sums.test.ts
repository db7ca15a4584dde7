import { describe, expect, it } from 'vitest';
import { gapClosed } from './gap.ts';
import { accumulate, sumByTime } from './sums.ts';

describe('sums over cells and slices', () => {
  it('adds what was measured at one time, in order of time, in seconds', () => {
    const a = [[2_000_000, 5] as const, [1_000_000, 1] as const];
    const b = [[2_000_000, 7] as const];
    expect(sumByTime([a, b])).toEqual({ x: [1, 2], y: [1, 12] });
  });

  it('runs on', () => {
    expect(accumulate([1, 0, 4])).toEqual([1, 1, 5]);
  });
});

describe('the gap to the oracle', () => {
  const seconds = { none: 100, static: 40, reactive: 42, loop: 25, oracle: 15 };

  it('is closed by the share that the loop has covered', () => {
    expect(gapClosed(seconds)).toBe(0.6);
  });

  it('is not known when static is as good as the oracle', () => {
    expect(gapClosed({ ...seconds, oracle: 40 })).toBeUndefined();
  });
});
