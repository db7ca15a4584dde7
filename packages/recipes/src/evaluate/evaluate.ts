import { RanloopError } from '@ranloop/contracts/errors';
import { cardFromMetadata, type ModelCard } from '@ranloop/sdk/features';
import { downloadModel, getModel, getTask, outputModelOf, readArtifact, setModelMetadata } from '@ranloop/sdk/tracking';
import { loadDataset } from '../dataset/index.ts';
import { openForecaster } from '../onnx/index.ts';
import {
  type ErrorReport,
  type Gate,
  judge,
  modelForecasts,
  type Problem,
  problemOf,
  reportErrors,
} from '../problem/index.ts';
import type { Recipe, RecipeContext } from '../runner/index.ts';
import { type Metrics, reportToTask } from '../train/index.ts';
import { forecastPlot, reliabilityPlot } from './plots.ts';

const defaults = {
  train_task: '',
  /** Empty: the last model of the training task. */
  model_id: '',
  /** Empty: the dataset that the model was trained on. */
  dataset_task: '',
};
export type EvaluateParams = typeof defaults;

/** Scores a registered model on held-out data with ONNX Runtime, and judges whether it may steer. */
export const evaluate: Recipe<EvaluateParams> = { name: 'evaluate', defaults, run };

/** `evaluation.json`. */
export interface Evaluation extends ErrorReport {
  readonly gate: Gate;
  readonly model: { readonly id: string; readonly name: string; readonly sha256: string };
  readonly dataset: { readonly id: string; readonly version: string };
}

async function run({ params, session, task, say, signal }: RecipeContext<EvaluateParams>): Promise<void> {
  if (params.train_task === '') throw new RanloopError('RL_INVALID', 'train_task must name a task');
  const training = await getTask(session, params.train_task);
  const model =
    params.model_id === '' ? await outputModelOf(session, training) : await getModel(session, params.model_id);
  const { shares } = JSON.parse(new TextDecoder().decode(await readArtifact(session, training, 'metrics'))) as Pick<
    Metrics,
    'shares'
  >;
  const bytes = await downloadModel(session, model);
  const forecaster = await openForecaster(bytes);
  try {
    const card = cardFromMetadata(forecaster.metadata);
    const dataset = await loadDataset(session, params.dataset_task === '' ? card.datasetId : params.dataset_task);
    const problem = problemOf(dataset, { horizons: card.horizons, shares });
    checkFit(problem, card);
    const rows = problem.split.test;
    say(`model ${model.name} (${model.id}) on ${rows.length} held-out rows of ${dataset.name} ${dataset.version}`);
    const outputs = await forecaster.run(problem.features, problem.columns, rows);
    signal.throwIfAborted();
    const margins = problem.slices.map((slice) => card.margins[slice] ?? card.margins['*'] ?? []);
    const forecasts = modelForecasts(problem, { outputs, rows, quantiles: card.quantiles, margins });
    const report = reportErrors(problem, rows, forecasts);
    const gate = judge(report);
    reportToTask(task.logger, report);
    for (const { series, figure } of forecastPlot(problem, rows, forecasts))
      task.logger.plotly('forecast against truth', series, figure);
    const reliability = reliabilityPlot(problem, { rows, outputs, quantiles: card.quantiles });
    task.logger.plotly('reliability', 'quantiles', reliability);
    task.logger.singleValue('gate', gate.passed ? 1 : 0);
    task.logger.singleValue('cells won', gate.cellsWon);
    const evaluation: Evaluation = {
      ...report,
      gate,
      model: { id: model.id, name: model.name, sha256: model.metadata?.['sha256']?.value ?? '' },
      dataset: { id: dataset.id, version: dataset.version },
    };
    await task.artifact('evaluation', { ...evaluation }, { fileName: 'evaluation.json' });
    await task.inputModel(model.id, model.name);
    await task.setUserProperties({ model_id: model.id, gate: gate.passed ? 'passed' : 'failed' });
    await task.setTags({ add: [gate.passed ? 'gate-passed' : 'gate-failed'] });
    if (model.ready !== true) await setModelMetadata(session, model.id, { gate: gate.passed ? 'passed' : 'failed' });
    say(`won ${gate.cellsWon} of ${gate.cells} cells, coverage ${(100 * gate.coverage).toFixed(1)} %`);
    say(gate.passed ? 'the gate is passed' : `the gate is not passed: ${gate.reasons.join('; ')}`);
  } finally {
    await forecaster.close();
  }
}

function checkFit(problem: Problem, card: ModelCard): void {
  if (problem.schema !== card.featureSchema || problem.columns !== card.featureCount)
    throw new RanloopError(
      'RL_UNPROCESSABLE',
      `the model reads ${card.featureCount} features of ${card.featureSchema}, the dataset gives ${problem.columns} of ${problem.schema}`,
    );
  if (problem.split.test.length === 0) throw new RanloopError('RL_UNPROCESSABLE', 'there are no rows to test on');
}
