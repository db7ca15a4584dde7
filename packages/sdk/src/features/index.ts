export {
  BASELINES,
  type Baseline,
  baselineForecasts,
  baselineMargins,
  seriesBaseline,
} from './baselines.ts';
export { CARD_KEY, cardFromMetadata, cardToMetadata, ModelCard, marginOf, outputColumn } from './card.ts';
export * from './cells.ts';
export { FeatureHistogram, histogramOf, stabilityIndex } from './drift.ts';
export { buildMatrix, type Matrix, type MatrixOptions } from './matrix.ts';
export * from './metrics.ts';
export { type DemandInputs, reconstruct } from './reconstruct.ts';
export {
  bridged,
  buildSeriesMatrix,
  SERIES_FEATURES,
  SERIES_HORIZONS,
  SERIES_SCHEMA,
  type SeriesMatrix,
  seriesCount,
  writeSeriesRow,
} from './series.ts';
export { demandColumn, LONGEST_FILL } from './slice-columns.ts';
export {
  buildRow,
  type Feature,
  SLICE_DEMAND_FEATURES,
  SLICE_DEMAND_HISTORY_SECONDS,
  SLICE_DEMAND_HORIZONS,
  SLICE_DEMAND_SCHEMA,
  sliceDemandCount,
  sliceDemandNames,
} from './slice-demand.ts';
export { splitByTime, type TimeSplit } from './split.ts';
export { buildTable, createSeriesTable, type SeriesTable, type SeriesTableOptions } from './table.ts';
