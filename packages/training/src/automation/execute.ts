import { asRanloopError, RanloopError } from '@ranloop/contracts/errors';
import type { PipelineRun, PipelineStepRun } from '@ranloop/contracts/r1';
import type { Task } from '@ranloop/contracts/tracking';
import type { Log } from '@ranloop/kit/log';
import { ApiError, type Session, sleep } from '@ranloop/sdk/session';
import {
  editParams,
  enqueue,
  getProject,
  getTask,
  hasEnded,
  type Params,
  type TaskHandle,
  waitFor,
} from '@ranloop/sdk/tracking';
import { saveDag } from './controller.ts';
import { type PipelineDefinition, type PipelineStep, type RunParams, sortParams } from './pipeline.ts';
import { resolve } from './references.ts';

export interface Execution {
  readonly session: Session;
  readonly definition: PipelineDefinition;
  readonly templates: ReadonlyMap<string, string>;
  readonly controller: TaskHandle;
  readonly pollMs: number;
  readonly log: Log;
  /** Somebody wants the run to end: its step is stopped and the controller too. */
  readonly cancelled: AbortSignal;
  /** This process ends: the run is left as it is, for the next process to go on with. */
  readonly abandoned: AbortSignal;
  readonly onChange: (run: PipelineRun) => void;
}

/** Runs the steps of a run that are not done yet; resolves with the run as it ended. */
export async function execute(start: PipelineRun, execution: Execution): Promise<PipelineRun> {
  const { definition, controller, abandoned, cancelled, onChange } = execution;
  let run = start;
  const set = (change: Partial<PipelineRun>) => {
    run = { ...run, ...change };
    onChange(run);
  };
  const setStep = async (index: number, change: Partial<PipelineStepRun>) => {
    const before = run.steps[index];
    set({ steps: run.steps.map((step, at) => (at === index ? { ...step, ...change } : step)) });
    if (change.state !== undefined && change.state !== before?.state) await saveDag(controller, run, execution);
  };
  const end = (state: PipelineRun['state'], failure?: string) =>
    set({ state, ended: new Date().toISOString(), ...(failure === undefined ? {} : { failure }) });

  const done = new Map<string, Task>();
  try {
    const params = sortParams(definition, run.params);
    for (const [index, step] of definition.steps.entries()) {
      const known = run.steps[index];
      const task = await runStep(step, { known, params, done }, { ...execution, set: (to) => setStep(index, to) });
      done.set(step.name, task);
    }
    end('done');
    await controller.completed();
  } catch (thrown) {
    if (abandoned.aborted) throw thrown;
    const reason = asRanloopError(thrown).message;
    if (!(thrown instanceof StepEnded) && !cancelled.aborted)
      execution.log.error({ err: thrown, run: run.id }, 'pipeline failed');
    end(cancelled.aborted ? 'stopped' : 'failed', reason);
    await saveDag(controller, run, execution);
    await (cancelled.aborted ? controller.stopped(reason) : controller.failed(reason));
  }
  return run;
}

/** A step that ended without success: the run's outcome, not a fault of this program. */
class StepEnded extends RanloopError {}

interface StepInput {
  readonly known: PipelineStepRun | undefined;
  readonly params: RunParams;
  readonly done: ReadonlyMap<string, Task>;
}

type StepExecution = Execution & { readonly set: (change: Partial<PipelineStepRun>) => Promise<void> };

async function runStep(step: PipelineStep, input: StepInput, execution: StepExecution): Promise<Task> {
  const { session, set, cancelled, abandoned, pollMs } = execution;
  const stop = AbortSignal.any([cancelled, abandoned]);
  stop.throwIfAborted();
  const taskId = input.known?.taskId ?? (await prepare(step, input, execution));
  await bringIntoQueue(step, taskId, execution);
  const onProgress = (task: Task) => {
    const state = task.status === 'in_progress' ? 'running' : 'queued';
    const progress = Number(task.runtime?.['progress'] ?? Number.NaN);
    void set({
      ...(hasEnded(task.status) ? {} : { state }),
      iteration: task.last_iteration ?? 0,
      ...(Number.isFinite(progress) ? { progress } : {}),
      ...(task.started === undefined ? {} : { started: task.started }),
    }).catch(() => undefined);
  };
  try {
    const task = await waitFor(session, taskId, { signal: stop, onProgress, pollMs });
    const ended = task.completed ?? new Date().toISOString();
    if (task.status === 'completed' || task.status === 'published') {
      await set({ state: 'done', ended });
      return task;
    }
    const state = task.status === 'failed' ? 'failed' : 'stopped';
    const reason = task.status_reason || 'no reason was given';
    await set({ state, ended, reason });
    throw new StepEnded(
      'RL_UNPROCESSABLE',
      `step "${step.name}" ${state === 'failed' ? 'failed' : 'was stopped'}: ${reason}`,
    );
  } catch (error) {
    if (cancelled.aborted && !abandoned.aborted) {
      await session
        .call('tasks.stop', { task: taskId, status_reason: 'its pipeline was stopped' })
        .catch(() => undefined);
      await set({ state: 'stopped', ended: new Date().toISOString() });
    }
    throw error;
  }
}

/** Clones the template and sets the parameters; the task is noted in the plan before it may run. */
async function prepare(step: PipelineStep, { params, done }: StepInput, execution: StepExecution): Promise<string> {
  const { session, definition, templates, controller, set } = execution;
  const template = templates.get(step.recipe);
  if (!template) throw new RanloopError('RL_NOT_FOUND', `there is no template of the recipe "${step.recipe}"`);
  const own = { ...step.params, ...params.steps[step.name] };
  const resolved = Object.entries(own).map(([name, value]) => {
    const sources = { pipeline: params.pipeline, steps: done };
    return [name, resolve(value, sources)] as const;
  });
  const { id } = await session.call<{ id: string }>('tasks.clone', {
    task: template,
    new_task_name: step.name,
    new_task_comment: `Step "${step.name}" of pipeline "${definition.name}"`,
    new_task_tags: [],
    new_task_parent: controller.id,
    new_task_project: await getProject(session, definition.project),
  });
  await editParams(session, id, { section: 'General', params: Object.fromEntries(resolved) as Params });
  await set({ state: 'queued', taskId: id });
  return id;
}

/**
 * Queues a task that was made but not queued, or stopped while nobody watched the run. One that is queued but in no queue
 * was taken by an agent that is gone: it is queued again, once it is clear that no agent is just about to begin it.
 */
async function bringIntoQueue(step: PipelineStep, taskId: string, { session, abandoned }: Execution): Promise<void> {
  const { status } = await getTask(session, taskId);
  if (status === 'created' || status === 'stopped') return enqueue(session, taskId, step.queue);
  if (status !== 'queued') return;
  await sleep(LOST_AFTER_MS, abandoned);
  if ((await getTask(session, taskId)).status !== 'queued') return;
  await enqueue(session, taskId, step.queue).catch((error: unknown) => {
    if (!(error instanceof ApiError) || error.resultSubcode !== ALREADY_QUEUED) throw error;
  });
}

const LOST_AFTER_MS = 3_000;
const ALREADY_QUEUED = 706;
