export { readCsv, writeCsv } from './csv.ts';
export { DATA_FILE, DESCRIPTION_FILE, type Description, statisticsOf } from './description.ts';
export { type LoadedDataset, loadDataset } from './load.ts';
