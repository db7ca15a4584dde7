import type { TaskStatus, TasksDequeue, TasksEnqueue } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import { type Core, type Db, transaction } from '../core.ts';
import { pushEntry, removeEntries, requireQueue } from '../queues/entries.ts';
import { defaultQueue, ensureQueue } from '../queues/store.ts';
import { ApiError } from '../wire/errors.ts';
import { requireModels, requireReferences } from './create.ts';
import { changedBy, lockTask } from './edit.ts';
import { announce, changeStatusIn, type StatusChanged } from './status.ts';

export interface Enqueued extends StatusChanged {
  queued: number;
  queue_watched?: boolean;
}

async function chooseQueue(db: Db, body: TasksEnqueue, user: string): Promise<string> {
  if (body.queue && body.queue_name) throw new ApiError('validation', {}, 'either queue or queue_name');
  if (body.queue) return (await requireQueue(db, body.queue)).id;
  if (body.queue_name) return ensureQueue(db, { name: body.queue_name }, user);
  return (await defaultQueue(db)).id;
}

/** Puts a task into one queue, and out of any other. The status it had before is kept for dequeue. */
export async function enqueueTask(
  core: Core,
  body: TasksEnqueue & { validate_tasks?: boolean },
  user: string,
): Promise<Enqueued> {
  const { changed, queue } = await transaction(core, async (trx) => {
    const chosen = await chooseQueue(trx, body, user);
    const { status } = await lockTask(trx, body.task);
    if (status === 'queued' && (await isQueued(trx, chosen, body.task)))
      throw new ApiError('taskAlreadyQueued', { task: body.task, queue: chosen });
    if (body.validate_tasks) await requireWhole(trx, body.task);
    await removeEntries(trx, body.task);
    const before = status === 'queued' ? {} : { enqueue_status: status };
    const recorded =
      body.update_execution_queue === false
        ? {}
        : { execution: sql<string>`execution || jsonb_build_object('queue', ${chosen}::text)` };
    const moved = await changeStatusIn(trx, { ...change(body, user), to: 'queued', set: { ...before, ...recorded } });
    await pushEntry(trx, chosen, body.task);
    return { changed: moved, queue: chosen };
  });
  announce(core, { task: body.task, to: 'queued' });
  core.changes.send({ kind: 'queue', task: body.task, subject: queue });
  const fields = { ...changed.fields, 'execution.queue': queue };
  const watched = body.verify_watched_queue ? { queue_watched: await isWatched(core, queue) } : {};
  return { queued: 1, updated: changed.updated, fields, ...watched };
}

/** What the task refers to must still be there. */
async function requireWhole(db: Db, id: string): Promise<void> {
  const task = await db
    .selectFrom('tasks')
    .select(['project', 'parent', 'models'])
    .where('id', '=', id)
    .executeTakeFirst();
  if (!task) throw new ApiError('invalidTaskId', { id });
  await requireReferences(db, task);
  await requireModels(
    db,
    task.models.input.map(({ model }) => model),
  );
}

function change({ task, status_reason, status_message }: TasksEnqueue | TasksDequeue, user: string) {
  return { task, user, status_reason, status_message };
}

async function isQueued(db: Db, queue: string, task: string): Promise<boolean> {
  const query = db.selectFrom('queue_entries').select('task').where('queue', '=', queue).where('task', '=', task);
  return (await query.executeTakeFirst()) !== undefined;
}

/** Whether a worker takes tasks from the queue. */
export async function isWatched(core: Core, queue: string): Promise<boolean> {
  const { rows } =
    await sql`select 1 from tracking.workers where queues @> ${[queue]}::text[] and expires > now() limit 1`.execute(
      core.db,
    );
  return rows.length > 0;
}

export interface Dequeued extends StatusChanged {
  dequeued: number;
}

/**
 * Takes a task out of its queue and gives it back the status it had, or the one asked for. A task that is in no queue is
 * no error: an agent calls this right after it has popped the task.
 */
export async function dequeueTask(core: Core, body: TasksDequeue, user: string): Promise<Dequeued> {
  const { queues, changed, status } = await transaction(core, async (trx) => {
    const row = await lockTask(trx, body.task);
    const left = await removeEntries(trx, body.task);
    const to = await statusAfter(trx, row, body.new_status);
    if (to === row.status) return { queues: left, changed: { updated: 0, fields: {} }, status: undefined };
    const set = { enqueue_status: null, execution: sql<string>`execution - 'queue'` };
    const force = body.new_status !== undefined;
    return { queues: left, changed: await changeStatusIn(trx, { ...change(body, user), to, force, set }), status: to };
  });
  if (status) announce(core, { task: body.task, to: status });
  for (const queue of queues) core.changes.send({ kind: 'queue', task: body.task, subject: queue });
  return { dequeued: queues.length > 0 ? 1 : 0, ...changed };
}

/** Only a queued task has a status to go back to; any other keeps its own unless one is asked for. */
async function statusAfter(
  db: Db,
  row: { id: string; status: string },
  asked: string | undefined,
): Promise<TaskStatus> {
  if (asked !== undefined) return asked as TaskStatus;
  if (row.status !== 'queued') return row.status as TaskStatus;
  const before = await db.selectFrom('tasks').select('enqueue_status').where('id', '=', row.id).executeTakeFirst();
  return (before?.enqueue_status as TaskStatus | null | undefined) ?? 'created';
}

/** After a worker took a task that had been stopped meanwhile, the task counts as queued again. Says whether it did. */
export async function requeueStopped(db: Db, task: string, user: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('tasks')
    .set({ status: 'queued', status_changed: new Date(), ...changedBy(user) })
    .where('id', '=', task)
    .where('status', '=', 'stopped')
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}
