import { RanloopError } from '@ranloop/contracts/errors';
import {
  buildSeriesMatrix,
  SERIES_FEATURES,
  SERIES_HORIZONS,
  SERIES_SCHEMA,
  type SeriesMatrix,
  seriesBaseline,
  seriesCount,
  splitByTime,
} from '@ranloop/sdk/features';
import type { LoadedDataset } from '../dataset/index.ts';
import type { ProblemOptions } from './options.ts';
import type { Problem } from './problem.ts';

const DAY_SECONDS = 86_400;

interface Part {
  readonly values: Float64Array;
  readonly matrix: SeriesMatrix;
}

/** One counter of any kind, each of its series by itself; periods are samples. */
export function seriesProblem({ table, description }: LoadedDataset, options: ProblemOptions): Problem {
  const column = description.columns[0];
  if (!column) throw new RanloopError('RL_UNPROCESSABLE', 'the dataset has no counter');
  const horizons = options.horizons.length > 0 ? options.horizons : SERIES_HORIZONS;
  const groups: string[] = [];
  const parts: Part[] = [];
  table.cells.forEach((dn, cell) => {
    for (const snssai of [-1, ...table.snssais.keys()]) {
      const values = table.column(cell, snssai, column.counter)?.slice(0, table.length);
      if (!values) continue;
      groups.push(snssai < 0 ? dn : `${dn} ${table.snssais[snssai]}`);
      parts.push({ values, matrix: buildSeriesMatrix(values, horizons) });
    }
  });
  const rows = parts.reduce((sum, { matrix }) => sum + matrix.rows, 0);
  const merged = merge(parts, { rows, horizons: horizons.length });
  const time = Float64Array.from(merged.t, (t) => table.timeOf(t));
  const reach = Math.max(...horizons) * description.periodSeconds * 1e6;
  const split = splitByTime(time, { ...options.shares, reach });
  const nonNegative = column.statistics.minimum >= 0;
  return {
    schema: SERIES_SCHEMA,
    unit: column.unit,
    names: SERIES_FEATURES.map(({ name }) => name),
    columns: seriesCount,
    horizons,
    mainHorizon: horizons[0] as number,
    rows,
    features: merged.features,
    targets: merged.targets,
    time,
    group: merged.group,
    groups,
    slice: new Uint16Array(rows),
    slices: ['*'],
    logColumns: new Uint8Array(seriesCount).fill(nonNegative ? 1 : 0),
    logTarget: nonNegative,
    ignored: new Uint8Array(seriesCount),
    split,
    isComplete: () => true,
    baseline(baseline) {
      const trainTo = table.indexOf(split.validateFrom);
      const perDay = Math.round(DAY_SECONDS / description.periodSeconds);
      const out = new Float32Array(rows * horizons.length);
      let at = 0;
      for (const { values, matrix } of parts) {
        out.set(seriesBaseline(values, matrix, { baseline, trainTo, perDay }), at);
        at += matrix.rows * horizons.length;
      }
      return out;
    },
  };
}

function merge(parts: readonly Part[], size: { rows: number; horizons: number }) {
  const features = new Float32Array(size.rows * seriesCount);
  const targets = new Float32Array(size.rows * size.horizons);
  const t = new Uint32Array(size.rows);
  const group = new Uint16Array(size.rows);
  let row = 0;
  parts.forEach(({ matrix }, index) => {
    features.set(matrix.features, row * seriesCount);
    targets.set(matrix.targets, row * size.horizons);
    t.set(matrix.t, row);
    group.fill(index, row, row + matrix.rows);
    row += matrix.rows;
  });
  return { features, targets, t, group };
}
