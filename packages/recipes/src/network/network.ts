/**
 * The forecasting network as plain numbers: raw features in, forecasts in natural units out. Trained by TensorFlow.js,
 * exported to ONNX, and small enough to be worked out by hand.
 *
 *     u = log(1 + max(x, 0)) for columns with `logColumns`, else x
 *     z = clip((u - mean) * scale, -limit, limit)
 *     h = relu(z W1 + b1), relu(h W2 + b2) ...
 *     o = h Wo + bo + z Ws                                   (Ws: the straight way from input to output)
 *     for each horizon: first quantile r0 = o0, each further r(q) = r(q-1) + softplus(o(q))   (quantiles never cross)
 *     y = exp(clip(r, 0, highest)) - 1 when `target.log`, else clip(r, lowest, highest)
 *
 * r is `target.mean + target.deviation * (the sum above)`.
 */
export interface Network {
  readonly columns: number;
  /** 1 for columns that are taken as a logarithm. */
  readonly logColumns: Uint8Array;
  readonly mean: Float32Array;
  /** One over the deviation; 0 for a column that never varies. */
  readonly scale: Float32Array;
  readonly limit: number;
  readonly hidden: readonly Dense[];
  readonly output: Dense;
  /** columns x outputs. */
  readonly straight: Float32Array;
  readonly horizons: number;
  readonly quantiles: number;
  readonly target: Target;
}

export interface Dense {
  readonly inputs: number;
  readonly outputs: number;
  /** inputs x outputs, row-major. */
  readonly weights: Float32Array;
  readonly bias: Float32Array;
}

/** How targets are told to the network; bounds are in the space of r. */
export interface Target {
  readonly log: boolean;
  readonly mean: number;
  readonly deviation: number;
  readonly lowest: number;
  readonly highest: number;
}

/** Standardized features of some rows: z of the formula above. */
export function standardize(
  network: Pick<Network, 'columns' | 'logColumns' | 'mean' | 'scale' | 'limit'>,
  features: Float32Array,
  rows: ArrayLike<number>,
): Float32Array {
  const { columns, logColumns, mean, scale, limit } = network;
  const out = new Float32Array(rows.length * columns);
  for (let row = 0; row < rows.length; row++) {
    const from = (rows[row] as number) * columns;
    for (let column = 0; column < columns; column++) {
      const x = features[from + column] as number;
      const u = logColumns[column] === 1 ? Math.log1p(Math.max(x, 0)) : x;
      const z = (u - (mean[column] as number)) * (scale[column] as number);
      out[row * columns + column] = Math.min(limit, Math.max(-limit, z));
    }
  }
  return out;
}

/** The network in plain arithmetic, one row after the other: rows x (horizons * quantiles). */
export function forecast(network: Network, features: Float32Array): Float32Array {
  const rows = features.length / network.columns;
  const outputs = network.horizons * network.quantiles;
  const out = new Float32Array(rows * outputs);
  for (let row = 0; row < rows; row++) {
    const z = standardize(network, features, [row]);
    let h = z;
    for (const layer of network.hidden) h = apply(layer, h).map((value) => Math.max(0, value));
    const o = apply(network.output, h);
    for (let column = 0; column < outputs; column++)
      for (let input = 0; input < network.columns; input++)
        o[column] =
          (o[column] as number) + (z[input] as number) * (network.straight[input * outputs + column] as number);
    out.set(readOut(network, o), row * outputs);
  }
  return out;
}

function apply({ inputs, outputs, weights, bias }: Dense, x: Float32Array): Float32Array {
  const out = Float32Array.from(bias);
  for (let input = 0; input < inputs; input++)
    for (let output = 0; output < outputs; output++)
      out[output] = (out[output] as number) + (x[input] as number) * (weights[input * outputs + output] as number);
  return out;
}

function readOut({ horizons, quantiles, target }: Network, o: Float32Array): Float32Array {
  const out = new Float32Array(horizons * quantiles);
  for (let h = 0; h < horizons; h++) {
    let sum = 0;
    for (let q = 0; q < quantiles; q++) {
      const raw = o[h * quantiles + q] as number;
      sum += q === 0 ? raw : softplus(raw);
      const r = Math.min(target.highest, Math.max(target.lowest, target.mean + target.deviation * sum));
      out[h * quantiles + q] = target.log ? Math.expm1(r) : r;
    }
  }
  return out;
}

const softplus = (x: number) => (x > 30 ? x : Math.log1p(Math.exp(x)));

/**
 * Columns with a value added up over the quantiles of each horizon, as a matrix: outputs x outputs, 1 where the row's
 * quantile counts towards the column's.
 */
export function cumulative({ horizons, quantiles }: Pick<Network, 'horizons' | 'quantiles'>): Float32Array {
  const outputs = horizons * quantiles;
  const matrix = new Float32Array(outputs * outputs);
  for (let h = 0; h < horizons; h++)
    for (let from = 0; from < quantiles; from++)
      for (let to = from; to < quantiles; to++) matrix[(h * quantiles + from) * outputs + h * quantiles + to] = 1;
  return matrix;
}

/** 1 for the columns of the first quantile of each horizon. */
export function firstQuantile({ horizons, quantiles }: Pick<Network, 'horizons' | 'quantiles'>): Float32Array {
  return Float32Array.from({ length: horizons * quantiles }, (_, column) => (column % quantiles === 0 ? 1 : 0));
}
