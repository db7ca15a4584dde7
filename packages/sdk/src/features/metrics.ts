/** Errors of forecasts. All take arrays of equal length and give NaN for empty ones. */

export function rmse(actual: ArrayLike<number>, forecast: ArrayLike<number>): number {
  return Math.sqrt(mean(actual.length, (at) => ((actual[at] as number) - (forecast[at] as number)) ** 2));
}

export function mae(actual: ArrayLike<number>, forecast: ArrayLike<number>): number {
  return mean(actual.length, (at) => Math.abs((actual[at] as number) - (forecast[at] as number)));
}

/** Mean pinball loss of a forecast of the q-quantile: too low costs q, too high 1 - q, for each unit. */
export function pinballLoss(actual: ArrayLike<number>, forecast: ArrayLike<number>, q: number): number {
  return mean(actual.length, (at) => pinball((actual[at] as number) - (forecast[at] as number), q));
}

export function pinball(error: number, q: number): number {
  return error >= 0 ? q * error : (q - 1) * error;
}

/** Share of values at or under their forecast; a calibrated 0.9 quantile covers 0.9. */
export function coverage(actual: ArrayLike<number>, upper: ArrayLike<number>): number {
  return mean(actual.length, (at) => ((actual[at] as number) <= (upper[at] as number) ? 1 : 0));
}

/** The q-quantile of values, by linear interpolation between order statistics; NaN when there are none. */
export function quantile(values: ArrayLike<number>, q: number): number {
  if (values.length === 0) return Number.NaN;
  const sorted = Float64Array.from(values).sort();
  const place = Math.min(1, Math.max(0, q)) * (sorted.length - 1);
  const low = sorted[Math.floor(place)] as number;
  const high = sorted[Math.ceil(place)] as number;
  return low + (high - low) * (place - Math.floor(place));
}

export interface ForecastErrors {
  readonly rows: number;
  readonly rmse: number;
  readonly mae: number;
  readonly pinball: number;
  readonly coverage: number;
}

/**
 * Errors for each group of rows, as for each cell (`group[row]`). `median` is judged by RMSE and MAE, `upper` by
 * pinball loss and coverage at `q`.
 */
export function errorsByGroup(
  rows: { readonly actual: ArrayLike<number>; readonly median: ArrayLike<number>; readonly upper: ArrayLike<number> },
  group: ArrayLike<number>,
  q: number,
): Map<number, ForecastErrors> {
  const members = new Map<number, number[]>();
  for (let row = 0; row < group.length; row++) {
    const key = group[row] as number;
    const list = members.get(key);
    if (list) list.push(row);
    else members.set(key, [row]);
  }
  const result = new Map<number, ForecastErrors>();
  for (const [key, list] of members) {
    const pick = (values: ArrayLike<number>) => Float64Array.from(list, (row) => values[row] as number);
    const [actual, median, upper] = [pick(rows.actual), pick(rows.median), pick(rows.upper)];
    result.set(key, {
      rows: list.length,
      rmse: rmse(actual, median),
      mae: mae(actual, median),
      pinball: pinballLoss(actual, upper, q),
      coverage: coverage(actual, upper),
    });
  }
  return result;
}

function mean(count: number, term: (at: number) => number): number {
  let sum = 0;
  for (let at = 0; at < count; at++) sum += term(at);
  return sum / count;
}
