import { quantile as quantileOf } from '@ranloop/sdk/features';
import { fitLinear, linearForecast } from './linear.ts';
import type { Dense, Target } from './network.ts';
import type { TrainingData, TrainingOptions } from './options.ts';
import { normal, type Random } from './random.ts';

const RIDGE = 1e-4;
const MOST_LINEAR_ROWS = 20_000;
/** Residuals of zero have no logarithm. */
const LEAST_RESIDUAL = 0.01;

/** What training changes. */
export interface Parts {
  readonly hidden: readonly Dense[];
  readonly output: Dense;
  readonly straight: Float32Array;
}

export interface Setting {
  readonly data: TrainingData;
  readonly options: TrainingOptions;
  readonly target: Target;
}

/**
 * Where training starts: hidden layers by chance, their output at zero, and the straight part from least squares. The
 * first quantile begins as the linear forecast; the steps to the further ones as a linear forecast of how large its
 * residuals are (a logarithm, as softplus is an exponential for small steps), so that a calm slice begins with a narrow
 * interval and a wild one with a wide one.
 */
export function initialParts({
  data,
  options,
  target,
  z,
  random,
}: Setting & { z: Float32Array; random: Random }): Parts {
  const { columns, horizons } = data;
  const quantiles = options.quantiles.length;
  const outputs = horizons * quantiles;
  const sizes = [columns, ...options.hidden];
  const hidden = options.hidden.map((size, index) => {
    const inputs = sizes[index] as number;
    const weights = Float32Array.from({ length: inputs * size }, () => normal(random) * Math.sqrt(2 / inputs));
    return { inputs, outputs: size, weights, bias: new Float32Array(size) };
  });
  const last = sizes.at(-1) as number;
  const sample = linearSample({ data, target, z });
  const fit = (targets: Float32Array) => fitLinear(sample.rows, targets, { columns, targets: horizons, ridge: RIDGE });
  const middle = fit(sample.wanted);
  const said = linearForecast(middle, sample.rows, columns);
  const residuals = sample.wanted.map((value, at) => value - (said[at] as number));
  const size = fit(residuals.map((value) => Math.log(Math.abs(value) + LEAST_RESIDUAL)));
  const scale = linearForecast(size, sample.rows, columns);
  const relative = residuals.map((value, at) => value / Math.exp(scale[at] as number));
  const straight = new Float32Array(columns * outputs);
  const bias = new Float32Array(outputs);
  for (let h = 0; h < horizons; h++) {
    const own = relative.filter((_, at) => at % horizons === h);
    const places = options.quantiles.map((q) => quantileOf(own, q));
    for (let q = 0; q < quantiles; q++) {
      const from = q === 0 ? middle : size;
      const step = (places[q] as number) - (places[q - 1] ?? 0);
      bias[h * quantiles + q] = (from.intercept[h] as number) + (q === 0 ? 0 : Math.log(Math.max(step, 1e-3)));
      for (let column = 0; column < columns; column++)
        straight[column * outputs + h * quantiles + q] = from.weights[column * horizons + h] as number;
    }
  }
  return { hidden, output: { inputs: last, outputs, weights: new Float32Array(last * outputs), bias }, straight };
}

function linearSample({ data, target, z }: { data: TrainingData; target: Target; z: Float32Array }) {
  const { columns, horizons } = data;
  const all = Uint32Array.from(data.train, (_, index) => index);
  const keep = thin(all, MOST_LINEAR_ROWS);
  const rows = new Float32Array(keep.length * columns);
  const wanted = new Float32Array(keep.length * horizons);
  for (let at = 0; at < keep.length; at++) {
    const index = keep[at] as number;
    rows.set(z.subarray(index * columns, (index + 1) * columns), at * columns);
    for (let h = 0; h < horizons; h++)
      wanted[at * horizons + h] = inside(target, data.targets[(data.train[index] as number) * horizons + h] as number);
  }
  return { rows, wanted };
}

/** A target in the units of the network's sums. */
function inside(target: Target, y: number): number {
  return ((target.log ? Math.log1p(y) : y) - target.mean) / target.deviation;
}

/** At most `most` of the rows, evenly spread. */
export function thin(rows: Uint32Array, most: number): Uint32Array {
  if (rows.length <= most) return rows;
  return Uint32Array.from({ length: most }, (_, index) => rows[Math.floor((index * rows.length) / most)] as number);
}
