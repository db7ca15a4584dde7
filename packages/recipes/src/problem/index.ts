import { RanloopError } from '@ranloop/contracts/errors';
import { SERIES_SCHEMA, SLICE_DEMAND_SCHEMA } from '@ranloop/sdk/features';
import type { LoadedDataset } from '../dataset/index.ts';
import type { ProblemOptions } from './options.ts';
import type { Problem } from './problem.ts';
import { seriesProblem } from './series-problem.ts';
import { sliceProblem } from './slice-problem.ts';

export { type Gate, judge } from './gate.ts';
export type { ProblemOptions } from './options.ts';
export { type Problem, pickHorizon } from './problem.ts';
export { type ErrorReport, reportErrors } from './report.ts';
export {
  calibrate,
  FORECASTERS,
  type Forecaster,
  type Forecasts,
  modelForecasts,
  type Score,
  UPPER,
} from './scores.ts';

/** The forecasting problem of a dataset, by the schema that it was extracted for. */
export function problemOf(dataset: LoadedDataset, options: ProblemOptions): Problem {
  const { schema } = dataset.description;
  if (schema === SLICE_DEMAND_SCHEMA) return sliceProblem(dataset, options);
  if (schema === SERIES_SCHEMA) return seriesProblem(dataset, options);
  throw new RanloopError('RL_UNPROCESSABLE', `dataset ${dataset.id} is for schema "${schema}", which is not known`);
}
