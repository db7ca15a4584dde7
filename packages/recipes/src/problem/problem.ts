import type { Baseline, TimeSplit } from '@ranloop/sdk/features';

/** A forecasting problem, whatever its feature schema: rows of raw features, what came after them, and a split. */
export interface Problem {
  readonly schema: string;
  readonly unit: string;
  readonly names: readonly string[];
  readonly columns: number;
  readonly horizons: readonly number[];
  /** The horizon that the control uses, or that a report looks at first. */
  readonly mainHorizon: number;
  readonly rows: number;
  /** rows x columns. */
  readonly features: Float32Array;
  /** rows x horizons. */
  readonly targets: Float32Array;
  /** Microseconds. */
  readonly time: Float64Array;
  /** Cell (or series) of each row, as an index into `groups`. */
  readonly group: Uint16Array;
  readonly groups: readonly string[];
  /** Slice of each row, as an index into `slices`. */
  readonly slice: Uint16Array;
  readonly slices: readonly string[];
  /** 1 for features that are taken as a logarithm. */
  readonly logColumns: Uint8Array;
  readonly logTarget: boolean;
  /** 1 for features that the training part knows too little of: a model must not look at them. */
  readonly ignored: Uint8Array;
  readonly split: TimeSplit;
  /** Rows of the training part whose features are complete; the others teach less. */
  isComplete(row: number): boolean;
  /** rows x horizons. */
  baseline(name: Baseline): Float32Array;
}

/** Part of a rows x horizons array: one horizon of some rows. */
export function pickHorizon(
  values: Float32Array,
  rows: Uint32Array,
  at: { horizon: number; horizons: number },
): Float32Array {
  const out = new Float32Array(rows.length);
  for (let place = 0; place < rows.length; place++)
    out[place] = values[(rows[place] as number) * at.horizons + at.horizon] as number;
  return out;
}
