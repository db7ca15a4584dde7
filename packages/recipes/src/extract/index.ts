export { type ExtractParams, extract, SERIES_DATASET, SLICE_DATASET } from './extract.ts';
