export { readCsv, writeCsv } from './csv.ts';
export {
  DATA_FILE,
  DESCRIPTION_FILE,
  type Description,
  PARQUET_FILE,
  QUALITY_FILE,
  statisticsOf,
  TABLE_SCHEMA,
} from './description.ts';
export { type LoadedDataset, loadDataset } from './load.ts';
export { writeParquet } from './parquet.ts';
