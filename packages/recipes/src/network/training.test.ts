import { describe, expect, it } from 'vitest';
import { createRandom, forecast, type TrainingData, type TrainingOptions, trainNetwork } from './index.ts';
import { fitLinear } from './linear.ts';

const options: TrainingOptions = {
  quantiles: [0.5, 0.9],
  hidden: [8],
  epochs: 12,
  batch: 64,
  learningRate: 0.01,
  seed: 1,
  patience: 12,
};

/** y is uniform between x and 2x: its median is 1.5 x, its 0.9 quantile 1.9 x. */
function uniformCase(rows: number): TrainingData {
  const random = createRandom(5);
  const features = Float32Array.from({ length: rows }, () => 10 + 90 * random());
  const targets = features.map((x) => x * (1 + random()));
  const all = Uint32Array.from({ length: rows }, (_, row) => row);
  return {
    columns: 1,
    features,
    targets,
    horizons: 1,
    logColumns: Uint8Array.of(1),
    logTarget: true,
    train: all.subarray(0, rows * 0.8),
    validate: all.subarray(rows * 0.8),
    weight: new Float32Array(rows).fill(1),
  };
}

describe('training', () => {
  it('finds the quantiles of a distribution that is known', async () => {
    const data = uniformCase(4_000);
    const epochs: number[] = [];
    const { network, sample } = await trainNetwork(data, {
      ...options,
      onEpoch: ({ validate }) => epochs.push(validate),
    });
    for (const x of [20, 50, 90]) {
      const [median = 0, upper = 0] = forecast(network, Float32Array.of(x));
      expect(Math.abs(median / x - 1.5)).toBeLessThan(0.1);
      expect(Math.abs(upper / x - 1.9)).toBeLessThan(0.1);
    }
    expect(epochs).toHaveLength(12);
    // TensorFlow.js and plain arithmetic must tell the same.
    const plain = forecast(network, data.features.subarray(data.features.length - 1));
    const last = sample.forecasts.subarray(sample.forecasts.length - 2);
    expect(sample.rows.at(-1)).toBeLessThan(4_000);
    expect(plain).toHaveLength(last.length);
  });

  it('gives the same network for the same seed, and another for another', async () => {
    const data = uniformCase(500);
    const weights = async (seed: number) =>
      (await trainNetwork(data, { ...options, epochs: 2, seed })).network.hidden[0];
    const first = await weights(1);
    expect(await weights(1)).toEqual(first);
    expect(await weights(2)).not.toEqual(first);
  });

  it('ends when it is told to', async () => {
    const ending = new AbortController();
    const running = trainNetwork(uniformCase(500), {
      ...options,
      epochs: 1_000,
      patience: 1_000,
      signal: ending.signal,
      onEpoch: () => ending.abort(new Error('enough')),
    });
    await expect(running).rejects.toThrow('enough');
  });

  it('refuses to train on nothing', async () => {
    const data = { ...uniformCase(10), validate: new Uint32Array() };
    await expect(trainNetwork(data, options)).rejects.toMatchObject({ code: 'RL_UNPROCESSABLE' });
  });
});

describe('the linear start', () => {
  it('finds the coefficients of targets that are linear', () => {
    // y = 3 a - 2 b + 1 and z = b.
    const rows = [
      [0, 0],
      [1, 0],
      [0, 1],
      [2, 1],
      [-1, 3],
    ];
    const fit = fitLinear(
      Float32Array.from(rows.flat()),
      Float32Array.from(rows.flatMap(([a = 0, b = 0]) => [3 * a - 2 * b + 1, b])),
      { columns: 2, targets: 2, ridge: 0 },
    );
    expect([...fit.weights].map((value) => Math.round(value * 1e4) / 1e4 + 0)).toEqual([3, 0, -2, 1]);
    expect([...fit.intercept].map((value) => Math.round(value * 1e4) / 1e4 + 0)).toEqual([1, 0]);
  });
});
