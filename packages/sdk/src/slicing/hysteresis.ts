import type { PrbRatio } from '@ranloop/contracts/r1';

/** Whether two ratios differ by at most `hysteresisPercent` percentage points in each of min, max and dedicated. */
export function sameWithin(a: PrbRatio, b: PrbRatio, hysteresisPercent: number): boolean {
  return (
    Math.abs(a.min - b.min) <= hysteresisPercent &&
    Math.abs(a.max - b.max) <= hysteresisPercent &&
    Math.abs(a.dedicated - b.dedicated) <= hysteresisPercent
  );
}
