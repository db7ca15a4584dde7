import { checker } from '@ranloop/contracts/schema';
import Type, { type Static } from 'typebox';

export const DATA_FILE = 'data.csv';
/** The same rows for readers of columns. */
export const PARQUET_FILE = 'data.parquet';
export const DESCRIPTION_FILE = 'description.json';
/** Gaps, duplicates and flags, by counter. */
export const QUALITY_FILE = 'quality.json';

/** Any counters of any objects: for people and other programs, not for the recipe `train`. */
export const TABLE_SCHEMA = 'table-1';

const Statistics = Type.Object({
  count: Type.Integer(),
  missing: Type.Integer(),
  mean: Type.Number(),
  deviation: Type.Number(),
  minimum: Type.Number(),
  maximum: Type.Number(),
});
export type Statistics = Static<typeof Statistics>;

/** What a dataset says about its data file. */
export const Description = Type.Object({
  /** Feature schema that the data is meant for. */
  schema: Type.String(),
  /** Length of a period in seconds. */
  periodSeconds: Type.Number({ exclusiveMinimum: 0 }),
  /** Ends of the first and the last period, microseconds. */
  from: Type.Integer(),
  to: Type.Integer(),
  lines: Type.Integer(),
  columns: Type.Array(Type.Object({ counter: Type.String(), unit: Type.String(), statistics: Statistics })),
  objects: Type.Array(Type.String()),
  snssais: Type.Array(Type.String()),
});
export type Description = Static<typeof Description>;

export const checkDescription = checker(Description);

/** Over all series of a counter; NaN places count as missing. Zeros when nothing was reported. */
export function statisticsOf(arrays: readonly ArrayLike<number>[], length: number): Statistics {
  let [count, missing, sum, squares] = [0, 0, 0, 0];
  let [minimum, maximum] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const values of arrays)
    for (let t = 0; t < length; t++) {
      const value = values[t] as number;
      if (Number.isNaN(value)) {
        missing++;
        continue;
      }
      count++;
      sum += value;
      squares += value * value;
      minimum = Math.min(minimum, value);
      maximum = Math.max(maximum, value);
    }
  if (count === 0) return { count, missing, mean: 0, deviation: 0, minimum: 0, maximum: 0 };
  const mean = sum / count;
  return { count, missing, mean, deviation: Math.sqrt(Math.max(0, squares / count - mean * mean)), minimum, maximum };
}
