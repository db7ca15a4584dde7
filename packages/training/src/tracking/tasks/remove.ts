import type { TasksReset } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import { type FileUrls, fileUrls, recordFiles } from '../cleanup/index.ts';
import { type Core, type Db, transaction } from '../core.ts';
import { removeEvents } from '../events/write.ts';
import { touchProject } from '../projects/index.ts';
import { removeEntries } from '../queues/entries.ts';
import { ApiError } from '../wire/errors.ts';
import { lockTask, type TaskRow } from './edit.ts';
import { announce, changeStatusIn } from './status.ts';
import { withSteps } from './steps.ts';

type Removal = Pick<
  TasksReset,
  'task' | 'force' | 'return_file_urls' | 'delete_output_models' | 'delete_external_artifacts'
>;

/** The models of a task: those that say so, and those in its list of outputs. */
interface OutputModels {
  readonly published: readonly string[];
  readonly drafts: readonly string[];
}

/** Deletes the unpublished models that a task made, and notes the files of all that goes. `reset`: the task stays. */
async function removeOutput(core: Core, trx: Db, body: Removal, { reset }: { reset: boolean }) {
  const { task, return_file_urls, delete_output_models, delete_external_artifacts } = body;
  const { published, drafts } = await outputModels(trx, task);
  if (body.force !== true) await requireUnpublished(trx, task, published);
  const used = await inputsOfOthers(trx, task, drafts);
  const models = delete_output_models === false ? [] : drafts.filter((id) => !used.has(id));
  const leaving = { tasks: [task], models };
  const urls: FileUrls | undefined = return_file_urls ? await fileUrls(trx, leaving) : undefined;
  if (delete_external_artifacts !== false) await recordFiles(core, trx, { ...leaving, reset });
  await sql`delete from tracking.models where id = any(${models}::text[])`.execute(trx);
  const left = await sql`update tracking.models set task = null where task = ${task}`.execute(trx);
  await removeEvents(trx, [task, ...models]);
  const updated_models = Number(left.numAffectedRows ?? 0n);
  return { deleted_models: models.length, updated_models, ...(urls ? { urls } : {}) };
}

async function outputModels(db: Db, task: string): Promise<OutputModels> {
  const { rows } = await sql<{ id: string; ready: boolean }>`select id, ready from tracking.models
    where task = ${task} or id in (select o ->> 'model' from tracking.tasks t, jsonb_array_elements(t.models -> 'output') o
      where t.id = ${task}) order by id for update`.execute(db);
  const ids = (ready: boolean) => rows.filter((row) => row.ready === ready).map(({ id }) => id);
  return { published: ids(true), drafts: ids(false) };
}

/** Published results rest on the task: it goes by force only. */
async function requireUnpublished(db: Db, task: string, models: readonly string[]): Promise<void> {
  if (models.length > 0)
    throw new ApiError('taskUndeletable', { task, models: models.length }, 'it made published models');
  const child = await db
    .selectFrom('tasks')
    .select('id')
    .where('parent', '=', task)
    .where('status', '=', 'published')
    .limit(1)
    .executeTakeFirst();
  if (child) throw new ApiError('taskUndeletable', { task, child: child.id }, 'it has published children');
}

/** Those of the models that another task starts from. */
async function inputsOfOthers(db: Db, task: string, models: readonly string[]): Promise<ReadonlySet<string>> {
  if (models.length === 0) return new Set();
  const { rows } = await sql<{ id: string }>`select m.id from unnest(${[...models]}::text[]) m (id) where exists (
    select from tracking.tasks t where t.id <> ${task} and t.models -> 'input' <> '[]'
      and t.models -> 'input' @> jsonb_build_array(jsonb_build_object('model', m.id)))`.execute(db);
  return new Set(rows.map(({ id }) => id));
}

/** Back to created: what the task is stays, what its run left behind goes. */
export async function resetTask(core: Core, body: TasksReset, user: string) {
  const { task, force, clear_all, status_reason = 'reset', status_message = 'reset' } = body;
  const answer = await transaction(core, async (trx) => {
    const row = await lockTask(trx, task);
    if (row.status === 'published' && force !== true) throw new ApiError('taskStatus', { task, status: row.status });
    const removed = await removeOutput(core, trx, body, { reset: true });
    const dequeued = await removeEntries(trx, task);
    const change = {
      task,
      to: 'created' as const,
      user,
      force: force === true || resettable(row),
      status_reason,
      status_message,
    };
    const changed = await changeStatusIn(trx, { ...change, set: clearedBy(clear_all === true) });
    const { updated_models: _kept, ...gone } = removed;
    return { ...changed, dequeued: { removed: dequeued.length }, events: {}, ...gone };
  });
  announce(core, { task, to: 'created' });
  return answer;
}

/** Every status but published may be reset; a task that was only created has nothing to lose. */
const resettable = ({ status }: TaskRow) => status !== 'published' && status !== 'publishing';

function clearedBy(all: boolean) {
  return {
    last_iteration: 0,
    log_lines: 0,
    started: null,
    completed: null,
    published: null,
    active_duration: null,
    last_worker: null,
    last_worker_report: null,
    enqueue_status: null,
    runtime: '{}',
    models: sql<string>`jsonb_set(models, '{output}', '[]')`,
    output: sql<string>`case when output ? 'destination' then jsonb_build_object('destination', output -> 'destination')
      else '{}'::jsonb end`,
    ...(all
      ? { script: '{"binary":"python"}', execution: '{}', hyperparams: '{}', configuration: '{}', artifacts: '[]' }
      : {
          execution: sql<string>`execution - 'queue'`,
          artifacts: sql<string>`(select coalesce(jsonb_agg(a), '[]') from jsonb_array_elements(artifacts) a where a ->> 'mode' = 'input')`,
        }),
  };
}

/** Deletes a task that was never run, is archived, or by force; children and published models live on without it. */
export function deleteTask(core: Core, body: TasksReset) {
  const { task, include_pipeline_steps: include, ...rest } = body;
  return withSteps(core.db, { task, include }, (id) => deleteOne(core, { ...rest, task: id }));
}

async function deleteOne(core: Core, body: TasksReset) {
  const { task, force } = body;
  const answer = await transaction(core, async (trx) => {
    const row = await lockTask(trx, task);
    const deletable = row.status === 'created' || row.system_tags.includes('archived');
    if (!deletable && force !== true)
      throw new ApiError('taskUndeletable', { task, status: row.status }, 'neither created nor archived');
    if (row.status === 'published' && force !== true)
      throw new ApiError('taskUndeletable', { task, status: row.status });
    const removed = await removeOutput(core, trx, body, { reset: false });
    const children = await sql`update tracking.tasks set parent = null where parent = ${task}`.execute(trx);
    await removeEntries(trx, task);
    await trx.deleteFrom('tasks').where('id', '=', task).execute();
    await touchProject(trx, row.project);
    return { deleted: true, updated_children: Number(children.numAffectedRows ?? 0n), events: {}, ...removed };
  });
  core.changes.send({ kind: 'task', task });
  return answer;
}
