import type * as tf from '@tensorflow/tfjs-core';
import { cumulative, type Dense, firstQuantile } from './network.ts';
import type { Parts, Setting } from './start.ts';

export interface Batch {
  readonly x: tf.Tensor2D;
  readonly y: tf.Tensor2D;
  readonly w: tf.Tensor2D;
  dispose(): void;
}

/** The network in TensorFlow.js. */
export interface Model {
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

export function createModel(engine: typeof tf, { parts, data, options, target }: Setting & { parts: Parts }): Model {
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
