import fc from 'fast-check';
import { expect, test } from 'vitest';
import { planCell } from './plan.ts';
import type { SlicePolicy } from './policy.ts';
import { grant, type Wish, wholePercents } from './ratios.ts';

const wish = (snssai: string, min: number, max = 100, dedicated = 0): Wish => ({
  snssai,
  ratio: { min, max, dedicated },
});

test('URLLC is granted before eMBB, and eMBB before mIoT', () => {
  const { granted, refused } = grant([wish('03', 30), wish('01', 50), wish('02', 40)]);
  expect(granted.map(({ snssai }) => snssai)).toEqual(['02', '01']);
  expect(refused.map(({ snssai }) => snssai)).toEqual(['03']);
});

test('a wish that does not fit does not keep a smaller one of lower priority out', () => {
  const { granted, refused } = grant([wish('02', 60), wish('01', 50), wish('03', 20)]);
  expect(granted.map(({ snssai }) => snssai)).toEqual(['02', '03']);
  expect(refused.map(({ snssai }) => snssai)).toEqual(['01']);
});

test('whole percents by largest remainders: 33.3 + 33.3 + 33.4 stays 100', () => {
  const whole = wholePercents([wish('01', 33.3), wish('02', 33.3), wish('03', 33.4)]);
  expect(whole.map(({ ratio }) => ratio.min)).toEqual([33, 33, 34]);
  expect(wholePercents([wish('01', 12.5, 60.4, 12.5), wish('02', 12.5)]).map(({ ratio }) => ratio)).toEqual([
    { min: 12, max: 60, dedicated: 12 },
    { min: 13, max: 100, dedicated: 0 },
  ]);
});

const anyRatio = fc
  .tuple(
    fc.double({ min: 0, max: 100, noNaN: true }),
    fc.double({ min: 0, max: 100, noNaN: true }),
    fc.double({ min: 0, max: 1, noNaN: true }),
  )
  .map(([a, b, part]) => ({ min: Math.min(a, b), max: Math.max(a, b), dedicated: Math.min(a, b) * part }));
const anyWishes = fc.uniqueArray(
  fc.record({ snssai: fc.constantFrom('01', '01000001', '02', '02000001', '03', '04'), ratio: anyRatio }),
  { selector: ({ snssai }) => snssai },
);

test('what is granted fits into the cell, whatever is wished, and the first by priority always gets its own', () => {
  fc.assert(
    fc.property(anyWishes, (wishes) => {
      const { granted, refused } = grant(wishes);
      expect(granted.length + refused.length).toBe(wishes.length);
      const sum = granted.reduce((total, { ratio }) => total + ratio.min, 0);
      expect(sum).toBeLessThanOrEqual(100 + 1e-5);
      const urllc = wishes
        .filter(({ snssai }) => snssai.startsWith('02'))
        .map(({ snssai }) => snssai)
        .sort()[0];
      if (urllc) expect(granted[0]?.snssai).toBe(urllc);
    }),
  );
});

test('rounding keeps the order of the ratios, moves no minimum by a whole percent, and keeps the sum', () => {
  fc.assert(
    fc.property(anyWishes, (wishes) => {
      const { granted } = grant(wishes);
      const whole = wholePercents(granted);
      let sum = 0;
      for (const [index, { ratio }] of whole.entries()) {
        const before = granted[index]?.ratio ?? ratio;
        expect(Number.isInteger(ratio.min) && Number.isInteger(ratio.max) && Number.isInteger(ratio.dedicated)).toBe(
          true,
        );
        expect(0 <= ratio.dedicated && ratio.dedicated <= ratio.min && ratio.min <= ratio.max && ratio.max <= 100).toBe(
          true,
        );
        expect(Math.abs(ratio.min - before.min)).toBeLessThan(1);
        sum += ratio.min;
      }
      expect(sum).toBeLessThanOrEqual(100);
    }),
  );
});

const policy = (id: string, snssai: string, statement: SlicePolicy['statement']): SlicePolicy => ({
  id,
  typeId: 'T',
  revision: 1,
  snssai,
  plmn: '00f110',
  cells: undefined,
  statement,
});
const ratioOf = (given: SlicePolicy) => (given.statement.kind === 'ratio' ? given.statement.ratio : undefined);

test('every slice of the cell is in the list, without a policy as 0, 100, 0', () => {
  const plan = planCell(
    ['01', '02', '03'],
    [policy('p', '02', { kind: 'ratio', ratio: wish('02', 30, 80, 10).ratio })],
    ratioOf,
  );
  expect(plan.ratios).toEqual([wish('02', 30, 80, 10), wish('01', 0), wish('03', 0)]);
  expect(plan.verdicts.get('p')).toEqual({ kind: 'granted' });
});

test('a policy for the cell speaks before one for the slice', () => {
  const rate = { kind: 'rate', guaranteed: 1, ceiling: undefined } as const;
  const cell = policy('cell', '01', { kind: 'ratio', ratio: wish('01', 20).ratio });
  const plan = planCell(['01'], [cell, policy('slice', '01', rate)], (given) => ratioOf(given) ?? wish('01', 90).ratio);
  expect(plan.ratios).toEqual([wish('01', 20)]);
  expect(plan.verdicts.get('slice')).toEqual({ kind: 'superseded' });
});

test('the plan does not depend on the order of policies for different slices', () => {
  fc.assert(
    fc.property(anyWishes, (wishes) => {
      const slices = ['01', '01000001', '02', '02000001', '03', '04'];
      const policies = wishes.map(({ snssai, ratio }) => policy(snssai, snssai, { kind: 'ratio', ratio }));
      const plan = planCell(slices, policies, ratioOf);
      expect(planCell(slices, [...policies].reverse(), ratioOf).ratios).toEqual(plan.ratios);
      expect(plan.ratios.map(({ snssai }) => snssai).sort()).toEqual([...slices].sort());
    }),
  );
});
