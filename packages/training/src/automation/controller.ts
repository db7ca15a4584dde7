import type { PipelineRun, PipelineStepRun, TaskParameter } from '@ranloop/contracts/r1';
import type { Task } from '@ranloop/contracts/tracking';
import type { Session } from '@ranloop/sdk/session';
import { createTask, findProject, getHiddenProject, type Params, type TaskHandle } from '@ranloop/sdk/tracking';
import { ARGS, DAG_CONFIGURATION, fromController, REASON_PROPERTY, toDag } from './dag.ts';
import type { PipelineDefinition } from './pipeline.ts';

function controllerProject({ project, name }: PipelineDefinition): string {
  return `${project}/.pipelines/${name}`;
}

/** Makes the task that stands for a run, started and with its whole plan, as ClearML's PipelineController does. */
export async function createController(
  session: Session,
  plan: {
    definition: PipelineDefinition;
    templates: ReadonlyMap<string, string>;
    reason: string;
    params: Readonly<Record<string, TaskParameter>>;
  },
): Promise<{ task: TaskHandle; run: PipelineRun }> {
  const { definition, templates, reason, params } = plan;
  const { name, project, version } = definition;
  await getHiddenProject(session, { parent: project, folder: '.pipelines', name, tag: 'pipeline' });
  const task = await createTask(session, {
    name,
    project: controllerProject(definition),
    type: 'controller',
    systemTags: ['pipeline'],
    comment: definition.description,
    params: {
      [ARGS]: params as Params,
      pipeline: { target_project: project, add_pipeline_tags: false, default_queue: definition.steps[0]?.queue ?? '' },
      properties: { version, [REASON_PROPERTY]: reason },
    },
  });
  const run: PipelineRun = {
    id: task.id,
    pipeline: name,
    state: 'running',
    reason,
    started: new Date().toISOString(),
    params,
    steps: definition.steps.map(
      (step): PipelineStepRun => ({ name: step.name, recipe: step.recipe, state: 'waiting' }),
    ),
  };
  const runtime = { version, _pipeline_hash: `${await digestOf(definition)}:${version}` };
  await session.call('tasks.edit', { task: task.id, runtime, force: true });
  await saveDag(task, run, { definition, templates });
  await task.started();
  return { task, run };
}

export async function saveDag(
  task: TaskHandle,
  run: PipelineRun,
  { definition, templates }: { definition: PipelineDefinition; templates: ReadonlyMap<string, string> },
): Promise<void> {
  const dag = JSON.stringify(toDag(run, definition, templates), undefined, 1);
  await task.setConfiguration(DAG_CONFIGURATION, dag, 'dictionary');
}

const MOST_RUNS = 100;

/** The newest runs of a pipeline, from their controllers. */
export async function listControllers(
  session: Session,
  definition: PipelineDefinition,
  filter: { status?: readonly Task['status'][]; id?: string } = {},
): Promise<PipelineRun[]> {
  const project = await findProject(session, controllerProject(definition));
  if (!project) return [];
  const { tasks } = await session.call<{ tasks: Task[] }>('tasks.get_all', {
    project: [project],
    type: ['controller'],
    ...(filter.status ? { status: filter.status } : {}),
    ...(filter.id === undefined ? {} : { id: [filter.id] }),
    system_tags: ['-archived'],
    search_hidden: true,
    order_by: ['-created'],
    page: 0,
    page_size: MOST_RUNS,
  });
  return tasks.map((task) => fromController(task, definition.name));
}

async function digestOf(definition: PipelineDefinition): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(definition.steps));
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Buffer.from(digest).toString('hex').slice(0, 32);
}
