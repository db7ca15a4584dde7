import type { SeriesTable } from '@ranloop/sdk/features';

export interface ColumnName {
  readonly counter: string;
  readonly unit: string;
}

/** One period of one cell and slice. */
export interface Row {
  /** End of the period, microseconds. */
  readonly time: number;
  /** DN. */
  readonly object: string;
  /** Undefined for what is reported of the whole cell. */
  readonly snssai: string | undefined;
  /** By column; undefined was not reported. */
  readonly values: readonly (number | undefined)[];
}

export const FIXED = ['time [us]', 'object', 'snssai'];

/** The columns of a data file: time, object, slice, then one for each counter, named `<counter> [<unit>]`. */
export function namesOf(columns: readonly ColumnName[]): string[] {
  return [...FIXED, ...columns.map(({ counter, unit }) => `${counter} [${unit}]`)];
}

/** The rows in which some counter was reported; in the order object, slice, time. */
export function* rowsOf(table: SeriesTable, columns: readonly ColumnName[]): Generator<Row> {
  for (const [cell, object] of table.cells.entries()) {
    for (const slice of [-1, ...table.snssais.keys()]) {
      const data = columns.map(({ counter }) => table.column(cell, slice, counter));
      if (data.every((column) => column === undefined)) continue;
      for (let t = 0; t < table.length; t++) {
        const values = data.map((column) => reported(column?.[t]));
        if (values.some((value) => value !== undefined))
          yield { time: table.timeOf(t), object, snssai: slice < 0 ? undefined : table.snssais[slice], values };
      }
    }
  }
}

const reported = (value: number | undefined) => (Number.isNaN(value) ? undefined : value);
