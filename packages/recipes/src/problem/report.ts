import { BASELINES, type Baseline } from '@ranloop/sdk/features';
import type { Problem } from './problem.ts';
import { baselinePart, FORECASTERS, type Forecaster, type Forecasts, type Score, scoreOf } from './scores.ts';

/** Errors on held-out rows of a model and of all baselines. */
export interface ErrorReport {
  readonly rows: number;
  readonly unit: string;
  readonly mainHorizon: number;
  /** By horizon (as text), then by forecaster. */
  readonly perHorizon: Readonly<Record<string, Readonly<Record<Forecaster, Score>>>>;
  /** At the main horizon: by cell, then by forecaster. */
  readonly perCell: Readonly<Record<string, Readonly<Record<Forecaster, Score>>>>;
  /** At the main horizon: by slice, then by forecaster. */
  readonly perSlice: Readonly<Record<string, Readonly<Record<Forecaster, Score>>>>;
}

/** Scores the model's forecasts for `rows` beside all baselines, whose margins come from the training rows. */
export function reportErrors(problem: Problem, rows: Uint32Array, model: Forecasts): ErrorReport {
  const trainRows = problem.split.train.filter((row) => problem.isComplete(row));
  const margins = trainRows.length > 0 ? trainRows : problem.split.train;
  const forecasts = new Map<Forecaster, Forecasts>([['model', model]]);
  for (const baseline of BASELINES)
    forecasts.set(baseline, baselinePart(problem, { baseline, trainRows: margins, rows }));
  const score = (horizon: number, places: Uint32Array) =>
    Object.fromEntries(
      FORECASTERS.map((name) => {
        const part = { rows, forecasts: forecasts.get(name) as Forecasts };
        return [name, scoreOf(problem, part, { horizon, places })];
      }),
    ) as Record<Forecaster, Score>;
  const main = problem.horizons.indexOf(problem.mainHorizon);
  const all = rows.map((_, place) => place);
  const by = (names: readonly string[], index: Uint16Array) =>
    Object.fromEntries(
      names.flatMap((name, value) => {
        const places = all.filter((place) => index[rows[place] as number] === value);
        return places.length > 0 ? [[name, score(main, places)] as const] : [];
      }),
    );
  return {
    rows: rows.length,
    unit: problem.unit,
    mainHorizon: problem.mainHorizon,
    perHorizon: Object.fromEntries(problem.horizons.map((horizon, h) => [String(horizon), score(h, all)])),
    perCell: by(problem.groups, problem.group),
    perSlice: by(problem.slices, problem.slice),
  };
}

/** The baseline with the least pinball loss of the upper quantile. */
export function bestBaseline(scores: Readonly<Record<Forecaster, Score>>): Baseline {
  return BASELINES.reduce((best, name) => (scores[name].pinball90 < scores[best].pinball90 ? name : best));
}
