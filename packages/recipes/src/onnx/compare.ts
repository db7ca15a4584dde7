import { RanloopError } from '@ranloop/contracts/errors';

const TOLERANCE = 1e-4;

/**
 * The largest |a - b| / (1 + |b|) of two forecasts; throws RL_UNPROCESSABLE when it is over `tolerance`, or when a value
 * is not a number: an export that computes something else must never be registered.
 */
export function assertSame(actual: Float32Array, expected: Float32Array, tolerance = TOLERANCE): number {
  if (actual.length !== expected.length)
    throw new RanloopError('RL_UNPROCESSABLE', `${actual.length} forecasts instead of ${expected.length}`);
  let worst = 0;
  for (let at = 0; at < actual.length; at++) {
    const [a, b] = [actual[at] as number, expected[at] as number];
    const error = Math.abs(a - b) / (1 + Math.abs(b));
    if (!(error <= tolerance))
      throw new RanloopError('RL_UNPROCESSABLE', `the export gives ${a} where training gives ${b} (value ${at})`);
    if (error > worst) worst = error;
  }
  return worst;
}
