import { RanloopError } from '@ranloop/contracts/errors';
import type { LoopStep } from '@ranloop/contracts/loop';
import type { PipelineRun, TaskParameter } from '@ranloop/contracts/r1';
import { createSession, type Session } from '@ranloop/sdk/session';
import { getTask, readArtifact } from '@ranloop/sdk/tracking';
import type { DemoParts } from './demo.ts';
import { LOOP } from './pipelines.ts';
import type { Deployed } from './round.ts';

/** The part of `evaluation.json` and `metrics.json` that a round reports. */
interface Scores {
  readonly rmse: number;
}
export interface Evaluation {
  readonly mainHorizon: number;
  readonly rows: number;
  readonly perHorizon: Readonly<Record<string, Readonly<Record<string, Scores>>>>;
  readonly gate: {
    readonly passed: boolean;
    readonly reasons: readonly string[];
    readonly cellsWon: number;
    readonly cells: number;
  };
  readonly model: { readonly id: string };
}

const LOOP_STEP: Readonly<Record<string, LoopStep>> = {
  extract: 'extract',
  train: 'train',
  evaluate: 'train',
  publish: 'deploy',
  deploy: 'deploy',
};

/** Steps 3 to 5 of the loop: extract, train, evaluate, publish, deploy, as tasks that an agent runs. */
export async function trainAndDeploy(parts: DemoParts, span: { from: number; to: number }): Promise<Deployed> {
  parts.monitor.update({ phase: 'training', progress: 0 });
  return deployedBy(
    parts,
    await runPipeline(parts, LOOP, { 'extract.from': String(span.from), 'extract.to': String(span.to) }),
  );
}

/** The model that a finished run of the loop's pipeline deployed, as it is shown from now on. */
export async function deployedBy(parts: DemoParts, run: PipelineRun): Promise<Deployed> {
  const session = sessionOf(parts);
  const evaluation = await readEvaluation(session, run);
  const deployment = await getTask(session, taskOf(run, 'deploy'));
  const version = deployment.hyperparams?.['properties']?.['deployed_version']?.value ?? '';
  const taskId = taskOf(run, 'train');
  const scores = evaluation.perHorizon[String(evaluation.mainHorizon)] ?? {};
  const { gate } = evaluation;
  const model = {
    id: evaluation.model.id,
    taskId,
    rmse: scores['model']?.rmse ?? Number.NaN,
    persistenceRmse: scores['persistence']?.rmse ?? Number.NaN,
    meanRmse: scores['mean']?.rmse ?? Number.NaN,
    gate: {
      passed: gate.passed,
      detail: gate.passed
        ? `better than the best baseline in ${gate.cellsWon} of ${gate.cells} cells`
        : gate.reasons.join('; '),
    },
  };
  const { id, rmse, persistenceRmse, meanRmse } = model;
  parts.monitor.update({ model: { id, version, taskId, rmse, persistenceRmse, meanRmse } });
  return { model, runId: run.id };
}

/** Runs a pipeline to its end with a bar for it; a run that fails is an error that names the step and the reason. */
export async function runPipeline(
  { platform, monitor, bars, signal }: DemoParts,
  name: string,
  params: Readonly<Record<string, TaskParameter>>,
): Promise<PipelineRun> {
  const bar = bars.start(name === LOOP ? 'training pipeline' : `pipeline ${name}`);
  const run = await platform.automation.run(name, params, {
    reason: 'started by ranloop start',
    signal,
    onProgress: (now) => {
      const share = now.steps.reduce((sum, step) => sum + shareOf(step), 0) / now.steps.length;
      const current = now.steps.find(({ state }) => state === 'running' || state === 'queued');
      bar.update(share, current ? `${current.name}: ${current.state}` : '');
      monitor.update({ progress: share });
      for (const step of now.steps) showStep(monitor, step);
    },
  });
  if (run.state !== 'done') {
    const failed = run.steps.find(({ state }) => state === 'failed' || state === 'stopped');
    const reason = failed?.reason ?? run.failure ?? run.state;
    throw new RanloopError('RL_UNPROCESSABLE', `pipeline ${name} ended at ${failed?.name ?? 'its start'}: ${reason}`);
  }
  bar.done(run.steps.map((step) => step.name).join(', '));
  return run;
}

type StepRun = PipelineRun['steps'][number];

function shareOf({ state, progress }: StepRun): number {
  return state === 'done' ? 1 : state === 'running' ? (progress ?? 50) / 100 : 0;
}

export function showStep(monitor: DemoParts['monitor'], { name, state, taskId, reason }: StepRun): void {
  const step = LOOP_STEP[name];
  if (!step || state === 'waiting') return;
  const now = state === 'done' ? 'done' : state === 'failed' || state === 'stopped' ? 'failed' : 'running';
  monitor.step(step, now, reason ? `${name}: ${reason}` : `${name} ${state}`, taskId);
}

export async function readEvaluation(session: Session, run: PipelineRun): Promise<Evaluation> {
  const task = await getTask(session, taskOf(run, 'evaluate'));
  return JSON.parse(new TextDecoder().decode(await readArtifact(session, task, 'evaluation'))) as Evaluation;
}

function taskOf(run: PipelineRun, step: string): string {
  const taskId = run.steps.find(({ name }) => name === step)?.taskId;
  if (taskId === undefined) throw new RanloopError('RL_INTERNAL', `pipeline ${run.pipeline} has no task for ${step}`);
  return taskId;
}

export function sessionOf({ platform, credentials }: DemoParts): Session {
  return createSession({ apiUrl: platform.urls.api, filesUrl: platform.urls.files, ...credentials });
}
