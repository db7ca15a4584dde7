import { cellPosition, sstOf } from './cells.ts';
import { type SliceColumns, sliceColumns } from './slice-columns.ts';
import type { SeriesTable } from './table.ts';

/** Name of this schema. Anything that changes a value, a name or the order of the features needs a new name. */
export const SLICE_DEMAND_SCHEMA = 'slice-demand-1';

/** Periods ahead that a model of this schema forecasts. */
export const SLICE_DEMAND_HORIZONS = [1, 2, 5, 15] as const;

export interface Feature {
  readonly name: string;
  readonly unit: string;
}

const DEMAND_LAGS = 24;
const LAGS = 12;
const NEIGHBOUR_LAGS = 4;
/** Periods after t, on the days before: where recurring events show what comes. */
const YESTERDAY = [0, 1, 2, 3, 4, 5, 15];
const DAY_BEFORE = [1, 2, 3, 4];
const PROFILE = [1, 2, 3, 5, 15];
const PROFILE_DAYS = 7;
const SLICES = ['eMBB', 'URLLC', 'mIoT', 'other'];
const POSITIONS = 8;
const DAY_SECONDS = 86_400;

const lags = (name: string, unit: string, count: number): Feature[] =>
  Array.from({ length: count }, (_, lag) => ({ name: `${name}[t-${lag}]`, unit }));
const flags = (name: string, values: readonly (string | number)[]): Feature[] =>
  values.map((value) => ({ name: `${name}=${value}`, unit: '0 or 1' }));
const ahead = (name: string, offsets: readonly number[]): Feature[] =>
  offsets.map((offset) => ({ name: `demand[${name}, t+${offset}]`, unit: 'PRB' }));

/** In the order of the columns. */
export const SLICE_DEMAND_FEATURES: readonly Feature[] = [
  ...lags('demand', 'PRB', DEMAND_LAGS),
  ...lags('used', 'PRB', LAGS),
  ...lags('users', 'UE', LAGS),
  ...lags('delay', '0.1 ms', LAGS),
  ...lags('loss', '1e-6', LAGS),
  ...lags('neighbours', 'PRB', NEIGHBOUR_LAGS),
  ...['sin(day)', 'cos(day)', 'sin(week)', 'cos(week)'].map((name) => ({ name, unit: '1' })),
  ...ahead('1 day before', YESTERDAY),
  { name: '1 day before is stored', unit: '0 or 1' },
  ...ahead('2 days before', DAY_BEFORE),
  { name: '2 days before are stored', unit: '0 or 1' },
  ...ahead('mean of 7 days before', PROFILE),
  ...flags('slice', SLICES),
  ...flags(
    'cell',
    Array.from({ length: POSITIONS }, (_, position) => position),
  ),
];

export const sliceDemandNames: readonly string[] = SLICE_DEMAND_FEATURES.map(({ name }) => name);
export const sliceDemandCount = SLICE_DEMAND_FEATURES.length;

/** How far back a row looks, in seconds: what a server must keep. */
export const SLICE_DEMAND_HISTORY_SECONDS = PROFILE_DAYS * DAY_SECONDS + 3_600;

/** What of a row does not depend on t. */
export interface RowSource {
  readonly columns: SliceColumns;
  readonly perDay: number;
  readonly slice: number;
  readonly position: number;
  readonly table: SeriesTable;
}

/** Null when the cell or slice never reported. Valid until the table changes. */
export function rowSource(table: SeriesTable, cell: number, snssai: number): RowSource | null {
  const columns = sliceColumns(table, cell, snssai);
  const dn = table.cells[cell];
  const name = table.snssais[snssai];
  if (!columns || dn === undefined || name === undefined) return null;
  const sst = sstOf(name);
  return {
    columns,
    table,
    perDay: Math.round((DAY_SECONDS * 1e6) / table.periodMicros),
    slice: sst >= 1 && sst <= 3 ? sst - 1 : SLICES.length - 1,
    // More cells than positions share them: a small hash, which the users' and demand columns tell apart.
    position: Math.max(0, cellPosition(dn)) % POSITIONS,
  };
}

/**
 * Writes the row for period t at `offset`. False, and nothing promised about `out`, when the demand of one of the last
 * 12 periods is unknown after gaps of up to 3 periods were bridged with the value before them. Otherwise: demand
 * further back repeats the oldest known; users, delay and loss that are not reported are 0; days before that are not
 * stored repeat the demand of now, with their flag 0.
 */
export function writeRow(out: Float32Array, offset: number, row: { source: RowSource; t: number }): boolean {
  const { source, t } = row;
  const { demandFilled, demand, used, users, delay, loss, neighbours } = source.columns;
  if (t < LAGS - 1 || t >= source.table.length) return false;
  for (let lag = 0; lag < LAGS; lag++) if (!((demandFilled[t - lag] as number) >= 0)) return false;
  let at = offset;
  let known = 0;
  for (let lag = 0; lag < DEMAND_LAGS; lag++) {
    const value = t - lag >= 0 ? (demandFilled[t - lag] as number) : Number.NaN;
    if (value >= 0) known = value;
    out[at++] = known;
  }
  for (const column of [used, users, delay, loss])
    for (let lag = 0; lag < LAGS; lag++) out[at++] = orZero(column[t - lag] as number);
  for (let lag = 0; lag < NEIGHBOUR_LAGS; lag++) out[at++] = orZero(neighbours[t - lag] as number);
  const seconds = source.table.timeOf(t) / 1e6;
  const day = (2 * Math.PI * (seconds % DAY_SECONDS)) / DAY_SECONDS;
  const week = (2 * Math.PI * (seconds % (7 * DAY_SECONDS))) / (7 * DAY_SECONDS);
  out[at++] = Math.sin(day);
  out[at++] = Math.cos(day);
  out[at++] = Math.sin(week);
  out[at++] = Math.cos(week);
  const now = demandFilled[t] as number;
  at = writeDay(out, at, { demand, first: t - source.perDay, offsets: YESTERDAY, otherwise: now });
  at = writeDay(out, at, { demand, first: t - 2 * source.perDay, offsets: DAY_BEFORE, otherwise: now });
  for (const offset of PROFILE) out[at++] = profile(demand, { t: t + offset, perDay: source.perDay, otherwise: now });
  for (let slice = 0; slice < SLICES.length; slice++) out[at++] = slice === source.slice ? 1 : 0;
  for (let position = 0; position < POSITIONS; position++) out[at++] = position === source.position ? 1 : 0;
  return true;
}

/** The features of one row, or null when it is refused (see `writeRow`). */
export function buildRow(
  table: SeriesTable,
  key: { readonly cell: string; readonly snssai: string },
  t: number,
): Float32Array | null {
  const source = rowSource(table, table.cellIndex(key.cell), table.snssaiIndex(key.snssai));
  const out = new Float32Array(sliceDemandCount);
  return source && writeRow(out, 0, { source, t }) ? out : null;
}

const orZero = (value: number): number => (Number.isNaN(value) ? 0 : value);

interface DayBefore {
  readonly demand: Float64Array;
  readonly first: number;
  readonly offsets: readonly number[];
  readonly otherwise: number;
}

function writeDay(out: Float32Array, start: number, { demand, first, offsets, otherwise }: DayBefore): number {
  let at = start;
  let stored = 0;
  for (const offset of offsets) {
    const value = first + offset >= 0 ? (demand[first + offset] as number) : Number.NaN;
    if (value >= 0) stored++;
    out[at++] = value >= 0 ? value : otherwise;
  }
  out[at++] = stored === offsets.length ? 1 : 0;
  return at;
}

function profile(demand: Float64Array, at: { t: number; perDay: number; otherwise: number }): number {
  let sum = 0;
  let days = 0;
  for (let t = at.t - at.perDay, day = 0; day < PROFILE_DAYS && t >= 0; day++, t -= at.perDay) {
    const value = demand[t] as number;
    if (value >= 0) {
      sum += value;
      days++;
    }
  }
  return days > 0 ? sum / days : at.otherwise;
}
