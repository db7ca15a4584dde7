import { type ModelCard, pinball, sliceDemandCount, sliceDemandNames, stabilityIndex } from '@ranloop/sdk/features';

export interface DriftLimits {
  readonly forecasts: number;
  readonly factor: number;
  readonly stabilityIndex: number;
  /** Inputs are compared over so many rows at once; less than a day of them would differ by the time of day alone. */
  readonly rows: number;
}

/** Watches whether forecasts err more than they did on the test days, and whether the inputs are still of their kind. */
export interface DriftWatch {
  /** A forecast whose truth is now known: `p90` as the model gave it. */
  judge(actual: number, p90: number): void;
  /** Rows that were forecast from (rows x features). */
  see(features: Float32Array): void;
  /** Why the model should be trained again; undefined while all is well or too little is known. */
  reason(): string | undefined;
}

export function createDriftWatch(
  card: ModelCard,
  { limits, horizon, quantile }: { limits: DriftLimits; horizon: number; quantile: number },
): DriftWatch {
  const losses = new Float64Array(limits.forecasts);
  const expected = card.testPinball?.[card.horizons.indexOf(horizon)];
  const inputs = (card.inputs ?? []).flatMap((histogram) => {
    const column = sliceDemandNames.indexOf(histogram.feature);
    return column < 0 ? [] : [{ histogram, column, values: new Float64Array(limits.rows) }];
  });
  let judged = 0;
  let sum = 0;
  let seen = 0;
  return {
    judge(actual, p90) {
      const at = judged % losses.length;
      const loss = pinball(actual - p90, quantile);
      sum += loss - (judged >= losses.length ? (losses[at] as number) : 0);
      losses[at] = loss;
      judged++;
    },
    see(features) {
      if (inputs.length === 0) return;
      for (let row = 0; row + sliceDemandCount <= features.length; row += sliceDemandCount) {
        for (const { column, values } of inputs) values[seen % limits.rows] = features[row + column] as number;
        seen++;
      }
    },
    reason() {
      const mean = sum / losses.length;
      if (judged >= losses.length && expected !== undefined && expected > 0 && mean > expected * limits.factor)
        return `forecast error: pinball loss ${mean.toFixed(3)} over the last ${losses.length} forecasts, ${expected.toFixed(3)} on the test days`;
      if (seen < limits.rows) return undefined;
      for (const { histogram, values } of inputs) {
        const index = stabilityIndex(histogram, values);
        if (index > limits.stabilityIndex)
          return `inputs: population stability index of ${histogram.feature} is ${index.toFixed(2)}`;
      }
      return undefined;
    },
  };
}
