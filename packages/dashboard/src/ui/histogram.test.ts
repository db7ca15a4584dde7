import { expect, test } from 'vitest';
import { binsOf } from './histogram.tsx';

test('each value falls in one part, the highest in the last', () => {
  expect(binsOf([0, 1, 2, 3, 4], 2)).toEqual({ counts: [2, 3], low: 0, high: 4 });
});

test('equal values fill one part, and no values have no distribution', () => {
  expect(binsOf([7, 7], 3)).toEqual({ counts: [2, 0, 0], low: 7, high: 7 });
  expect(binsOf([])).toBeUndefined();
});
