export {
  type Margins,
  ORACLE_MARGINS,
  oracleRatios,
  REACTIVE_MARGINS,
  reactiveRatios,
  reportedDemand,
} from './controllers.ts';
export { searchInWorker, type WorkerSearchOptions } from './search-in-worker.ts';
export { type StaticSearchOptions, type StaticSearchResult, searchStaticRatios } from './static-search.ts';
export { createTwins, TWINS, type TwinName, type Twins, type TwinsOptions } from './twins.ts';
