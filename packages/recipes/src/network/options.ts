import type { Network } from './network.ts';

export interface TrainingData {
  readonly columns: number;
  /** Raw features, rows x columns. */
  readonly features: Float32Array;
  /** rows x horizons, natural units. */
  readonly targets: Float32Array;
  readonly horizons: number;
  readonly logColumns: Uint8Array;
  /** 1 for columns that the network must not look at. */
  readonly ignored?: Uint8Array;
  /** Learn the logarithm of 1 + target: for demand that is never negative and varies by factors. */
  readonly logTarget: boolean;
  /** Row numbers. */
  readonly train: Uint32Array;
  readonly validate: Uint32Array;
  /** What an error of one unit in a row counts, by row number. */
  readonly weight: Float32Array;
}

export interface TrainingOptions {
  readonly quantiles: readonly number[];
  readonly hidden: readonly number[];
  readonly epochs: number;
  readonly batch: number;
  readonly learningRate: number;
  readonly seed: number;
  /** Epochs without a better validation loss after which training ends. */
  readonly patience: number;
  readonly signal?: AbortSignal | undefined;
  readonly onEpoch?: (progress: Progress) => void;
}

export interface Progress {
  readonly epoch: number;
  /** Mean pinball loss over horizons and quantiles, weighted, natural units. */
  readonly train: number;
  readonly validate: number;
  readonly learningRate: number;
  readonly seconds: number;
}

export interface Trained {
  readonly network: Network;
  readonly bestEpoch: number;
  readonly epochs: number;
  readonly validateLoss: number;
  /** What TensorFlow.js itself says for some validation rows, for an export to be held against. */
  readonly sample: { readonly rows: Uint32Array; readonly forecasts: Float32Array };
}
