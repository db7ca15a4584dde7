import {
  baselineForecasts,
  buildMatrix,
  SLICE_DEMAND_FEATURES,
  SLICE_DEMAND_HORIZONS,
  SLICE_DEMAND_SCHEMA,
  sliceDemandNames,
  splitByTime,
} from '@ranloop/sdk/features';
import type { LoadedDataset } from '../dataset/index.ts';
import type { ProblemOptions } from './options.ts';
import type { Problem } from './problem.ts';

/** The report of period n is in when n + 1 runs, so what is decided then is for n + 2. */
export const CONTROL_HORIZON = 2;
const DAY_BEFORE = '1 day before is stored';
const AMOUNTS = new Set(['PRB', 'UE', '0.1 ms', '1e-6']);

/** PRB demand per cell and slice. Amounts are taken as logarithms: loads act on each other by factors. */
export function sliceProblem({ table, description }: LoadedDataset, options: ProblemOptions): Problem {
  const horizons = options.horizons.length > 0 ? options.horizons : SLICE_DEMAND_HORIZONS;
  const matrix = buildMatrix(table, { horizons });
  const reach = Math.max(...horizons) * description.periodSeconds * 1e6;
  const split = splitByTime(matrix.time, { ...options.shares, reach });
  const stored = sliceDemandNames.indexOf(DAY_BEFORE);
  return {
    schema: SLICE_DEMAND_SCHEMA,
    unit: 'PRB',
    names: sliceDemandNames,
    columns: matrix.columns,
    horizons,
    mainHorizon: horizons.includes(CONTROL_HORIZON) ? CONTROL_HORIZON : (horizons[0] as number),
    rows: matrix.rows,
    features: matrix.features,
    targets: matrix.targets,
    time: matrix.time,
    group: matrix.cell,
    groups: table.cells,
    slice: matrix.snssai,
    slices: table.snssais,
    logColumns: Uint8Array.from(SLICE_DEMAND_FEATURES, ({ unit }) => (AMOUNTS.has(unit) ? 1 : 0)),
    logTarget: true,
    split,
    isComplete: (row) => matrix.features[row * matrix.columns + stored] === 1,
    baseline: (baseline) => baselineForecasts(table, matrix, { baseline, trainTo: split.validateFrom }),
  };
}
