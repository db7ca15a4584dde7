import { RanloopError } from '@ranloop/contracts/errors';
import type { Sample, Series } from '@ranloop/contracts/r1';
import { cellOf, TWIN_PREFIX } from './cells.ts';

/** Fills `out[from..to)`; what it reads may lie anywhere before `to`. */
export type Derivation = (out: Float64Array, from: number, to: number) => void;

/**
 * Period-aligned arrays of counters. Index i stands for the period that ends at `start + i * periodMicros`; NaN marks a
 * period that was not reported. Arrays are at least `length` long and stay valid until the next `add` or `trim`.
 */
export interface SeriesTable {
  readonly periodMicros: number;
  /** End of period 0, microseconds. */
  readonly start: number;
  readonly length: number;
  /** DN of each cell; the DU's where both are known. */
  readonly cells: readonly string[];
  readonly snssais: readonly string[];
  add(series: readonly Series[]): void;
  addSamples(samples: readonly Sample[]): void;
  column(cell: number, snssai: number, counter: string): Float64Array | undefined;
  /** A column computed from others, kept and brought up to date from the first period that changed. */
  derived(key: string, derivation: Derivation): Float64Array;
  /** Index of a cell by any of its DNs; -1 when unknown. */
  cellIndex(dn: string): number;
  snssaiIndex(snssai: string): number;
  timeOf(index: number): number;
  /** The period whose end lies nearest; may be outside 0..length-1. */
  indexOf(time: number): number;
  /** Makes the table reach the period that ends at `time`, though nothing may have been reported for it. */
  extendTo(time: number): void;
  /** Forgets the periods that end before `time`. */
  trim(time: number): void;
}

export interface SeriesTableOptions {
  /** Length of a period in microseconds. */
  readonly periodMicros: number;
  /** Which series to take; by default all that are not of a twin. */
  readonly accept?: (series: { source: string; dn: string; counter: string }) => boolean;
  /** More periods than this are refused: a wrong time stamp must not cost all memory. */
  readonly mostPeriods?: number;
}

interface Derived {
  values: Float64Array;
  cleanTo: number;
  readonly derivation: Derivation;
}

/** Derivations look back at most this far from the first period that changed. */
const MARGIN = 8;
const notTwin = ({ source }: { source: string }) => !source.startsWith(TWIN_PREFIX);

export function createSeriesTable(options: SeriesTableOptions): SeriesTable {
  const { periodMicros, accept = notTwin, mostPeriods = 2_000_000 } = options;
  if (!(periodMicros > 0)) throw new RanloopError('RL_INVALID', 'periodMicros must be above 0');
  const cells: string[] = [];
  const cellIndexes = new Map<string, number>();
  const snssais: string[] = [];
  const columns = new Map<string, Float64Array>();
  const derivations = new Map<string, Derived>();
  let start = Number.NaN;
  let length = 0;
  let capacity = 0;

  const keyOf = (dn: string) => {
    const name = cellOf(dn);
    return name ? `${name.managedElement}/${name.cell}` : dn;
  };
  const snssaiIndex = (snssai: string) => snssais.indexOf(snssai);
  const touchCell = (dn: string) => {
    const key = keyOf(dn);
    const known = cellIndexes.get(key);
    if (known === undefined) {
      cellIndexes.set(key, cells.length);
      return cells.push(dn) - 1;
    }
    if (dn.includes('NRCellDU=')) cells[known] = dn;
    return known;
  };
  const touchSnssai = (snssai: string | undefined) => {
    if (snssai === undefined) return -1;
    const known = snssaiIndex(snssai);
    return known >= 0 ? known : snssais.push(snssai) - 1;
  };
  const moveAll = (size: number, shift: number) => {
    const move = (old: Float64Array) => {
      const next = new Float64Array(size).fill(Number.NaN);
      const from = Math.max(0, -shift);
      next.set(old.subarray(from, Math.min(length, size - shift)), Math.max(0, shift));
      return next;
    };
    for (const [key, column] of columns) columns.set(key, move(column));
    for (const item of derivations.values()) {
      item.values = move(item.values);
      item.cleanTo = shift > 0 ? 0 : Math.max(0, item.cleanTo + shift);
    }
    capacity = size;
  };
  const place = (time: number): number => {
    if (length === 0) {
      start = time;
      length = 1;
      if (capacity === 0) capacity = 1_024;
      return 0;
    }
    const index = Math.round((time - start) / periodMicros);
    const span = index < 0 ? length - index : Math.max(length, index + 1);
    if (span > mostPeriods)
      throw new RanloopError('RL_TOO_LARGE', `the samples span ${span} periods; at most ${mostPeriods} are taken`);
    if (index < 0) {
      moveAll(span + 1_024, -index);
      start += index * periodMicros;
      length = span;
      return 0;
    }
    if (index >= capacity) moveAll(Math.max(index + 1, capacity * 2), 0);
    length = span;
    return index;
  };
  const columnFor = (key: string) => {
    let column = columns.get(key);
    if (!column) {
      column = new Float64Array(capacity).fill(Number.NaN);
      columns.set(key, column);
    }
    return column;
  };
  const dirty = (index: number) => {
    for (const item of derivations.values()) if (item.cleanTo > index) item.cleanTo = index;
  };
  const addPoints = (series: Omit<Series, 'unit'>) => {
    if (!accept(series) || series.points.length === 0) return;
    const key = `${touchCell(series.dn)}|${touchSnssai(series.snssai)}|${series.counter}`;
    let lowest = Number.POSITIVE_INFINITY;
    for (const [time, value] of series.points) {
      const index = place(time);
      // Looked up for each point: `place` may have replaced the array.
      columnFor(key)[index] = value;
      if (index < lowest) lowest = index;
    }
    dirty(lowest);
  };

  return {
    periodMicros,
    get start() {
      return start;
    },
    get length() {
      return length;
    },
    cells,
    snssais,
    add(list) {
      for (const series of list) addPoints(series);
    },
    addSamples(samples) {
      for (const sample of samples) addPoints({ ...sample, points: [[sample.time, sample.value]] });
    },
    column: (cell, snssai, counter) => columns.get(`${cell}|${snssai}|${counter}`),
    derived(key, derivation) {
      let item = derivations.get(key);
      if (!item) {
        item = { values: new Float64Array(capacity).fill(Number.NaN), cleanTo: 0, derivation };
        derivations.set(key, item);
      }
      if (item.values.length < length) throw new RanloopError('RL_INTERNAL', 'a derived column is too short');
      if (item.cleanTo < length) {
        item.derivation(item.values, Math.max(0, item.cleanTo - MARGIN), length);
        item.cleanTo = length;
      }
      return item.values;
    },
    cellIndex: (dn) => cellIndexes.get(keyOf(dn)) ?? -1,
    snssaiIndex,
    timeOf: (index) => start + index * periodMicros,
    indexOf: (time) => Math.round((time - start) / periodMicros),
    extendTo(time) {
      if (length > 0 && time > start) place(time);
    },
    trim(time) {
      const drop = Math.min(length, Math.ceil((time - start) / periodMicros));
      if (!(drop > 0)) return;
      moveAll(capacity, -drop);
      start += drop * periodMicros;
      length -= drop;
    },
  };
}

/** A table of all the given series at once. */
export function buildTable(series: readonly Series[], options: SeriesTableOptions): SeriesTable {
  const table = createSeriesTable(options);
  table.add(series);
  return table;
}
