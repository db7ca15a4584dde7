import { fill } from './slice-columns.ts';
import type { Feature } from './slice-demand.ts';

/** Features of one counter by itself, for captures of any kind (say 1 s apart). */
export const SERIES_SCHEMA = 'series-1';
export const SERIES_HORIZONS = [1, 5, 10, 30] as const;

const LAGS = 60;
const WINDOWS = [10, 30, 60];

/** Unit: that of the counter itself. */
export const SERIES_FEATURES: readonly Feature[] = [
  ...Array.from({ length: LAGS }, (_, lag) => ({ name: `value[t-${lag}]`, unit: 'as the counter' })),
  ...WINDOWS.flatMap((window) =>
    ['mean', 'min', 'max', 'std'].map((name) => ({ name: `${name} of ${window}`, unit: 'as the counter' })),
  ),
];
export const seriesCount = SERIES_FEATURES.length;

/** A series in which gaps of up to 3 samples carry the value before them. */
export function bridged(values: ArrayLike<number>): Float64Array {
  const out = new Float64Array(values.length);
  fill(out, values, { from: 0, to: values.length });
  return out;
}

/** Writes the row of sample t of a bridged series; false when one of the last 60 samples is unknown. */
export function writeSeriesRow(out: Float32Array, offset: number, row: { values: Float64Array; t: number }): boolean {
  const { values, t } = row;
  if (t < LAGS - 1 || t >= values.length) return false;
  for (let lag = 0; lag < LAGS; lag++) {
    const value = values[t - lag] as number;
    if (Number.isNaN(value)) return false;
    out[offset + lag] = value;
  }
  let at = offset + LAGS;
  for (const window of WINDOWS) {
    let [sum, low, high] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let lag = 0; lag < window; lag++) {
      const value = values[t - lag] as number;
      sum += value;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    const mean = sum / window;
    let squares = 0;
    for (let lag = 0; lag < window; lag++) squares += ((values[t - lag] as number) - mean) ** 2;
    out[at++] = mean;
    out[at++] = low;
    out[at++] = high;
    out[at++] = Math.sqrt(squares / window);
  }
  return true;
}

export interface SeriesMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly horizons: readonly number[];
  readonly features: Float32Array;
  /** rows x horizons. */
  readonly targets: Float32Array;
  /** The sample of each row. */
  readonly t: Uint32Array;
}

/** All whole rows of a series under `series-1`; targets are never filled. */
export function buildSeriesMatrix(
  values: ArrayLike<number>,
  horizons: readonly number[] = SERIES_HORIZONS,
): SeriesMatrix {
  const whole = bridged(values);
  const features = new Float32Array(values.length * seriesCount);
  const targets = new Float32Array(values.length * horizons.length);
  const samples = new Uint32Array(values.length);
  let rows = 0;
  for (let t = 0; t < values.length; t++) {
    const ahead = horizons.map((horizon) => values[t + horizon] ?? Number.NaN);
    if (ahead.some((value) => Number.isNaN(value))) continue;
    if (!writeSeriesRow(features, rows * seriesCount, { values: whole, t })) continue;
    targets.set(ahead, rows * horizons.length);
    samples[rows++] = t;
  }
  return {
    rows,
    columns: seriesCount,
    horizons,
    features: features.subarray(0, rows * seriesCount),
    targets: targets.subarray(0, rows * horizons.length),
    t: samples.subarray(0, rows),
  };
}
