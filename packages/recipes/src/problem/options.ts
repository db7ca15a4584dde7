export interface ProblemOptions {
  /** Periods ahead; empty: those of the schema. */
  readonly horizons: readonly number[];
  /** Shares of the time span; the rest is for the test. */
  readonly shares: { readonly train: number; readonly validate: number };
}
