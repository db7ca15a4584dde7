import { DELAY, LOSS, PRB_USED, USERS, VOLUME } from './cells.ts';
import { reconstruct } from './reconstruct.ts';
import type { SeriesTable } from './table.ts';

/** Gaps up to this many periods are bridged for features with the last value before them; for targets never. */
export const LONGEST_FILL = 3;

/** The columns of one cell and slice that its rows are cut from. `demand` keeps its gaps; the others are filled. */
export interface SliceColumns {
  readonly demand: Float64Array;
  readonly demandFilled: Float64Array;
  readonly used: Float64Array;
  readonly users: Float64Array;
  readonly delay: Float64Array;
  readonly loss: Float64Array;
  /** Mean PRBs in use in the other cells. */
  readonly neighbours: Float64Array;
}

/** Demand in PRB for each period, NaN where it cannot be known. */
export function demandColumn(table: SeriesTable, cell: number, snssai: number): Float64Array {
  return table.derived(`demand|${cell}|${snssai}`, (out, from, to) => {
    const read = (counter: string) => table.column(cell, snssai, counter);
    const used = read(PRB_USED);
    const [volume, loss, delay] = [read(VOLUME), read(LOSS), read(DELAY)];
    const periodSeconds = table.periodMicros / 1e6;
    for (let t = from; t < to; t++)
      out[t] = reconstruct({
        prbUsed: used?.[t] ?? Number.NaN,
        volume: volume?.[t] ?? Number.NaN,
        dropRate: loss?.[t] ?? Number.NaN,
        delay: delay?.[t] ?? Number.NaN,
        delayBefore: (t > 0 ? delay?.[t - 1] : undefined) ?? Number.NaN,
        periodSeconds,
      });
  });
}

/** Null when the cell never reported PRBs of the slice. */
export function sliceColumns(table: SeriesTable, cell: number, snssai: number): SliceColumns | null {
  if (!table.column(cell, snssai, PRB_USED)) return null;
  const demand = demandColumn(table, cell, snssai);
  const filled = (counter: string) =>
    table.derived(`filled|${cell}|${snssai}|${counter}`, (out, from, to) =>
      fill(out, table.column(cell, snssai, counter), { from, to }),
    );
  return {
    demand,
    demandFilled: table.derived(`demand-filled|${cell}|${snssai}`, (out, from, to) =>
      fill(out, demandColumn(table, cell, snssai), { from, to }),
    ),
    used: filled(PRB_USED),
    users: filled(USERS),
    delay: filled(DELAY),
    loss: filled(LOSS),
    neighbours: neighbourLoad(table, cell),
  };
}

function neighbourLoad(table: SeriesTable, cell: number): Float64Array {
  // Recomputed with the number of cells in the key: a cell that appears later changes the mean of all periods.
  return table.derived(`neighbours|${cell}|${table.cells.length}|${table.snssais.length}`, (out, from, to) => {
    const others = table.cells.map((_dn, index) => index).filter((index) => index !== cell);
    const loads = others.map((other) => cellLoad(table, other));
    for (let t = from; t < to; t++) {
      let sum = 0;
      let count = 0;
      for (const load of loads) {
        const value = load[t] ?? Number.NaN;
        if (value >= 0) {
          sum += value;
          count++;
        }
      }
      out[t] = count > 0 ? sum / count : Number.NaN;
    }
  });
}

/** PRBs in use over all slices of a cell. */
function cellLoad(table: SeriesTable, cell: number): Float64Array {
  return table.derived(`load|${cell}|${table.snssais.length}`, (out, from, to) => {
    const slices = table.snssais.flatMap((_name, snssai) => table.column(cell, snssai, PRB_USED) ?? []);
    for (let t = from; t < to; t++) {
      let sum = Number.NaN;
      for (const column of slices) {
        const value = column[t] ?? Number.NaN;
        if (value >= 0) sum = (Number.isNaN(sum) ? 0 : sum) + value;
      }
      out[t] = sum;
    }
  });
}

export function fill(
  out: Float64Array,
  column: ArrayLike<number> | undefined,
  { from, to }: { from: number; to: number },
): void {
  let last = Number.NaN;
  let age = LONGEST_FILL;
  for (let t = Math.max(0, from - LONGEST_FILL); t < to; t++) {
    const value = column?.[t] ?? Number.NaN;
    if (Number.isNaN(value)) age++;
    else {
      last = value;
      age = 0;
    }
    if (t >= from) out[t] = age <= LONGEST_FILL ? last : Number.NaN;
  }
}
