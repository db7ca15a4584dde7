import type { TasksEdit, TasksUpdate } from '@ranloop/contracts/tracking';
import { sql, type Updateable } from 'kysely';
import { type Core, type Db, transaction } from '../core.ts';
import { parseDate } from '../query/index.ts';
import type { TasksTable } from '../store/tables.ts';
import { ApiError } from '../wire/errors.ts';
import { present } from './contents.ts';
import { contentColumns, requireModel, requireReferences, taskName, unique } from './create.ts';
import { fromLegacy, type Held } from './legacy.ts';

export interface TaskRow {
  id: string;
  status: string;
  project: string | null;
  system_tags: string[];
}

/** Locks the task for this transaction, so that writers of the same task come one after the other. */
export async function lockTask(db: Db, id: string): Promise<TaskRow> {
  const [row] = await lockTasks(db, [id]);
  if (!row) throw new ApiError('invalidTaskId', { id });
  return row;
}

/** Locks all of the tasks or none, in the order of their ids. Public tasks are nobody's to change. */
export async function lockTasks(db: Db, ids: readonly string[]): Promise<TaskRow[]> {
  const wanted = [...new Set(ids)];
  if (wanted.length === 0) return [];
  const rows = await db
    .selectFrom('tasks')
    .select(['id', 'status', 'project', 'system_tags', 'public'])
    .where('id', 'in', wanted)
    .orderBy('id')
    .forUpdate()
    .execute();
  const missing = wanted.filter((id) => !rows.some((row) => row.id === id));
  if (missing.length > 0)
    throw new ApiError('invalidTaskId', wanted.length === 1 ? { id: missing[0] } : { ids: missing });
  const locked = rows.filter((row) => row.public).map((row) => row.id);
  if (locked.length > 0) throw new ApiError('noWritePermission', { ids: locked });
  return rows;
}

/** Without force only a task that has not run may be edited. */
export function requireEditable({ id, status }: TaskRow, force: boolean | undefined): void {
  if (force !== true && status !== 'created') throw new ApiError('taskStatus', { id, status, expected: 'created' });
}

/** What every change of a task moves. */
export function changedBy(user: string) {
  const now = new Date();
  return { last_update: now, last_change: now, last_changed_by: user };
}

/** Whole objects replace what was there; script, execution and output merge one level deep. */
export async function editTask(core: Core, body: TasksEdit, user: string) {
  const { task, name, type, runtime, output, output_dest, report, report_assets } = body;
  await transaction(core, async (trx) => {
    const row = await lockTask(trx, task);
    requireEditable(row, body.force);
    const plain = fromLegacy(body, body.execution && (await heldBy(trx, task)));
    const { script, execution, ...columns } = contentColumns(plain);
    await requireReferences(trx, columns);
    await requireModel(trx, body.execution);
    const merged = {
      ...(output ? present(output) : {}),
      ...(output_dest === undefined ? {} : { destination: output_dest }),
    };
    const set: Updateable<TasksTable> = {
      ...columns,
      ...(name === undefined ? {} : { name: taskName(name) }),
      ...(type === undefined ? {} : { type }),
      ...(runtime === undefined ? {} : { runtime: JSON.stringify(runtime) }),
      ...(report === undefined ? {} : { report }),
      ...(report_assets === undefined ? {} : { report_assets }),
      ...changedBy(user),
    };
    await trx
      .updateTable('tasks')
      .set(set)
      .$if(script !== undefined, (query) => query.set({ script: merge('script', script) }))
      .$if(execution !== undefined, (query) => query.set({ execution: merge('execution', execution) }))
      .$if(Object.keys(merged).length > 0, (query) => query.set({ output: merge('output', JSON.stringify(merged)) }))
      .where('id', '=', task)
      .execute();
  });
  core.changes.send({ kind: 'task', task });
  const { task: _task, force: _force, ...fields } = body;
  return { updated: 1, fields };
}

async function heldBy(db: Db, id: string): Promise<Held | undefined> {
  return db
    .selectFrom('tasks')
    .select(['hyperparams', 'configuration', 'models'])
    .where('id', '=', id)
    .executeTakeFirst();
}

function merge(column: 'script' | 'execution' | 'output', json: string | undefined) {
  return sql<string>`${sql.raw(column)} || ${json}::jsonb`;
}

/** The few fields that may change whatever the status. */
export async function updateTask(core: Core, body: TasksUpdate, user: string) {
  await transaction(core, (trx) => updateIn(trx, body, user));
  core.changes.send({ kind: 'task', task: body.task });
  const { task: _task, ...fields } = body;
  return { updated: 1, fields };
}

/** All of the updates or none. */
export async function updateTasks(core: Core, bodies: readonly TasksUpdate[], user: string) {
  // Of two updates of one task the later one counts; tasks are locked in the order of their ids.
  const byTask = new Map(bodies.map((body) => [body.task, body]));
  await transaction(core, async (trx) => {
    await lockTasks(trx, [...byTask.keys()]);
    for (const body of byTask.values()) await updateIn(trx, body, user);
  });
  for (const task of byTask.keys()) core.changes.send({ kind: 'task', task });
  return { updated: byTask.size };
}

async function updateIn(trx: Db, body: TasksUpdate, user: string): Promise<void> {
  const { task, name, tags, system_tags, output__error, created, ...rest } = body;
  const date = created === undefined ? undefined : parseDate(created);
  if (created !== undefined && !date) throw new ApiError('badValue', { field: 'created' }, 'not a date');
  await lockTask(trx, task);
  await requireReferences(trx, { project: rest.project ?? null });
  const set: Updateable<TasksTable> = {
    ...(rest.comment === undefined ? {} : { comment: rest.comment }),
    ...(rest.project === undefined ? {} : { project: rest.project || null }),
    ...(rest.status_message === undefined ? {} : { status_message: rest.status_message }),
    ...(name === undefined ? {} : { name: taskName(name) }),
    ...(tags === undefined ? {} : { tags: unique(tags) }),
    ...(system_tags === undefined ? {} : { system_tags: unique(system_tags) }),
    ...(date === undefined ? {} : { created: date }),
    ...changedBy(user),
  };
  await trx
    .updateTable('tasks')
    .set(set)
    .$if(output__error !== undefined, (query) =>
      query.set({ output: merge('output', JSON.stringify({ error: output__error })) }),
    )
    .where('id', '=', task)
    .execute();
}
