import { sql } from 'kysely';
import type { Db } from '../core.ts';
import { ApiError } from '../wire/errors.ts';

/** The entries of queues. Every function runs in the caller's transaction. */

export async function requireQueue(db: Db, id: string): Promise<{ id: string; name: string }> {
  const queue = await db.selectFrom('queues').select(['id', 'name']).where('id', '=', id).executeTakeFirst();
  if (!queue) throw new ApiError('invalidQueueId', { queue: id });
  return queue;
}

/** Adds a task at the end; false when it is there already. */
export async function pushEntry(db: Db, queue: string, task: string): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('queue_entries')
    .values({ queue, task, added: new Date() })
    .onConflict((conflict) => conflict.columns(['queue', 'task']).doNothing())
    .executeTakeFirst();
  await touchQueue(db, queue);
  return numInsertedOrUpdatedRows === 1n;
}

/** Takes a task out of one queue, or of all; gives the queues it was in. */
export async function removeEntries(db: Db, task: string, queue?: string): Promise<string[]> {
  const rows = await db
    .deleteFrom('queue_entries')
    .where('task', '=', task)
    .$if(queue !== undefined, (query) => query.where('queue', '=', queue ?? ''))
    .returning('queue')
    .execute();
  for (const row of rows) await touchQueue(db, row.queue);
  return rows.map((row) => row.queue);
}

/** The first entry, taken for good: two workers that ask at once get two tasks. */
export async function popEntry(db: Db, queue: string): Promise<{ task: string; added: Date } | undefined> {
  const { rows } = await sql<{ task: string; added: Date }>`delete from tracking.queue_entries q
    where q.queue = ${queue} and q.task = (
      select e.task from tracking.queue_entries e where e.queue = ${queue}
      order by e.position limit 1 for update skip locked)
    returning q.task, q.added`.execute(db);
  if (rows[0]) await touchQueue(db, queue);
  return rows[0];
}

async function touchQueue(db: Db, queue: string): Promise<void> {
  await db.updateTable('queues').set({ last_update: new Date() }).where('id', '=', queue).execute();
}

export type Move = { readonly by: number } | { readonly to: 'front' | 'back' };

/** Moves a task within its queue; gives its new place, counted from 0. */
export async function moveEntry(db: Db, at: { queue: string; task: string }, move: Move): Promise<number> {
  await requireQueue(db, at.queue);
  const rows = await db
    .selectFrom('queue_entries')
    .select(['task', 'position'])
    .where('queue', '=', at.queue)
    .orderBy('position')
    .forUpdate()
    .execute();
  const from = rows.findIndex((row) => row.task === at.task);
  if (from < 0) throw new ApiError('taskNotQueued', at);
  const last = rows.length - 1;
  const wanted = 'by' in move ? from + move.by : move.to === 'front' ? 0 : last;
  const place = Math.max(0, Math.min(last, wanted));
  const order = rows.map((row) => row.task).filter((task) => task !== at.task);
  order.splice(place, 0, at.task);
  // The same positions are dealt out anew, so that tasks which come later still stand behind.
  await sql`update tracking.queue_entries q set position = n.position
    from unnest(${order}::text[], ${rows.map((row) => row.position)}::bigint[]) n (task, position)
    where q.queue = ${at.queue} and q.task = n.task`.execute(db);
  await touchQueue(db, at.queue);
  return place;
}
