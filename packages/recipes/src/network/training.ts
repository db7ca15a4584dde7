import { RanloopError } from '@ranloop/contracts/errors';
import { useWasm } from './backend.ts';
import { createModel } from './model.ts';
import { type Network, standardize, type Target } from './network.ts';
import type { Trained, TrainingData, TrainingOptions } from './options.ts';
import { createRandom, shuffle } from './random.ts';
import { initialParts, thin } from './start.ts';

const LIMIT = 6;
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
    return variance > 1e-9 && data.ignored?.[column] !== 1 ? 1 / Math.sqrt(variance) : 0;
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

function chunks(rows: Uint32Array, size: number): Uint32Array[] {
  return Array.from({ length: Math.ceil(rows.length / size) }, (_, at) => rows.subarray(at * size, (at + 1) * size));
}
