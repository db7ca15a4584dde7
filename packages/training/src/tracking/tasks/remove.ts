import type { TasksReset } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import { type Core, type Db, transaction } from '../core.ts';
import { removeEvents } from '../events/write.ts';
import { touchProject } from '../projects/index.ts';
import { removeEntries } from '../queues/entries.ts';
import { ApiError } from '../wire/errors.ts';
import { lockTask, type TaskRow } from './edit.ts';
import { announce, changeStatusIn } from './status.ts';

export interface TaskUrls {
  model_urls: string[];
  event_urls: string[];
  artifact_urls: string[];
}

const MOST_URLS = 100_000;

async function urlsOf(db: Db, task: string): Promise<TaskUrls> {
  const list = async (query: ReturnType<typeof sql<{ url: string }>>) =>
    (await query.execute(db)).rows.map(({ url }) => url);
  return {
    model_urls: await list(sql<{ url: string }>`select uri as url from tracking.models
      where task = ${task} and uri is not null and not ready limit ${MOST_URLS}`),
    event_urls: await list(sql<{ url: string }>`select distinct payload ->> 'url' as url from tracking.samples
      where owner = ${task} and type = 'training_debug_image' and payload ->> 'url' <> '' limit ${MOST_URLS}`),
    artifact_urls: await list(sql<{ url: string }>`select a ->> 'uri' as url from tracking.tasks t,
      jsonb_array_elements(t.artifacts) a where t.id = ${task} and a ->> 'mode' = 'output' and a ->> 'uri' <> ''`),
  };
}

/** Deletes the unpublished models that a task made. */
async function deleteOutputModels(db: Db, task: string): Promise<number> {
  const { rows } = await sql<{ id: string }>`delete from tracking.models where task = ${task} and not ready
    returning id`.execute(db);
  for (const { id } of rows) await removeEvents(db, id);
  return rows.length;
}

/** Back to created: what the task is stays, what its run left behind goes. */
export async function resetTask(core: Core, body: TasksReset, user: string) {
  const { task, force, clear_all, return_file_urls, delete_output_models, status_reason, status_message } = body;
  const answer = await transaction(core, async (trx) => {
    const row = await lockTask(trx, task);
    if (row.status === 'published' && force !== true) throw new ApiError('taskStatus', { task, status: row.status });
    const urls = return_file_urls ? { urls: await urlsOf(trx, task) } : {};
    const deleted = delete_output_models === false ? 0 : await deleteOutputModels(trx, task);
    const dequeued = await removeEntries(trx, task);
    await removeEvents(trx, task);
    const change = {
      task,
      to: 'created' as const,
      user,
      force: force === true || resettable(row),
      status_reason,
      status_message,
    };
    const changed = await changeStatusIn(trx, { ...change, set: clearedBy(clear_all === true) });
    return { ...changed, dequeued: { removed: dequeued.length }, events: {}, deleted_models: deleted, ...urls };
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
      ? { script: '{}', execution: '{}', hyperparams: '{}', configuration: '{}', artifacts: '[]' }
      : {
          execution: sql<string>`execution - 'queue'`,
          artifacts: sql<string>`(select coalesce(jsonb_agg(a), '[]') from jsonb_array_elements(artifacts) a where a ->> 'mode' = 'input')`,
        }),
  };
}

/** Deletes a task that was never run, is archived, or by force. Children and published models live on without it. */
export async function deleteTask(core: Core, body: TasksReset) {
  const { task, force, return_file_urls, delete_output_models } = body;
  const answer = await transaction(core, async (trx) => {
    const row = await lockTask(trx, task);
    const deletable = row.status === 'created' || row.system_tags.includes('archived');
    if (!deletable && force !== true)
      throw new ApiError('taskUndeletable', { task, status: row.status }, 'neither created nor archived');
    if (row.status === 'published' && force !== true)
      throw new ApiError('taskUndeletable', { task, status: row.status });
    const urls = return_file_urls ? { urls: await urlsOf(trx, task) } : {};
    const deletedModels = delete_output_models === false ? 0 : await deleteOutputModels(trx, task);
    const models = await sql`update tracking.models set task = null where task = ${task}`.execute(trx);
    const children = await sql`update tracking.tasks set parent = null where parent = ${task}`.execute(trx);
    await removeEntries(trx, task);
    await removeEvents(trx, task);
    await trx.deleteFrom('tasks').where('id', '=', task).execute();
    await touchProject(trx, row.project);
    return {
      deleted: true,
      updated_children: Number(children.numAffectedRows ?? 0n),
      updated_models: Number(models.numAffectedRows ?? 0n),
      deleted_models: deletedModels,
      events: {},
      ...urls,
    };
  });
  core.changes.send({ kind: 'task', task });
  return answer;
}
