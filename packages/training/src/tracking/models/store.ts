import type { MetadataItem, ModelsCreate, ModelsEdit } from '@ranloop/contracts/tracking';
import type { Insertable, Updateable } from 'kysely';
import type { Db } from '../core.ts';
import { requireProject, touchProject } from '../projects/index.ts';
import { parseDate } from '../query/index.ts';
import { newId } from '../store/ids.ts';
import { raiseIteration } from '../store/iterations.ts';
import type { ModelsTable } from '../store/tables.ts';
import { tagList } from '../store/tags.ts';
import { ApiError } from '../wire/errors.ts';
import { isObject, type Parameters } from '../wire/parameters.ts';

type Contents = Omit<Partial<ModelsCreate>, 'public'> & Pick<ModelsEdit, 'ui_cache'>;

/** The network's description may come as text; it is kept as an object. */
function design(given: unknown): string {
  return JSON.stringify(isObject(given) ? given : { design: given ?? '' });
}

function columns(body: Contents): Updateable<ModelsTable> {
  const given = {
    comment: body.comment,
    framework: body.framework,
    uri: body.uri,
    ready: body.ready,
    tags: body.tags && tagList(body.tags),
    system_tags: body.system_tags && tagList(body.system_tags),
    project: body.project === '' ? null : body.project,
    parent: body.parent === '' ? null : body.parent,
    task: body.task === '' ? null : body.task,
    design: body.design === undefined ? undefined : design(body.design),
    labels: body.labels && JSON.stringify(body.labels),
    metadata: body.metadata && JSON.stringify(metadataMap(Object.values(body.metadata))),
    // What was kept of the old file is of no use with the new one.
    ui_cache: body.ui_cache ? JSON.stringify(body.ui_cache) : body.uri === undefined ? undefined : '{}',
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function modelName(given: string): string {
  const name = given.trim();
  if (name === '') throw new ApiError('validation', { field: 'name' }, 'a name cannot be empty');
  return name;
}

async function requireReferences(db: Db, { project, task }: Contents): Promise<void> {
  if (project) await requireProject(db, project);
  if (!task) return;
  const found = await db.selectFrom('tasks').select('id').where('id', '=', task).executeTakeFirst();
  if (!found) throw new ApiError('invalidTaskId', { task });
}

export async function createModel(db: Db, body: ModelsCreate, user: string): Promise<string> {
  await requireReferences(db, body);
  const now = new Date();
  const id = newId();
  const row = {
    id,
    user_id: user,
    created: now,
    last_update: now,
    last_change: now,
    task: null,
    parent: null,
    project: null,
    comment: '',
    tags: [] as string[],
    system_tags: [] as string[],
    framework: null,
    design: '{}',
    labels: '{}',
    uri: null,
    ready: true,
    metadata: '{}',
    public: body.public === true,
    ...columns(body),
    name: modelName(body.name),
  };
  await db
    .insertInto('models')
    .values(row as Insertable<ModelsTable>)
    .execute();
  await touchProject(db, body.project);
  return id;
}

export interface ModelRow {
  id: string;
  public: boolean;
  ready: boolean;
  task: string | null;
  uri: string | null;
  project: string | null;
}

/** A model that may be changed: a public one is no model of ours to write to. */
export async function lockModel(db: Db, id: string): Promise<ModelRow> {
  const row = await db
    .selectFrom('models')
    .select(['id', 'public', 'ready', 'task', 'uri', 'project'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  if (!row || row.public) throw new ApiError('invalidModelId', { model: id });
  return row;
}

/** Changes a model, whether it is published or not. */
export async function editModel(db: Db, body: ModelsEdit): Promise<object> {
  const row = await lockModel(db, body.model);
  await requireReferences(db, body);
  const { model: _model, ...fields } = body;
  const now = new Date();
  const date = body.created === undefined ? undefined : parseDate(body.created);
  if (body.created !== undefined && !date) throw new ApiError('badValue', { field: 'created' }, 'not a date');
  await db
    .updateTable('models')
    .set({
      ...columns(body),
      ...(body.name === undefined ? {} : { name: modelName(body.name) }),
      ...(date === undefined ? {} : { created: date }),
      last_update: now,
      last_change: now,
    })
    .where('id', '=', body.model)
    .execute();
  const task = body.task || row.task;
  if (body.iteration !== undefined && task) await raiseIteration(db, task, body.iteration);
  await touchProject(db, body.project || row.project);
  return { updated: 1, fields };
}

export function metadataMap(items: readonly unknown[]): Record<string, MetadataItem> {
  const entries = items.map((item): [string, MetadataItem] => {
    const { key, type, value } = isObject(item) ? item : ({} as Parameters);
    if (typeof key !== 'string' || key === '') throw new ApiError('missingFields', { fields: ['metadata.key'] });
    const text = (given: unknown) => (typeof given === 'string' ? given : JSON.stringify(given));
    return [
      key,
      {
        key,
        ...(type === undefined || type === null ? {} : { type: text(type) }),
        ...(value === undefined || value === null ? {} : { value: text(value) }),
      },
    ];
  });
  return Object.fromEntries(entries);
}
