import { RanloopError } from '@ranloop/contracts/errors';
import type * as tf from '@tensorflow/tfjs-core';
import { useWasm } from './backend.ts';
import { fitLinear } from './linear.ts';
import { cumulative, type Dense, firstQuantile, type Network, standardize, type Target } from './network.ts';
import { createRandom, normal, type Random, shuffle } from './random.ts';

export interface TrainingData {
  readonly columns: number;
  /** Raw features, rows x columns. */
  readonly features: Float32Array;
  /** rows x horizons, natural units. */
  readonly targets: Float32Array;
  readonly horizons: number;
  readonly logColumns: Uint8Array;
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

const LIMIT = 6;
const RIDGE = 1e-4;
const MOST_LINEAR_ROWS = 20_000;
const MOST_VALIDATION_ROWS = 12_000;
/** WebAssembly memory never shrinks: no step may need much more than a training step. */
const VALIDATION_BATCH = 2_048;
const SAMPLE_ROWS = 512;
const BREATHE_EVERY = 8;

/** Trains by pinball loss with Adam; keeps the weights of the epoch that did best on the validation rows. */
export async function trainNetwork(data: TrainingData, options: TrainingOptions): Promise<Trained> {
  if (data.train.length === 0 || data.validate.length === 0)
    throw new RanloopError('RL_UNPROCESSABLE', 'there are too few rows to train and to validate on');
  const engine = await useWasm();
  const random = createRandom(options.seed);
  const norms = normsOf(data);
  const target = targetOf(data);
  const z = standardize(norms, data.features, data.train);
  const parts = initialParts({ data, options, target, z, random });
  const model = createModel(engine, { parts, data, options, target });
  try {
    const validation = chunks(thin(data.validate, MOST_VALIDATION_ROWS), VALIDATION_BATCH).map((rows) =>
      model.prepare(rows, standardize(norms, data.features, rows)),
    );
    const order = Uint32Array.from(data.train, (_, index) => index);
    const steps = Math.ceil(order.length / options.batch);
    let best = { loss: model.loss(validation), epoch: 0, parts: model.read() };
    let epoch = 0;
    while (epoch < options.epochs && epoch - best.epoch < options.patience) {
      const started = performance.now();
      shuffle(order, random);
      let sum = 0;
      let rate = 0;
      for (let step = 0; step < steps; step++) {
        options.signal?.throwIfAborted();
        rate = rateAt(options, (epoch * steps + step) / (options.epochs * steps));
        sum += model.step(order.subarray(step * options.batch, (step + 1) * options.batch), { z, rate });
        // Reports and the wish to stop travel between steps.
        if (step % BREATHE_EVERY === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      epoch += 1;
      const loss = model.loss(validation);
      if (loss < best.loss) best = { loss, epoch, parts: model.read() };
      options.onEpoch?.({
        epoch,
        train: sum / steps,
        validate: loss,
        learningRate: rate,
        seconds: (performance.now() - started) / 1000,
      });
    }
    for (const batch of validation) batch.dispose();
    model.write(best.parts);
    const rows = thin(data.validate, SAMPLE_ROWS);
    const sample = { rows, forecasts: model.forecast(rows, standardize(norms, data.features, rows)) };
    const network: Network = {
      ...norms,
      ...best.parts,
      horizons: data.horizons,
      quantiles: options.quantiles.length,
      target,
    };
    return { network, bestEpoch: best.epoch, epochs: epoch, validateLoss: best.loss, sample };
  } finally {
    model.dispose();
  }
}

/** A short warm-up, then half a cosine down to a fiftieth. */
function rateAt({ learningRate }: TrainingOptions, part: number): number {
  const warm = 0.03;
  if (part < warm) return learningRate * (0.2 + (0.8 * part) / warm);
  return learningRate * (0.02 + 0.49 * (1 + Math.cos((Math.PI * (part - warm)) / (1 - warm))));
}

function normsOf(data: TrainingData): Pick<Network, 'columns' | 'logColumns' | 'mean' | 'scale' | 'limit'> {
  const { columns, logColumns, features, train } = data;
  const sum = new Float64Array(columns);
  const squares = new Float64Array(columns);
  for (const row of train)
    for (let column = 0; column < columns; column++) {
      const x = features[row * columns + column] as number;
      const u = logColumns[column] === 1 ? Math.log1p(Math.max(x, 0)) : x;
      sum[column] = (sum[column] as number) + u;
      squares[column] = (squares[column] as number) + u * u;
    }
  const mean = Float32Array.from(sum, (value) => value / train.length);
  const scale = Float32Array.from(squares, (value, column) => {
    const middle = (sum[column] as number) / train.length;
    const variance = value / train.length - middle * middle;
    return variance > 1e-9 ? 1 / Math.sqrt(variance) : 0;
  });
  return { columns, logColumns, mean, scale, limit: LIMIT };
}

/** Forecasts may exceed what was seen in training, but not by orders of magnitude. */
function targetOf({ targets, horizons, train, logTarget }: TrainingData): Target {
  let [sum, squares, low, high] = [0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const row of train)
    for (let h = 0; h < horizons; h++) {
      const y = targets[row * horizons + h] as number;
      const r = logTarget ? Math.log1p(y) : y;
      sum += r;
      squares += r * r;
      low = Math.min(low, y);
      high = Math.max(high, y);
    }
  const count = train.length * horizons;
  const mean = sum / count;
  const deviation = Math.sqrt(Math.max(squares / count - mean * mean, 1e-12));
  const span = high - low;
  return logTarget
    ? { log: true, mean, deviation, lowest: 0, highest: Math.log1p(2 * high) }
    : { log: false, mean, deviation, lowest: low >= 0 ? 0 : low - span, highest: high + span };
}

interface Parts {
  readonly hidden: readonly Dense[];
  readonly output: Dense;
  readonly straight: Float32Array;
}

interface Setting {
  readonly data: TrainingData;
  readonly options: TrainingOptions;
  readonly target: Target;
}

function initialParts({ data, options, target, z, random }: Setting & { z: Float32Array; random: Random }): Parts {
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
  const keep = thin(
    Uint32Array.from(data.train, (_, index) => index),
    MOST_LINEAR_ROWS,
  );
  const rows = new Float32Array(keep.length * columns);
  const wanted = new Float32Array(keep.length * horizons);
  keep.forEach((index, at) => {
    rows.set(z.subarray(index * columns, (index + 1) * columns), at * columns);
    for (let h = 0; h < horizons; h++)
      wanted[at * horizons + h] = inside(target, data.targets[(data.train[index] as number) * horizons + h] as number);
  });
  const linear = fitLinear(rows, wanted, { columns, targets: horizons, ridge: RIDGE });
  const straight = new Float32Array(columns * outputs);
  // softplus(-1) is 0.31: the quantiles begin a third of a deviation apart.
  const bias = new Float32Array(outputs).fill(-1);
  for (let h = 0; h < horizons; h++) {
    bias[h * quantiles] = linear.intercept[h] as number;
    for (let column = 0; column < columns; column++)
      straight[column * outputs + h * quantiles] = linear.weights[column * horizons + h] as number;
  }
  return { hidden, output: { inputs: last, outputs, weights: new Float32Array(last * outputs), bias }, straight };
}

/** A target in the units of the network's sums. */
function inside(target: Target, y: number): number {
  return ((target.log ? Math.log1p(y) : y) - target.mean) / target.deviation;
}

/** At most `most` of the rows, evenly spread. */
function thin(rows: Uint32Array, most: number): Uint32Array {
  if (rows.length <= most) return rows;
  return Uint32Array.from({ length: most }, (_, index) => rows[Math.floor((index * rows.length) / most)] as number);
}

function chunks(rows: Uint32Array, size: number): Uint32Array[] {
  return Array.from({ length: Math.ceil(rows.length / size) }, (_, at) => rows.subarray(at * size, (at + 1) * size));
}

interface Batch {
  readonly x: tf.Tensor2D;
  readonly y: tf.Tensor2D;
  readonly w: tf.Tensor2D;
  dispose(): void;
}

interface Model {
  prepare(rows: Uint32Array, z: Float32Array): Batch;
  /** One step on rows named by their place among the training rows. */
  step(places: Uint32Array, given: { z: Float32Array; rate: number }): number;
  /** Over several batches, each row counting the same. */
  loss(batches: readonly Batch[]): number;
  forecast(rows: Uint32Array, z: Float32Array): Float32Array;
  read(): Parts;
  write(parts: Parts): void;
  dispose(): void;
}

function createModel(engine: typeof tf, { parts, data, options, target }: Setting & { parts: Parts }): Model {
  const { columns, horizons } = data;
  const quantiles = options.quantiles.length;
  const outputs = horizons * quantiles;
  const variable = (values: Float32Array, shape: number[]) => engine.variable(engine.tensor(values, shape));
  const dense = (layer: Dense) => ({
    layer,
    weights: variable(layer.weights, [layer.inputs, layer.outputs]) as tf.Variable<tf.Rank.R2>,
    bias: variable(layer.bias, [layer.outputs]),
  });
  const hidden = parts.hidden.map(dense);
  const output = dense(parts.output);
  const straight = variable(parts.straight, [columns, outputs]) as tf.Variable<tf.Rank.R2>;
  const first = engine.tensor1d(firstQuantile({ horizons, quantiles }));
  const further = engine.sub(1, first);
  const sums = engine.tensor2d(cumulative({ horizons, quantiles }), [outputs, outputs]);
  const q = engine.tensor1d(
    Float32Array.from({ length: outputs }, (_, i) => options.quantiles[i % quantiles] as number),
  );
  const rest = engine.sub(1, q);
  const optimizer = engine.train.adam(options.learningRate);

  const forecast = (x: tf.Tensor2D): tf.Tensor2D => {
    let h: tf.Tensor = x;
    for (const { weights, bias } of hidden) h = engine.relu(engine.add(engine.matMul(h as tf.Tensor2D, weights), bias));
    const direct = engine.matMul(x, straight);
    const o = engine.add(engine.add(engine.matMul(h as tf.Tensor2D, output.weights), output.bias), direct);
    const steps = engine.add(engine.mul(o, first), engine.mul(engine.softplus(o), further)) as tf.Tensor2D;
    const r = engine.add(engine.mul(engine.matMul(steps, sums), target.deviation), target.mean);
    // The lower bound is left to `bounded`: a clip would have no gradient just where forecasts must come back.
    const y = target.log ? engine.sub(engine.exp(engine.minimum(r, target.highest)), 1) : r;
    return y as tf.Tensor2D;
  };
  const bounded = (y: tf.Tensor2D): tf.Tensor2D =>
    target.log ? engine.relu(y) : engine.clipByValue(y, target.lowest, target.highest);
  const lossOf = ({ x, y, w }: Batch): tf.Scalar => {
    const error = engine.sub(y, forecast(x));
    const pinball = engine.add(engine.mul(q, engine.relu(error)), engine.mul(rest, engine.relu(engine.neg(error))));
    return engine.mean(engine.mul(pinball, w)) as tf.Scalar;
  };
  const batchOf = (rows: Uint32Array, x: Float32Array): Batch => {
    const y = new Float32Array(rows.length * outputs);
    const w = new Float32Array(rows.length);
    rows.forEach((row, at) => {
      w[at] = data.weight[row] as number;
      for (let column = 0; column < outputs; column++)
        y[at * outputs + column] = data.targets[row * horizons + Math.floor(column / quantiles)] as number;
    });
    const tensors = [
      engine.tensor2d(x, [rows.length, columns]),
      engine.tensor2d(y, [rows.length, outputs]),
      engine.tensor2d(w, [rows.length, 1]),
    ] as const;
    return { x: tensors[0], y: tensors[1], w: tensors[2], dispose: () => engine.dispose([...tensors]) };
  };
  const scalarOf = (scalar: tf.Scalar) => {
    const value = scalar.dataSync()[0] as number;
    scalar.dispose();
    return value;
  };
  const read = ({ layer, weights, bias }: ReturnType<typeof dense>): Dense => ({
    ...layer,
    weights: Float32Array.from(weights.dataSync()),
    bias: Float32Array.from(bias.dataSync()),
  });
  return {
    prepare: batchOf,
    step(places, { z, rate }) {
      const rows = places.map((place) => data.train[place] as number);
      const x = new Float32Array(places.length * columns);
      places.forEach((place, at) => {
        x.set(z.subarray(place * columns, (place + 1) * columns), at * columns);
      });
      const batch = batchOf(rows, x);
      // Adam reads its rate at each step; the setter is not part of its published type.
      (optimizer as unknown as { learningRate: number }).learningRate = rate;
      const loss = optimizer.minimize(() => lossOf(batch), true);
      batch.dispose();
      return loss ? scalarOf(loss) : Number.NaN;
    },
    loss(batches) {
      let [sum, rows] = [0, 0];
      for (const batch of batches) {
        const count = batch.x.shape[0];
        sum += count * scalarOf(engine.tidy(() => lossOf(batch)));
        rows += count;
      }
      return sum / rows;
    },
    forecast: (rows, z) =>
      engine.tidy(() => {
        const x = engine.tensor2d(z, [rows.length, columns]);
        return Float32Array.from(bounded(forecast(x)).dataSync());
      }),
    write(values) {
      engine.tidy(() => {
        const assign = (to: ReturnType<typeof dense>, { weights, bias }: Dense) => {
          to.weights.assign(engine.tensor(weights, to.weights.shape));
          to.bias.assign(engine.tensor(bias, to.bias.shape));
        };
        hidden.forEach((layer, index) => {
          assign(layer, values.hidden[index] as Dense);
        });
        assign(output, values.output);
        straight.assign(engine.tensor(values.straight, straight.shape));
      });
    },
    read: () => ({
      hidden: hidden.map(read),
      output: read(output),
      straight: Float32Array.from(straight.dataSync()),
    }),
    dispose() {
      optimizer.dispose();
      engine.dispose([...hidden, output].flatMap(({ weights, bias }) => [weights, bias]));
      engine.dispose([straight, first, further, sums, q, rest]);
    },
  };
}
