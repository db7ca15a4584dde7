import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createShares, schedule } from './scheduler.ts';

interface Given {
  need: number[];
  weight?: number[];
  min?: number[];
  max?: number[];
  dedicated?: number[];
}

function share(given: Given, prbs: number) {
  const shares = createShares(given.need.length);
  const even = given.need.map(() => 1);
  shares.need.set(given.need);
  shares.weight.set(given.weight ?? even);
  shares.min.set(given.min ?? given.need.map(() => 0));
  shares.max.set(given.max ?? given.need.map(() => prbs));
  shares.dedicated.set(given.dedicated ?? given.need.map(() => 0));
  const idle = schedule(shares, prbs);
  return { granted: [...shares.granted].map((value) => Math.round(value * 1e6) / 1e6), idle };
}

describe('the scheduler', () => {
  it('gives everybody what they need when it fits', () => {
    expect(share({ need: [30, 20, 10] }, 100)).toEqual({ granted: [30, 20, 10], idle: 0 });
  });

  it('shares by users with data, and hands on what a small need leaves', () => {
    // 60 to slices of 1, 2 and 3 users: 10, 20, 30 each by right; the third needs only 12, and 1:2 share its 18.
    expect(share({ need: [100, 100, 12], weight: [1, 2, 3] }, 60).granted).toEqual([16, 32, 12]);
  });

  it('serves a minimum first and lends what is not needed of it', () => {
    expect(share({ need: [100, 100, 5], min: [50, 0, 20] }, 100).granted).toEqual([72.5, 22.5, 5]);
  });

  it('leaves idle what is dedicated to a slice that does not need it', () => {
    expect(share({ need: [100, 10, 0], min: [0, 30, 0], dedicated: [0, 30, 0] }, 100)).toEqual({
      granted: [70, 10, 0],
      idle: 20,
    });
  });

  it('lends a minimum beyond its dedicated part', () => {
    expect(share({ need: [100, 10, 0], min: [0, 30, 0], dedicated: [0, 15, 0] }, 100)).toEqual({
      granted: [85, 10, 0],
      idle: 5,
    });
  });

  it('stops at a maximum even when PRBs are left', () => {
    expect(share({ need: [100, 10, 0], max: [40, 100, 100] }, 100)).toEqual({ granted: [40, 10, 0], idle: 0 });
  });

  it('never grants more than the cell, a need or a maximum, keeps minima, and wastes nothing but what is dedicated', () => {
    const amount = fc.double({ min: 0, max: 300, noNaN: true });
    const slice = fc.record({
      need: amount,
      weight: fc.double({ min: 0.01, max: 50, noNaN: true }),
      min: fc.double({ min: 0, max: 1, noNaN: true }),
      max: fc.double({ min: 0, max: 1, noNaN: true }),
      dedicated: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(slice, { minLength: 1, maxLength: 6 }), (slices) => {
        const prbs = 273;
        const minima = slices.reduce((sum, { min }) => sum + min, 0);
        const min = slices.map((s) => (s.min * prbs) / Math.max(1, minima));
        const max = slices.map((s, i) => Math.max(min[i] ?? 0, s.max * prbs));
        const dedicated = slices.map((s, i) => s.dedicated * (min[i] ?? 0));
        const need = slices.map((s) => s.need);
        const { granted, idle } = share({ need, weight: slices.map((s) => s.weight), min, max, dedicated }, prbs);
        const used = granted.reduce((sum, value) => sum + value, 0);
        expect(used + idle).toBeLessThanOrEqual(prbs + 1e-4);
        granted.forEach((value, i) => {
          const most = Math.min(need[i] ?? 0, max[i] ?? 0);
          expect(value).toBeLessThanOrEqual(most + 1e-5);
          expect(value).toBeGreaterThanOrEqual(Math.min(most, min[i] ?? 0) - 1e-5);
        });
        const wanting = granted.some((value, i) => value < Math.min(need[i] ?? 0, max[i] ?? 0) - 1e-4);
        if (wanting) expect(used + idle).toBeGreaterThan(prbs - 1e-3);
      }),
    );
  });
});
