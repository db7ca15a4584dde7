/**
 * Exponential moving average with the bias of its start removed, so that a strong smoothing does not pull the curve to 0.
 * `weight` 0..0.99 is the share kept from the past; gaps (null, not finite) stay gaps and do not end the average.
 */
export function smooth(values: readonly (number | null)[], weight: number): (number | null)[] {
  if (weight <= 0) return [...values];
  let average = 0;
  let trust = 1;
  return values.map((value) => {
    if (value === null || !Number.isFinite(value)) return value;
    average = average * weight + value * (1 - weight);
    trust *= weight;
    return average / (1 - trust);
  });
}
