import type { PipelineRun, PipelineStepRun } from '@ranloop/contracts/r1';
import type { ParamsItem, Task } from '@ranloop/contracts/tracking';
import type { PipelineDefinition } from './pipeline.ts';

/** The configuration object in which ClearML keeps the graph of a pipeline, for its web UI and for us after a restart. */
export const DAG_CONFIGURATION = 'Pipeline';
/** Section of the controller's parameters that holds those of the pipeline. */
export const ARGS = 'Args';
export const REASON_PROPERTY = 'reason';

const DAG_STATUS: Readonly<Record<PipelineStepRun['state'], string>> = {
  waiting: 'pending',
  queued: 'queued',
  running: 'running',
  done: 'completed',
  failed: 'failed',
  stopped: 'aborted',
};

/** ClearML's names for what a step is and how it goes. */
export function toDag(
  run: PipelineRun,
  definition: PipelineDefinition,
  templates: ReadonlyMap<string, string>,
): Record<string, object> {
  const nodes = definition.steps.map((step, index) => {
    const state = run.steps[index];
    const before = definition.steps[index - 1];
    const params = Object.entries(step.params).map(([name, value]) => [`General/${name}`, value] as const);
    return [
      step.name,
      {
        name: step.name,
        recipe: step.recipe,
        base_task_id: templates.get(step.recipe) ?? null,
        queue: step.queue,
        parents: before ? [before.name] : [],
        parameters: Object.fromEntries(params),
        clone_task: true,
        job_type: step.type,
        job_id: state?.taskId ?? null,
        executed: state && isOver(state) ? (state.taskId ?? null) : null,
        status: DAG_STATUS[state?.state ?? 'waiting'],
        job_started: secondsOf(state?.started),
        job_ended: secondsOf(state?.ended),
      },
    ] as const;
  });
  return Object.fromEntries(nodes);
}

function isOver({ state }: PipelineStepRun): boolean {
  return state === 'done' || state === 'failed' || state === 'stopped';
}

function secondsOf(time: string | undefined): number | null {
  return time === undefined ? null : Date.parse(time) / 1000;
}

/** A run as its controller task tells it: the way to runs of earlier processes. */
export function fromController(task: Task, pipeline: string): PipelineRun {
  const dag = readDag(task.configuration?.[DAG_CONFIGURATION]?.value);
  const reason = task.hyperparams?.['properties']?.[REASON_PROPERTY]?.value ?? '';
  const args = Object.values(task.hyperparams?.[ARGS] ?? {}).map((item) => [item.name, readArg(item)] as const);
  const state = stateOf(task.status);
  return {
    id: task.id,
    pipeline,
    state,
    reason,
    started: task.started ?? task.created ?? '',
    params: Object.fromEntries(args),
    steps: dag,
    ...(task.completed === undefined || state === 'running' ? {} : { ended: task.completed }),
    ...(state === 'failed' || state === 'stopped' ? { failure: task.status_reason ?? '' } : {}),
  };
}

function stateOf(status: Task['status']): PipelineRun['state'] {
  if (status === 'completed' || status === 'published') return 'done';
  if (status === 'failed') return 'failed';
  return status === 'stopped' || status === 'closed' ? 'stopped' : 'running';
}

function readArg({ value, type }: ParamsItem): PipelineRun['params'][string] {
  if (type === 'bool') return value === 'True';
  if (type !== 'int' && type !== 'float' && type !== 'list') return value;
  try {
    return JSON.parse(value) as PipelineRun['params'][string];
  } catch {
    return value;
  }
}

const STATE_OF_STATUS = new Map(Object.entries(DAG_STATUS).map(([state, status]) => [status, state]));

function readDag(text: string | undefined): PipelineStepRun[] {
  let dag: unknown;
  try {
    dag = JSON.parse(text ?? '{}');
  } catch {
    return [];
  }
  if (typeof dag !== 'object' || dag === null) return [];
  return Object.entries(dag).map(([name, node]) => {
    const { status, recipe, job_id, job_started, job_ended } = (node ?? {}) as Record<string, unknown>;
    return {
      name,
      recipe: typeof recipe === 'string' ? recipe : name,
      state: (STATE_OF_STATUS.get(String(status)) ?? 'waiting') as PipelineStepRun['state'],
      ...(typeof job_id === 'string' ? { taskId: job_id } : {}),
      ...(typeof job_started === 'number' ? { started: new Date(job_started * 1000).toISOString() } : {}),
      ...(typeof job_ended === 'number' ? { ended: new Date(job_ended * 1000).toISOString() } : {}),
    };
  });
}
