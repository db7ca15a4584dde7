export { type CsvHead, readCsv, writeCsv } from './csv.ts';
export {
  checkDescription,
  DATA_FILE,
  DESCRIPTION_FILE,
  type Description,
  type Statistics,
  statisticsOf,
} from './description.ts';
export { type LoadedDataset, loadDataset } from './load.ts';
