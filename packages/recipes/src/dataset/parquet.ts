import type { SeriesTable } from '@ranloop/sdk/features';
import { parquetWriteBuffer } from 'hyparquet-writer';
import type { Description } from './description.ts';
import { namesOf, rowsOf } from './rows.ts';

/** Key of the description among the file's own metadata. */
const DESCRIPTION_KEY = 'ranloop.description';
const ROWS_IN_GROUP = 100_000;

/**
 * The rows of the data file as Apache Parquet: `time [us]` INT64, `object` and `snssai` strings, counters DOUBLE; null was
 * not reported. The description travels in the file's metadata.
 */
export function writeParquet(table: SeriesTable, description: Description): Uint8Array {
  const times: bigint[] = [];
  const objects: string[] = [];
  const snssais: (string | null)[] = [];
  const values: (number | null)[][] = description.columns.map(() => []);
  for (const row of rowsOf(table, description.columns)) {
    times.push(BigInt(row.time));
    objects.push(row.object);
    snssais.push(row.snssai ?? null);
    for (const [index, column] of values.entries()) column.push(row.values[index] ?? null);
  }
  const [time = '', object = '', snssai = '', ...counters] = namesOf(description.columns);
  const buffer = parquetWriteBuffer({
    columnData: [
      { name: time, data: times, type: 'INT64', nullable: false },
      { name: object, data: objects, type: 'STRING', nullable: false },
      { name: snssai, data: snssais, type: 'STRING', nullable: true },
      ...counters.map((name, index) => ({ name, data: values[index] ?? [], type: 'DOUBLE' as const, nullable: true })),
    ],
    rowGroupSize: ROWS_IN_GROUP,
    kvMetadata: [{ key: DESCRIPTION_KEY, value: JSON.stringify(description) }],
    createdBy: 'ranloop',
  });
  return new Uint8Array(buffer);
}
