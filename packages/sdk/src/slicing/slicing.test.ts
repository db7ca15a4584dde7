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

  it('cuts elastic eMBB to its essential part before mIoT goes without', () => {
    // 30 % and 20 % leave 50 %: less than eMBB's 55 %, more than the 85 % of it that its SLA needs (46.75 %, so 47 %).
    expect(minsOf([110, 60, 40], 200)).toEqual([
      [50, 0, 100],
      [30, 30, 100],
      [20, 0, 100],
    ]);
  });

  it('keeps the SLAs of URLLC, then eMBB, then mIoT when not all can be kept', () => {
    // eMBB needs 85 % of 75 %: 64 %. That leaves mIoT 6 of its 20 %, and eMBB nothing beyond what it needs.
    expect(minsOf([150, 60, 40], 200)).toEqual([
      [64, 0, 100],
      [30, 30, 100],
      [6, 0, 100],
    ]);
    expect(minsOf([10, 900, 10], 200)).toEqual([
      [0, 0, 100],
      [100, 100, 100],
      [0, 0, 100],
    ]);
  });

  it('lets a slice that cannot be kept whole wait for those that can', () => {
    // eMBB would need 77 % and there are 70 %: mIoT gets its 10 %, eMBB the 60 % that are left.
    expect(minsOf([180, 60, 20], 200)).toEqual([
      [60, 0, 100],
      [30, 30, 100],
      [10, 0, 100],
    ]);
  });

  it('follows another order of priority, without elastic slices, when told so', () => {
    const options = { priority: [1, 3, 2], essential: {}, dedicated: [] };
    const ratios = allocate(
      [
        { snssai: EMBB, upper: 60 },
        { snssai: URLLC, upper: 30 },
        { snssai: MIOT, upper: 30 },
      ],
      100,
      options,
    );
    expect(ratios.map(({ ratio }) => [ratio.min, ratio.dedicated])).toEqual([
      [60, 0],
      [10, 0],
      [30, 0],
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
