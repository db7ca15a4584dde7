import type { TaskStatus } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import { type Core, type Db, transaction } from '../core.ts';
import { lockTask } from '../tasks/edit.ts';
import { announce, changeStatusIn } from '../tasks/status.ts';
import { removeEntries } from './entries.ts';

interface Leaving {
  readonly queue: string;
  readonly task: string;
  readonly user: string;
  readonly reason: string;
}

/**
 * Takes a task out of one queue and gives it back the status it had before, unless another queue still holds it or it
 * went on meanwhile. False when it was not in the queue.
 */
export async function leaveQueue(core: Core, leaving: Leaving): Promise<boolean> {
  const { left, status } = await transaction(core, async (trx) => {
    const row = await lockTask(trx, leaving.task);
    const removed = await removeEntries(trx, leaving.task, leaving.queue);
    if (removed.length === 0 || row.status !== 'queued') return { left: removed.length > 0, status: undefined };
    return { left: true, status: await unqueue(trx, leaving) };
  });
  if (status) announce(core, { task: leaving.task, to: status });
  return left;
}

/** Back to the status before the queue, for a task that no queue holds any more. Under the lock of the task. */
export async function unqueue(db: Db, { task, user, reason }: Omit<Leaving, 'queue'>): Promise<TaskStatus | undefined> {
  const elsewhere = await db.selectFrom('queue_entries').select('queue').where('task', '=', task).executeTakeFirst();
  if (elsewhere) return undefined;
  const before = await db.selectFrom('tasks').select('enqueue_status').where('id', '=', task).executeTakeFirst();
  const to = (before?.enqueue_status as TaskStatus | null | undefined) ?? 'created';
  const set = { enqueue_status: null, execution: sql<string>`execution - 'queue'` };
  await changeStatusIn(db, { task, to, user, force: true, status_reason: reason, set });
  return to;
}
