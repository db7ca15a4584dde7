import {
  baselineForecasts,
  buildMatrix,
  type Matrix,
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
const CONTROL_HORIZON = 2;
const DAY_BEFORE = '1 day before is stored';
const DAYS = [
  [DAY_BEFORE, 'demand[1 day before'],
  ['2 days before are stored', 'demand[2 days before'],
] as const;
const KNOWN_SHARE = 0.5;
const AMOUNTS = new Set(['PRB', 'UE', '0.1 ms', '1e-6']);

/** PRB demand per cell and slice. Amounts are taken as logarithms: loads act on each other by factors. */
export function sliceProblem({ table, description }: LoadedDataset, options: ProblemOptions): Problem {
  const horizons = options.horizons.length > 0 ? options.horizons : SLICE_DEMAND_HORIZONS;
  const matrix = buildMatrix(table, { horizons });
  const reach = Math.max(...horizons) * description.periodSeconds * 1e6;
  const split = splitByTime(matrix.time, { ...options.shares, reach });
  const stored = sliceDemandNames.indexOf(DAY_BEFORE);
  const isComplete = (row: number) => matrix.features[row * matrix.columns + stored] === 1;
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
    ignored: ignoredColumns(matrix, split.train.filter(isComplete)),
    split,
    isComplete,
    baseline: (baseline) => baselineForecasts(table, matrix, { baseline, trainTo: split.validateFrom }),
  };
}

/**
 * Days that are not stored repeat the demand of now. Where that is so in most training rows, their columns are copies of
 * another one, and a model that shared its weight among them would be wrong on the day on which they come apart.
 */
function ignoredColumns({ features, columns }: Matrix, rows: Uint32Array): Uint8Array {
  const ignored = new Uint8Array(columns);
  for (const [flag, prefix] of DAYS) {
    const at = sliceDemandNames.indexOf(flag);
    let known = 0;
    for (const row of rows) known += features[row * columns + at] as number;
    if (known >= KNOWN_SHARE * rows.length) continue;
    ignored[at] = 1;
    sliceDemandNames.forEach((name, column) => {
      if (name.startsWith(prefix)) ignored[column] = 1;
    });
  }
  return ignored;
}
