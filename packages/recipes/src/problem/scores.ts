import { BASELINES, type Baseline, coverage, mae, pinballLoss, quantile, rmse } from '@ranloop/sdk/features';
import { type Problem, pickHorizon } from './problem.ts';

/** Errors of one forecaster over some rows at one horizon; in the problem's unit, coverage 0..1. */
export interface Score {
  readonly rmse: number;
  readonly mae: number;
  /** Of the median. */
  readonly pinball50: number;
  /** Of the upper quantile with its margin. */
  readonly pinball90: number;
  readonly coverage90: number;
}

export type Forecaster = 'model' | Baseline;
export const FORECASTERS: readonly Forecaster[] = ['model', ...BASELINES];

/** Median and upper forecasts of one forecaster for the rows of a part: rows x horizons. */
export interface Forecasts {
  readonly median: Float32Array;
  readonly upper: Float32Array;
}

export const UPPER = 0.9;

/** Network outputs (rows x horizons x quantiles) as median and upper quantile; margins by slice and horizon are added. */
export function modelForecasts(
  problem: Problem,
  given: { outputs: Float32Array; rows: Uint32Array; quantiles: readonly number[]; margins: readonly number[][] },
): Forecasts {
  const horizons = problem.horizons.length;
  const width = given.quantiles.length;
  const middle = nearest(given.quantiles, 0.5);
  const top = nearest(given.quantiles, UPPER);
  const median = new Float32Array(given.rows.length * horizons);
  const upper = new Float32Array(given.rows.length * horizons);
  for (let row = 0; row < given.rows.length; row++) {
    const slice = problem.slice[given.rows[row] as number] as number;
    for (let h = 0; h < horizons; h++) {
      const base = (row * horizons + h) * width;
      const raised = (given.outputs[base + top] as number) + (given.margins[slice]?.[h] ?? 0);
      median[row * horizons + h] = given.outputs[base + middle] as number;
      upper[row * horizons + h] = problem.logTarget ? Math.max(0, raised) : raised;
    }
  }
  return { median, upper };
}

/** What to add to the upper quantile so that it covers its share of the given rows, by slice and horizon. */
export function calibrate(
  problem: Problem,
  given: { outputs: Float32Array; rows: Uint32Array; quantiles: readonly number[] },
): number[][] {
  const horizons = problem.horizons.length;
  const plain = modelForecasts(problem, { ...given, margins: [] });
  return problem.slices.map((_, slice) =>
    problem.horizons.map((_horizon, h) => {
      const errors: number[] = [];
      for (let row = 0; row < given.rows.length; row++) {
        const source = given.rows[row] as number;
        if (problem.slice[source] !== slice) continue;
        const actual = problem.targets[source * horizons + h] as number;
        errors.push(actual - (plain.upper[row * horizons + h] as number));
      }
      return errors.length > 0 ? quantile(errors, UPPER) : 0;
    }),
  );
}

/**
 * A baseline for the rows of a part. Its upper forecast is raised by the quantile of its errors on training rows of the
 * same slice, as the model's margins are: a fair opponent.
 */
export function baselinePart(
  problem: Problem,
  given: { baseline: Baseline; trainRows: Uint32Array; rows: Uint32Array },
): Forecasts {
  const horizons = problem.horizons.length;
  const all = problem.baseline(given.baseline);
  const margins = problem.slices.map((_, slice) => {
    const known = given.trainRows.filter((row) => problem.slice[row] === slice);
    return problem.horizons.map((_horizon, h) => {
      const errors = new Float64Array(known.length);
      for (let place = 0; place < known.length; place++) {
        const at = (known[place] as number) * horizons + h;
        errors[place] = (problem.targets[at] as number) - (all[at] as number);
      }
      return errors.length > 0 ? quantile(errors, UPPER) : 0;
    });
  });
  const median = new Float32Array(given.rows.length * horizons);
  const upper = new Float32Array(given.rows.length * horizons);
  for (let place = 0; place < given.rows.length; place++) {
    const row = given.rows[place] as number;
    const raise = margins[problem.slice[row] as number];
    for (let h = 0; h < horizons; h++) {
      const value = all[row * horizons + h] as number;
      median[place * horizons + h] = value;
      upper[place * horizons + h] = value + (raise?.[h] ?? 0);
    }
  }
  return { median, upper };
}

/** Scores of some rows of a part, named by their places in it. */
export function scoreOf(
  problem: Problem,
  part: { rows: Uint32Array; forecasts: Forecasts },
  which: { horizon: number; places: Uint32Array },
): Score {
  const { places } = which;
  const rows = places.map((place) => part.rows[place] as number);
  const at = { horizon: which.horizon, horizons: problem.horizons.length };
  const actual = pickHorizon(problem.targets, rows, at);
  const median = pickHorizon(part.forecasts.median, places, at);
  const upper = pickHorizon(part.forecasts.upper, places, at);
  return {
    rmse: rmse(actual, median),
    mae: mae(actual, median),
    pinball50: pinballLoss(actual, median, 0.5),
    pinball90: pinballLoss(actual, upper, UPPER),
    coverage90: coverage(actual, upper),
  };
}

function nearest(values: readonly number[], wanted: number): number {
  let best = 0;
  values.forEach((value, index) => {
    if (Math.abs(value - wanted) < Math.abs((values[best] as number) - wanted)) best = index;
  });
  return best;
}
