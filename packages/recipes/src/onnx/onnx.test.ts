import { RanloopError } from '@ranloop/contracts/errors';
import { cardFromMetadata, cardToMetadata, type ModelCard } from '@ranloop/sdk/features';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forecast, type Network } from '../network/index.ts';
import { assertSame, exportOnnx, openForecaster } from './index.ts';

const f32 = (...values: number[]) => Float32Array.from(values);

/** Two features, one hidden unit, one horizon, two quantiles. */
const tiny: Network = {
  columns: 2,
  logColumns: Uint8Array.of(1, 0),
  mean: f32(1, 2),
  scale: f32(2, 0.5),
  limit: 6,
  hidden: [{ inputs: 2, outputs: 1, weights: f32(1, -1), bias: f32(0.5) }],
  output: { inputs: 1, outputs: 2, weights: f32(0.5, 1), bias: f32(0.25, 0) },
  straight: f32(0.1, 0, 0, 0.2),
  horizons: 1,
  quantiles: 2,
  target: { log: true, mean: 1, deviation: 0.5, lowest: 0, highest: 3 },
};

async function run(network: Network, features: Float32Array): Promise<Float32Array> {
  const forecaster = await openForecaster(exportOnnx(network));
  const rows = Uint32Array.from({ length: features.length / network.columns }, (_, row) => row);
  const out = await forecaster.run(features, network.columns, rows);
  await forecaster.close();
  return out;
}

describe('an exported network', () => {
  it('computes what the formula gives by hand', async () => {
    // x = (e^2 - 1, 4): u = (2, 4); z = ((2 - 1) * 2, (4 - 2) * 0.5) = (2, 1); h = relu(2 - 1 + 0.5) = 1.5;
    // o = (0.5 * 1.5 + 0.25 + 0.1 * 2, 1.5 + 0.2 * 1) = (1.2, 1.7);
    // r = 1 + 0.5 * (1.2, 1.2 + ln(1 + e^1.7)) = (1.6, 2.5339...); y = e^r - 1.
    const upper = 1 + 0.5 * (1.2 + Math.log(1 + Math.exp(1.7)));
    const expected = f32(Math.exp(1.6) - 1, Math.exp(upper) - 1);
    const features = f32(Math.exp(2) - 1, 4);
    expect(assertSame(await run(tiny, features), expected)).toBeLessThan(1e-6);
    expect(assertSame(forecast(tiny, features), expected)).toBeLessThan(1e-6);
  });

  it('keeps within its bounds whatever comes in', async () => {
    const out = await run(tiny, f32(1e30, -1e30, -1e30, 1e30));
    expect([...out].every((value) => value >= 0 && value <= Math.exp(3) - 1 + 1e-3)).toBe(true);
  });

  it('agrees with plain arithmetic for any weights', async () => {
    const size = fc.integer({ min: 1, max: 5 });
    const shape = fc.record({
      columns: size,
      hidden: fc.array(size, { minLength: 1, maxLength: 3 }),
      horizons: size,
      quantiles: fc.integer({ min: 1, max: 3 }),
      rows: fc.integer({ min: 0, max: 6 }),
      log: fc.boolean(),
      seed: fc.integer(),
    });
    await fc.assert(
      fc.asyncProperty(shape, async (given) => {
        const { network, features } = randomCase(given);
        assertSame(await run(network, features), forecast(network, features));
      }),
      { numRuns: 60 },
    );
  });

  it('carries the model card in its metadata', async () => {
    const card: ModelCard = {
      featureSchema: 'slice-demand-1',
      featureCount: 2,
      horizons: [2],
      quantiles: [0.5, 0.9],
      outputLayout: 'horizon-major',
      outputUnit: 'PRB',
      margins: { '01000001': [0.5], '*': [1] },
      normalisation: 'inside; é',
      datasetId: 'd',
      taskId: 't',
    };
    const forecaster = await openForecaster(exportOnnx(tiny, cardToMetadata(card)));
    expect(cardFromMetadata(forecaster.metadata)).toEqual(card);
    await forecaster.close();
  });
});

describe('the comparison', () => {
  it('takes 1e-4 relative to 1 + |value|, and refuses more, other lengths and NaN', () => {
    expect(assertSame(f32(1_000.05), f32(1_000))).toBeCloseTo(5e-5, 6);
    for (const [a, b] of [
      [f32(1.01), f32(1)],
      [f32(1, 2), f32(1)],
      [f32(Number.NaN), f32(1)],
      [f32(1), f32(Number.NaN)],
    ] as const)
      expect(() => assertSame(a, b)).toThrow(RanloopError);
  });
});

interface Shape {
  columns: number;
  hidden: readonly number[];
  horizons: number;
  quantiles: number;
  rows: number;
  log: boolean;
  seed: number;
}

function randomCase(shape: Shape): { network: Network; features: Float32Array } {
  let state = shape.seed >>> 0;
  // A linear congruential generator of its own, so that the test does not lean on the code it tests.
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  };
  const many = (length: number, spread = 1) => Float32Array.from({ length }, () => next() * spread);
  const dense = (inputs: number, outputs: number) => ({
    inputs,
    outputs,
    weights: many(inputs * outputs),
    bias: many(outputs),
  });
  const outputs = shape.horizons * shape.quantiles;
  const sizes = [shape.columns, ...shape.hidden];
  const network: Network = {
    columns: shape.columns,
    logColumns: Uint8Array.from({ length: shape.columns }, () => (next() > 0 ? 1 : 0)),
    mean: many(shape.columns),
    scale: many(shape.columns).map(Math.abs),
    limit: 3,
    hidden: shape.hidden.map((size, at) => dense(sizes[at] as number, size)),
    output: dense(sizes.at(-1) as number, outputs),
    straight: many(shape.columns * outputs, 0.3),
    horizons: shape.horizons,
    quantiles: shape.quantiles,
    target: shape.log
      ? { log: true, mean: 1, deviation: 0.7, lowest: 0, highest: 5 }
      : { log: false, mean: 10, deviation: 20, lowest: -100, highest: 100 },
  };
  return { network, features: many(shape.rows * shape.columns, 50) };
}
