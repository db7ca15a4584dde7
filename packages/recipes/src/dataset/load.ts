import { createSeriesTable, type SeriesTable } from '@ranloop/sdk/features';
import type { Session } from '@ranloop/sdk/session';
import { getDataset } from '@ranloop/sdk/tracking';
import { readCsv } from './csv.ts';
import { checkDescription, DATA_FILE, DESCRIPTION_FILE, type Description } from './description.ts';

export interface LoadedDataset {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly description: Description;
  readonly table: SeriesTable;
}

/** Reads a dataset that `extract` made. */
export async function loadDataset(session: Session, id: string): Promise<LoadedDataset> {
  const dataset = await getDataset(session, { id });
  const decode = async (path: string) => new TextDecoder().decode(await dataset.read(path));
  const description = checkDescription(JSON.parse(await decode(DESCRIPTION_FILE)), DESCRIPTION_FILE);
  const table = createSeriesTable({ periodMicros: description.periodSeconds * 1e6, accept: () => true });
  readCsv(await decode(DATA_FILE), (series) => table.add(series));
  return { id, name: dataset.name, version: dataset.version, description, table };
}
