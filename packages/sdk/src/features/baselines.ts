import type { Matrix } from './matrix.ts';
import { quantile } from './metrics.ts';
import { demandColumn } from './slice-columns.ts';
import type { SeriesTable } from './table.ts';

/** Forecasts that need no model. */
export const BASELINES = ['persistence', 'same time yesterday', 'moving average', 'mean'] as const;
export type Baseline = (typeof BASELINES)[number];

const DAY_MICROS = 86_400e6;
const WINDOW = 10;

/**
 * What each baseline says for the rows of a matrix: rows x horizons, PRB. `mean` is that of the cell and slice up to
 * `trainTo` (microseconds), so that it knows nothing of the days it is tested on. A value that is not stored (the first
 * day has no yesterday) is replaced by the last demand.
 */
export function baselineForecasts(
  table: SeriesTable,
  matrix: Matrix,
  options: { baseline: Baseline; trainTo: number },
): Float32Array {
  const out = new Float32Array(matrix.rows * matrix.horizons.length);
  const { baseline } = options;
  const perDay = Math.round(DAY_MICROS / table.periodMicros);
  const trainTo = Math.min(table.length, table.indexOf(options.trainTo));
  const means = new Map<number, number>();
  for (let row = 0; row < matrix.rows; row++) {
    const [c, s, t] = [matrix.cell[row] as number, matrix.snssai[row] as number, matrix.t[row] as number];
    const demand = demandColumn(table, c, s);
    const key = c * 65_536 + s;
    if (baseline === 'mean' && !means.has(key)) means.set(key, meanOf(demand, 0, trainTo));
    const same = sameForAll(baseline, { values: demand, t, mean: means.get(key) ?? Number.NaN });
    for (let h = 0; h < matrix.horizons.length; h++) {
      const yesterday = demand[t + (matrix.horizons[h] as number) - perDay] ?? Number.NaN;
      out[row * matrix.horizons.length + h] = forecast(baseline, { values: demand, t, same, yesterday });
    }
  }
  return out;
}

/** What a baseline says for every horizon of a row; NaN for the one that looks at yesterday. */
function sameForAll(baseline: Baseline, at: { values: ArrayLike<number>; t: number; mean: number }): number {
  if (baseline === 'same time yesterday') return Number.NaN;
  if (baseline === 'mean') return at.mean;
  if (baseline === 'moving average') return meanOf(at.values, at.t - WINDOW + 1, at.t + 1);
  return lastKnown(at.values, at.t);
}

interface Known {
  readonly values: ArrayLike<number>;
  readonly t: number;
  readonly same: number;
  readonly yesterday: number;
}

function forecast(baseline: Baseline, { values, t, same, yesterday }: Known): number {
  const value = baseline === 'same time yesterday' ? yesterday : same;
  return Number.isNaN(value) ? lastKnown(values, t) : value;
}

/** The same baselines for one series of `series-1` rows (`perDay` samples a day): rows x horizons. */
export function seriesBaseline(
  values: ArrayLike<number>,
  rows: { readonly t: ArrayLike<number>; readonly horizons: readonly number[] },
  options: { baseline: Baseline; trainTo: number; perDay: number },
): Float32Array {
  const out = new Float32Array(rows.t.length * rows.horizons.length);
  const { baseline, perDay } = options;
  const mean = baseline === 'mean' ? meanOf(values, 0, options.trainTo) : Number.NaN;
  for (let row = 0; row < rows.t.length; row++) {
    const t = rows.t[row] as number;
    const same = sameForAll(baseline, { values, t, mean });
    for (let h = 0; h < rows.horizons.length; h++) {
      const yesterday = values[t + (rows.horizons[h] as number) - perDay] ?? Number.NaN;
      out[row * rows.horizons.length + h] = forecast(baseline, { values, t, same, yesterday });
    }
  }
  return out;
}

/**
 * Turns point forecasts into upper ones by the q-quantile of their own errors on the training rows, so that a baseline
 * can be held against a quantile model by the same loss. One margin per horizon.
 */
export function baselineMargins(
  targets: ArrayLike<number>,
  forecasts: ArrayLike<number>,
  options: { horizons: number; q: number },
): number[] {
  return Array.from({ length: options.horizons }, (_, h) => {
    const errors: number[] = [];
    for (let at = h; at < targets.length; at += options.horizons)
      errors.push((targets[at] as number) - (forecasts[at] as number));
    return quantile(errors, options.q);
  });
}

function lastKnown(values: ArrayLike<number>, t: number): number {
  for (let at = t; at >= 0; at--) {
    const value = values[at] as number;
    if (!Number.isNaN(value)) return value;
  }
  return 0;
}

function meanOf(values: ArrayLike<number>, from: number, to: number): number {
  let sum = 0;
  let count = 0;
  for (let t = Math.max(0, from); t < to; t++) {
    const value = values[t] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    sum += value;
    count++;
  }
  return count > 0 ? sum / count : Number.NaN;
}
