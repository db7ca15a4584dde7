import { RanloopError } from '@ranloop/contracts/errors';
import { rowSource, SLICE_DEMAND_HORIZONS, sliceDemandCount, writeRow } from './slice-demand.ts';
import type { SeriesTable } from './table.ts';

export interface MatrixOptions {
  /** Periods ahead of each target; none for features alone. */
  readonly horizons?: readonly number[];
  /** Rows of periods with `fromIndex <= t < toIndex`. */
  readonly fromIndex?: number;
  readonly toIndex?: number;
}

/** Rows in the order cell, slice, time. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly horizons: readonly number[];
  /** rows x columns. */
  readonly features: Float32Array;
  /** rows x horizons, PRB. */
  readonly targets: Float32Array;
  /** Of each row: index into `table.cells`, into `table.snssais`, and the period. */
  readonly cell: Uint16Array;
  readonly snssai: Uint16Array;
  readonly t: Uint32Array;
  /** End of the period t of each row, microseconds. */
  readonly time: Float64Array;
}

/** 1.7 GB of features. */
const MOST_ROWS = 4_000_000;

/** All rows of a table under `slice-demand-1` that are whole: no refused features, and every target reported. */
export function buildMatrix(table: SeriesTable, options: MatrixOptions = {}): Matrix {
  const horizons = options.horizons ?? SLICE_DEMAND_HORIZONS;
  const from = Math.max(0, options.fromIndex ?? 0);
  const to = Math.min(table.length, options.toIndex ?? table.length);
  const columns = sliceDemandCount;
  const most = Math.max(0, to - from) * table.cells.length * table.snssais.length;
  if (most > MOST_ROWS)
    throw new RanloopError('RL_TOO_LARGE', `${most} rows at once; build at most ${MOST_ROWS} (fromIndex, toIndex)`);
  const features = new Float32Array(most * columns);
  const targets = new Float32Array(most * horizons.length);
  const cell = new Uint16Array(most);
  const snssai = new Uint16Array(most);
  const period = new Uint32Array(most);
  const time = new Float64Array(most);
  let rows = 0;
  for (let c = 0; c < table.cells.length; c++)
    for (let s = 0; s < table.snssais.length; s++) {
      const source = rowSource(table, c, s);
      if (!source) continue;
      for (let t = from; t < to; t++) {
        if (!writeTargets(targets, rows * horizons.length, { demand: source.columns.demand, t, horizons, table }))
          continue;
        if (!writeRow(features, rows * columns, { source, t })) continue;
        cell[rows] = c;
        snssai[rows] = s;
        period[rows] = t;
        time[rows] = table.timeOf(t);
        rows++;
      }
    }
  return {
    rows,
    columns,
    horizons,
    features: features.subarray(0, rows * columns),
    targets: targets.subarray(0, rows * horizons.length),
    cell: cell.subarray(0, rows),
    snssai: snssai.subarray(0, rows),
    t: period.subarray(0, rows),
    time: time.subarray(0, rows),
  };
}

interface Target {
  readonly demand: Float64Array;
  readonly t: number;
  readonly horizons: readonly number[];
  readonly table: SeriesTable;
}

function writeTargets(out: Float32Array, offset: number, { demand, t, horizons, table }: Target): boolean {
  for (let h = 0; h < horizons.length; h++) {
    const at = t + (horizons[h] as number);
    const value = at < table.length ? (demand[at] as number) : Number.NaN;
    if (!(value >= 0)) return false;
    out[offset + h] = value;
  }
  return true;
}
