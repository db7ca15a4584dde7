import { sql } from 'kysely';
import type { Db } from '../core.ts';
import { ApiError } from '../wire/errors.ts';
import { recordLengths } from './metrics.ts';

/**
 * The entries of queues. Every function runs in the caller's transaction. Entries change under the lock of their queue,
 * so that two who move at once do not undo each other; who needs the lock of a task as well takes that one first.
 */

export async function requireQueue(db: Db, id: string): Promise<{ id: string; name: string }> {
  const queue = await db.selectFrom('queues').select(['id', 'name']).where('id', '=', id).executeTakeFirst();
  if (!queue) throw new ApiError('invalidQueueId', { queue: id });
  return queue;
}

/** Locks a queue for the rest of the transaction; false when there is none. */
export async function lockQueue(db: Db, id: string): Promise<boolean> {
  const row = await db.selectFrom('queues').select('id').where('id', '=', id).forUpdate().executeTakeFirst();
  return row !== undefined;
}

/** Adds a task at the end; false when it is there already. */
export async function pushEntry(db: Db, queue: string, task: string): Promise<boolean> {
  if (!(await lockQueue(db, queue))) throw new ApiError('invalidQueueId', { queue });
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('queue_entries')
    .values({ queue, task, added: new Date() })
    .onConflict((conflict) => conflict.columns(['queue', 'task']).doNothing())
    .executeTakeFirst();
  await sql`delete from tracking.popped_tasks where task = ${task}`.execute(db);
  await recordLengths(db, [queue]);
  await touchQueues(db, [queue]);
  return numInsertedOrUpdatedRows === 1n;
}

/** Takes a task out of one queue, or of all; gives the queues it was in. */
export async function removeEntries(db: Db, task: string, queue?: string): Promise<string[]> {
  const one = queue === undefined ? sql`true` : sql`q.id = ${queue}`;
  const { rows } = await sql<{ id: string }>`select q.id from tracking.queues q where ${one}
    and exists (select 1 from tracking.queue_entries e where e.queue = q.id and e.task = ${task})
    order by q.id for update`.execute(db);
  const queues = rows.map(({ id }) => id);
  if (queues.length === 0) return [];
  await recordLengths(db, queues);
  const deleted = await db
    .deleteFrom('queue_entries')
    .where('task', '=', task)
    .where('queue', 'in', queues)
    .returning('queue')
    .execute();
  await touchQueues(db, queues);
  return deleted.map((row) => row.queue);
}

export interface Popped {
  readonly task: string;
  readonly added: Date;
}

/**
 * The first entry, taken for good: two workers that ask at once get two tasks. With `wanted`, only if it is that task.
 * What was taken is noted until somebody shows to have it: see lost.ts.
 */
export async function popEntry(db: Db, queue: string, wanted?: string): Promise<Popped | undefined> {
  if (!(await lockQueue(db, queue))) throw new ApiError('invalidQueueId', { queue });
  const first = await db
    .selectFrom('queue_entries')
    .select(['task', 'added'])
    .where('queue', '=', queue)
    .orderBy('position')
    .limit(1)
    .executeTakeFirst();
  if (!first || (wanted !== undefined && first.task !== wanted)) return undefined;
  await recordLengths(db, [queue]);
  await db.deleteFrom('queue_entries').where('queue', '=', queue).where('task', '=', first.task).execute();
  await sql`insert into tracking.popped_tasks (task, queue, added, popped)
    values (${first.task}, ${queue}, ${first.added}, ${new Date()})
    on conflict (task) do update set queue = excluded.queue, added = excluded.added, popped = excluded.popped`.execute(
    db,
  );
  await touchQueues(db, [queue]);
  return first;
}

async function touchQueues(db: Db, queues: readonly string[]): Promise<void> {
  await db
    .updateTable('queues')
    .set({ last_update: new Date() })
    .where('id', 'in', [...queues])
    .execute();
}

export type Move = { readonly by: number } | { readonly to: 'front' | 'back' };

/** Moves a task within its queue; gives its new place, counted from 0. */
export async function moveEntry(db: Db, at: { queue: string; task: string }, move: Move): Promise<number> {
  const rows = (await lockQueue(db, at.queue))
    ? await db
        .selectFrom('queue_entries')
        .select(['task', 'position'])
        .where('queue', '=', at.queue)
        .orderBy('position')
        .execute()
    : [];
  const from = rows.findIndex((row) => row.task === at.task);
  if (from < 0) throw new ApiError('taskNotQueued', at);
  const last = rows.length - 1;
  const wanted = 'by' in move ? from + move.by : move.to === 'front' ? 0 : last;
  const place = Math.max(0, Math.min(last, wanted));
  if (place === from) return place;
  const order = rows.map((row) => row.task).filter((task) => task !== at.task);
  order.splice(place, 0, at.task);
  // The same positions are dealt out anew, so that tasks which come later still stand behind.
  await sql`update tracking.queue_entries q set position = n.position
    from unnest(${order}::text[], ${rows.map((row) => row.position)}::bigint[]) n (task, position)
    where q.queue = ${at.queue} and q.task = n.task`.execute(db);
  await touchQueues(db, [at.queue]);
  return place;
}
