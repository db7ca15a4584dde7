import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocate, sameWithin } from './index.ts';

const EMBB = '01000001';
const URLLC = '02000001';
const MIOT = '03000001';

const minsOf = (uppers: [number, number, number], prbs: number) =>
  allocate(
    [
      { snssai: EMBB, upper: uppers[0] },
      { snssai: URLLC, upper: uppers[1] },
      { snssai: MIOT, upper: uppers[2] },
    ],
    prbs,
  ).map(({ ratio }) => [ratio.min, ratio.dedicated, ratio.max]);

describe('the allocation of PRB ratios', () => {
  it('gives every slice its bound, rounded up to a percent, while the cell lasts', () => {
    expect(minsOf([100, 27.3, 10.1], 200)).toEqual([
      [50, 0, 100],
      [14, 14, 100],
      [6, 0, 100],
    ]);
  });

  it('does not add a percent for the rounding of a division', () => {
    expect(minsOf([27.3, 54.6, 0], 273)).toEqual([
      [10, 0, 100],
      [20, 20, 100],
      [0, 0, 100],
    ]);
  });

  it('serves URLLC, then eMBB, then mIoT when the sum exceeds the cell', () => {
    expect(minsOf([150, 60, 40], 200)).toEqual([
      [70, 0, 100],
      [30, 30, 100],
      [0, 0, 100],
    ]);
    expect(minsOf([10, 900, 10], 200)).toEqual([
      [0, 0, 100],
      [100, 100, 100],
      [0, 0, 100],
    ]);
  });

  it('ranks a slice type that is not in the order of priority last', () => {
    const ratios = allocate(
      [
        { snssai: '05', upper: 80 },
        { snssai: MIOT, upper: 80 },
      ],
      100,
    );
    expect(ratios.map(({ ratio }) => ratio.min)).toEqual([20, 80]);
  });

  it('refuses a bound that is no number and names it', () => {
    expect(() => minsOf([1, Number.NaN, 1], 100)).toThrow('/demands/1/upper');
    expect(() => minsOf([1, -1, 1], 100)).toThrow('/demands/1/upper');
    expect(() => minsOf([1, 1, 1], 0)).toThrow('/cellPrbs');
  });

  it('never promises more than the cell, and keeps dedicated <= min <= max in whole percents', () => {
    const demand = fc.record({
      snssai: fc.constantFrom(EMBB, URLLC, MIOT, '01', '02', '80ffffff'),
      upper: fc.double({ min: 0, max: 1e6, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(demand, { maxLength: 12 }), fc.integer({ min: 1, max: 275 }), (demands, prbs) => {
        const ratios = allocate(demands, prbs);
        expect(ratios.map(({ snssai }) => snssai)).toEqual(demands.map(({ snssai }) => snssai));
        expect(ratios.reduce((sum, { ratio }) => sum + ratio.min, 0)).toBeLessThanOrEqual(100);
        for (const { ratio } of ratios) {
          expect(Number.isInteger(ratio.min)).toBe(true);
          expect(ratio.dedicated).toBeLessThanOrEqual(ratio.min);
          expect(ratio.min).toBeLessThanOrEqual(ratio.max);
        }
        const asked = demands.reduce((sum, { upper }) => sum + upper, 0);
        if (asked <= prbs * (1 - demands.length / 100))
          ratios.forEach(({ ratio }, index) => {
            expect((ratio.min * prbs) / 100).toBeGreaterThanOrEqual((demands[index]?.upper ?? 0) - 1e-6);
          });
      }),
    );
  });
});

describe('hysteresis', () => {
  it('holds up to and including the given percentage points, in every part of the ratio', () => {
    const a = { min: 10, max: 100, dedicated: 10 };
    expect(sameWithin(a, { min: 12, max: 100, dedicated: 8 }, 2)).toBe(true);
    expect(sameWithin(a, { min: 12.5, max: 100, dedicated: 10 }, 2)).toBe(false);
    expect(sameWithin(a, { min: 10, max: 97, dedicated: 10 }, 2)).toBe(false);
    expect(sameWithin(a, { min: 10, max: 100, dedicated: 13 }, 2)).toBe(false);
  });
});
