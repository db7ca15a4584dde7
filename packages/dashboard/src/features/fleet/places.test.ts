import { expect, test } from 'vitest';
import { placeOf } from './places.ts';

test('arrows move by one place, Home and End to the ends', () => {
  expect(placeOf('ArrowUp', 2, 4)).toBe(1);
  expect(placeOf('ArrowDown', 2, 4)).toBe(3);
  expect(placeOf('Home', 2, 4)).toBe(0);
  expect(placeOf('End', 0, 4)).toBe(3);
});

test('nothing moves beyond the ends, or by another key', () => {
  expect(placeOf('ArrowUp', 0, 4)).toBeUndefined();
  expect(placeOf('ArrowDown', 3, 4)).toBeUndefined();
  expect(placeOf('End', 3, 4)).toBeUndefined();
  expect(placeOf('x', 1, 4)).toBeUndefined();
});
