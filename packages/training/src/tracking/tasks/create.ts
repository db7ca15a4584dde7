import type { Artifact, TasksCreate } from '@ranloop/contracts/tracking';
import type { Db } from '../core.ts';
import { requireProject, touchProject } from '../projects/index.ts';
import { newId } from '../store/ids.ts';
import type { TasksTable } from '../store/tables.ts';
import { ApiError } from '../wire/errors.ts';
import type { Parameters } from '../wire/parameters.ts';
import * as contents from './contents.ts';
import { fromLegacy } from './legacy.ts';

/** The columns that a request's contents say. Only what was given is returned. */
export function contentColumns(body: Partial<TasksCreate>) {
  const { execution, models } = body;
  const { artifacts, ...run } = execution ? contents.present(execution) : { artifacts: undefined };
  const kept: Artifact[] | undefined = artifacts === undefined ? undefined : contents.artifacts(artifacts);
  return {
    ...defined({
      comment: body.comment,
      tags: body.tags && unique(body.tags),
      system_tags: body.system_tags && unique(body.system_tags),
      project: body.project === '' ? null : body.project,
      parent: body.parent === '' ? null : body.parent,
    }),
    ...defined({
      execution: execution && JSON.stringify(run),
      artifacts: kept && JSON.stringify(kept),
      script: body.script && JSON.stringify(contents.present(body.script)),
      container: body.container && JSON.stringify(contents.present(body.container)),
      hyperparams: body.hyperparams && JSON.stringify(contents.hyperparams(body.hyperparams)),
      configuration: body.configuration && JSON.stringify(contents.configuration(body.configuration)),
      models:
        models &&
        JSON.stringify({
          input: contents.modelItems(models['input'], 'models.input'),
          output: contents.modelItems(models['output'], 'models.output'),
        }),
    }),
  };
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function defined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as Defined<T>;
}

export function unique(tags: readonly string[]): string[] {
  return [...new Set(tags)];
}

export function taskName(given: string): string {
  const name = given.trim();
  if (name === '') throw new ApiError('validation', { field: 'name' }, 'a name cannot be empty');
  return name;
}

/** Everything a new task starts from, before its contents. */
export function blankTask(user: string) {
  const now = new Date();
  return {
    id: newId(),
    status: 'created',
    user_id: user,
    project: null,
    parent: null,
    comment: '',
    report: null,
    report_assets: [] as string[],
    tags: [] as string[],
    system_tags: [] as string[],
    created: now,
    started: null,
    completed: null,
    published: null,
    status_changed: now,
    last_update: now,
    last_change: now,
    last_changed_by: user,
    status_reason: '',
    status_message: '',
    last_worker: null,
    last_worker_report: null,
    active_duration: null,
    enqueue_status: null,
    script: JSON.stringify({ binary: 'python' }),
    execution: '{}',
    artifacts: '[]',
    output: '{}',
    container: '{}',
    hyperparams: '{}',
    configuration: '{}',
    runtime: '{}',
    models: '{"input":[],"output":[]}',
  };
}

export async function createTask(db: Db, given: TasksCreate, user: string): Promise<string> {
  const body = fromLegacy(given);
  const columns = contentColumns(body);
  await requireReferences(db, columns);
  await requireModel(db, given.execution);
  const task = {
    ...blankTask(user),
    ...columns,
    ...(body.script ? { script: JSON.stringify({ binary: 'python', ...contents.present(body.script) }) } : {}),
    name: taskName(body.name),
    type: body.type,
    ...(body.output_dest ? { output: JSON.stringify({ destination: body.output_dest }) } : {}),
  };
  await db.insertInto('tasks').values(task).execute();
  await touchProject(db, task.project);
  return task.id;
}

/** The model that an older client names in `execution` must exist. */
export async function requireModel(db: Db, execution: Parameters | undefined): Promise<void> {
  const model = execution?.['model'];
  if (typeof model === 'string' && model !== '') await requireModels(db, [model]);
}

export async function requireModels(db: Db, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const found = await db
    .selectFrom('models')
    .select('id')
    .where('id', 'in', [...ids])
    .execute();
  const missing = ids.find((id) => !found.some((row) => row.id === id));
  if (missing !== undefined) throw new ApiError('invalidModelId', { model: missing });
}

/** A project or parent that is named must exist. */
export async function requireReferences(
  db: Db,
  { project, parent }: { project?: TasksTable['project']; parent?: TasksTable['parent'] },
): Promise<void> {
  if (project) await requireProject(db, project);
  if (!parent) return;
  const found = await db.selectFrom('tasks').select('id').where('id', '=', parent).executeTakeFirst();
  if (!found) throw new ApiError('invalidTaskId', { parent });
}
