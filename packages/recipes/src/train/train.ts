import { RanloopError } from '@ranloop/contracts/errors';
import { cardToMetadata, type ModelCard } from '@ranloop/sdk/features';
import { loadDataset } from '../dataset/index.ts';
import { trainNetwork } from '../network/index.ts';
import { assertSame, exportOnnx, openForecaster } from '../onnx/index.ts';
import type { ErrorReport } from '../problem/index.ts';
import {
  calibrate,
  type Gate,
  judge,
  modelForecasts,
  type Problem,
  problemOf,
  reportErrors,
} from '../problem/index.ts';
import type { Recipe, RecipeContext } from '../runner/index.ts';
import { cardOf } from './card.ts';
import { paceFor } from './pace.ts';
import { reportToTask } from './reporting.ts';
import { rowWeights, sampleRows } from './sampling.ts';

const defaults = {
  /** The dataset's task. */
  dataset_task: '',
  model_name: 'slice-demand',
  /** Periods ahead; empty: those of the schema. */
  horizons: [] as readonly number[],
  quantiles: [0.5, 0.9] as readonly number[],
  hidden: [64, 32] as readonly number[],
  /** 0: as many as the number of rows affords. */
  epochs: 0,
  /** At most; few rows are trained in smaller steps. */
  batch: 1024,
  learning_rate: 0.003,
  seed: 1,
  /** Epochs without a better validation loss; 0: a third of all. */
  patience: 0,
  /** Shares of the time span; the rest is the test. */
  train_share: 0.6,
  validate_share: 0.15,
  max_rows: 40_000,
};
export type TrainParams = typeof defaults;

/** Learns to forecast a dataset, exports the network as ONNX, and scores it on held-out days beside all baselines. */
export const train: Recipe<TrainParams> = { name: 'train', defaults, run };

/** `metrics.json`. Errors are those of the main horizon, in the unit of the target. */
export interface Metrics extends ErrorReport {
  readonly rmse: number;
  readonly persistenceRmse: number;
  readonly meanRmse: number;
  readonly gate: Gate;
  readonly model: { readonly id: string; readonly name: string; readonly sha256: string };
  readonly dataset: { readonly id: string; readonly name: string; readonly version: string };
  readonly shares: { readonly train: number; readonly validate: number };
  readonly training: {
    readonly rows: number;
    readonly epochs: number;
    readonly bestEpoch: number;
    readonly seconds: number;
    readonly exportError: number;
  };
}

async function run(context: RecipeContext<TrainParams>): Promise<void> {
  const { params, say, session, task, signal } = context;
  checkParams(params);
  const started = performance.now();
  const dataset = await loadDataset(session, params.dataset_task);
  const shares = { train: params.train_share, validate: params.validate_share };
  const problem = problemOf(dataset, { horizons: params.horizons, shares });
  const { split } = problem;
  say(`dataset ${dataset.name} ${dataset.version}: ${problem.rows} rows of ${problem.columns} features`);
  say(`rows to train ${split.train.length}, to validate ${split.validate.length}, to test ${split.test.length}`);
  const rows = sampleRows(problem, params.max_rows, params.seed);
  const { quantiles } = params;
  const pace = paceFor(rows.length, params);
  const trained = await trainNetwork(
    {
      columns: problem.columns,
      features: problem.features,
      targets: problem.targets,
      horizons: problem.horizons.length,
      logColumns: problem.logColumns,
      logTarget: problem.logTarget,
      ignored: problem.ignored,
      train: rows,
      validate: split.validate,
      weight: rowWeights(problem, rows),
    },
    {
      quantiles,
      hidden: params.hidden,
      ...pace,
      learningRate: params.learning_rate,
      seed: params.seed,
      signal,
      onEpoch: ({ epoch, train: loss, validate, learningRate, seconds }) => {
        context.progress((0.9 * epoch) / pace.epochs);
        task.logger.scalar('loss', 'train', loss, epoch);
        task.logger.scalar('loss', 'validation', validate, epoch);
        task.logger.scalar('learning rate', 'learning rate', learningRate, epoch);
        say(`epoch ${epoch}: loss ${loss.toFixed(4)}, validation ${validate.toFixed(4)} (${seconds.toFixed(1)} s)`);
      },
    },
  );
  say(`trained on ${rows.length} rows in ${trained.epochs} epochs; epoch ${trained.bestEpoch} was best`);

  const draft = exportOnnx(trained.network);
  const forecaster = await openForecaster(draft);
  const outputsFor = (of: Uint32Array) => forecaster.run(problem.features, problem.columns, of);
  const exportError = assertSame(await outputsFor(trained.sample.rows), trained.sample.forecasts);
  say(`the ONNX export agrees with training to ${exportError.toExponential(1)}`);
  const margins = calibrate(problem, { outputs: await outputsFor(split.validate), rows: split.validate, quantiles });
  const outputs = await outputsFor(split.test);
  const forecasts = modelForecasts(problem, { outputs, rows: split.test, quantiles, margins });
  await forecaster.close();
  const report = reportErrors(problem, split.test, forecasts);
  const gate = judge(report);

  const card = cardOf(problem, { quantiles, margins, report, rows, datasetId: dataset.id, taskId: task.id });
  const model = await register(context, { card, bytes: exportOnnx(trained.network, cardToMetadata(card)), report });
  const main = mainScores(report, problem);
  const seconds = (performance.now() - started) / 1000;
  const metrics: Metrics = {
    rmse: main.model.rmse,
    persistenceRmse: main.persistence.rmse,
    meanRmse: main.mean.rmse,
    ...report,
    gate,
    model,
    dataset: { id: dataset.id, name: dataset.name, version: dataset.version },
    shares,
    training: { rows: rows.length, epochs: trained.epochs, bestEpoch: trained.bestEpoch, seconds, exportError },
  };
  reportToTask(task.logger, report);
  task.logger.singleValue('training seconds', seconds);
  await task.artifact('metrics', { ...metrics }, { fileName: 'metrics.json' });
  await task.setUserProperties({ model_id: model.id, gate: gate.passed ? 'passed' : 'failed' });
  const verdict = gate.passed ? 'passes the gate' : `does not pass the gate: ${gate.reasons.join('; ')}`;
  say(
    `RMSE ${main.model.rmse.toFixed(2)} ${problem.unit}, persistence ${main.persistence.rmse.toFixed(2)}; ${verdict}`,
  );
  say(`model ${model.name} is ${model.id}; all took ${seconds.toFixed(1)} s`);
}

function checkParams(params: TrainParams): void {
  const refuse = (name: keyof TrainParams, problem: string) => {
    throw new RanloopError('RL_INVALID', `${name} ${problem}`, { fields: [{ path: `/${name}`, problem }] });
  };
  const whole = (value: number, least: number, most: number) =>
    Number.isInteger(value) && value >= least && value <= most;
  const { quantiles, hidden } = params;
  if (params.dataset_task === '') refuse('dataset_task', 'must name the task of a dataset');
  if (
    quantiles.length === 0 ||
    quantiles.length > 20 ||
    quantiles.some((q, at) => !(q > (quantiles[at - 1] ?? 0) && q < 1))
  )
    refuse('quantiles', 'must be 1 to 20 numbers between 0 and 1, ascending');
  if (params.horizons.length > 100 || params.horizons.some((horizon) => !whole(horizon, 1, 100_000)))
    refuse('horizons', 'must be at most 100 whole numbers above 0');
  if (hidden.length === 0 || hidden.length > 8 || hidden.some((size) => !whole(size, 1, 4_096)))
    refuse('hidden', 'must be 1 to 8 sizes of 1 to 4096');
  if (!whole(params.epochs, 0, 10_000)) refuse('epochs', 'must be a whole number of 0 to 10000');
  if (!whole(params.patience, 0, 10_000)) refuse('patience', 'must be a whole number of 0 to 10000');
  if (!whole(params.batch, 1, 65_536)) refuse('batch', 'must be a whole number of 1 to 65536');
  if (!whole(params.max_rows, 10, 10_000_000)) refuse('max_rows', 'must be a whole number of at least 10');
  if (!(params.learning_rate > 0)) refuse('learning_rate', 'must be above 0');
}

async function register(
  { task, params }: RecipeContext<TrainParams>,
  { card, bytes, report }: { card: ModelCard; bytes: Uint8Array; report: ErrorReport },
): Promise<Metrics['model']> {
  const main = report.perHorizon[String(report.mainHorizon)];
  const model = await task.outputModel({
    name: params.model_name,
    framework: 'ONNX',
    bytes,
    tags: [card.featureSchema],
    metadata: {
      feature_schema: card.featureSchema,
      dataset: card.datasetId,
      ...(main
        ? { rmse: main.model.rmse, pinball90: main.model.pinball90, persistence_rmse: main.persistence.rmse }
        : {}),
    },
    comment: `Forecasts ${card.outputUnit} ${card.horizons.join(', ')} periods ahead`,
  });
  return { id: model.id, name: params.model_name, sha256: model.metadata?.['sha256']?.value ?? '' };
}

function mainScores(report: ErrorReport, problem: Problem) {
  const scores = report.perHorizon[String(problem.mainHorizon)];
  if (!scores || report.rows === 0) throw new RanloopError('RL_UNPROCESSABLE', 'there are no rows to test on');
  return scores;
}
