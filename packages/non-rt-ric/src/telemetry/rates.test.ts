import { expect, test } from 'vitest';
import { createRate } from './rates.ts';

test('a rate is the mean over the last five seconds, and the total is of all time', () => {
  let now = 0;
  const rate = createRate(() => now);
  for (let second = 0; second < 60; second += 1) {
    now = second * 1_000;
    rate.add(100);
  }
  expect(rate.read()).toEqual({ perSecond: 100, total: 6_000 });
  now += 3_000;
  expect(rate.read().perSecond).toBe(40);
  now += 10_000;
  expect(rate.read()).toEqual({ perSecond: 0, total: 6_000 });
});
