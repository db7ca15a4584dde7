import { sql } from 'kysely';
import { type Core, transaction } from '../core.ts';
import { lockTask } from '../tasks/edit.ts';
import { announce } from '../tasks/status.ts';
import { lockQueue } from './entries.ts';
import { unqueue } from './leave.ts';
import { recordLengths } from './metrics.ts';

/**
 * A task that queues.get_next_task handed out is in no queue any more. If the answer is lost on its way, nobody would
 * ever run it, and the protocol has no receipt. What it has is that agents touch a task as soon as they get it: they
 * report their status with it, start it, or queue it elsewhere. So a task that is still queued, in no queue, and was
 * touched by nobody for `lostTaskSeconds` was not received: it goes back to the front of the queue it was taken from.
 * Where the connection is seen to close before the answer is out, it goes back at once.
 */
export async function putBackLost(core: Core): Promise<void> {
  if (core.config.lostTaskSeconds === 0) return;
  const { rows } = await sql<Lost>`select task, queue, added, popped from tracking.popped_tasks
    where popped < now() - make_interval(secs => ${core.config.lostTaskSeconds}) limit ${MOST_AT_ONCE}`.execute(
    core.db,
  );
  for (const lost of rows) await settleAndTell(core, lost);
}

/** Puts a task back whose handing out is known to have failed. */
export async function putBackUnsent(core: Core, task: string): Promise<void> {
  const { rows } = await sql<Lost>`select task, queue, added, popped from tracking.popped_tasks
    where task = ${task}`.execute(core.db);
  for (const lost of rows) await settleAndTell(core, lost);
}

/** The touch of the server itself is no sign that somebody has the task. */
export async function touchedByUs(core: Core, task: string): Promise<void> {
  await sql`update tracking.popped_tasks p set popped = t.last_change from tracking.tasks t
    where p.task = ${task} and t.id = p.task`.execute(core.db);
}

async function settleAndTell(core: Core, lost: Lost): Promise<void> {
  const outcome = await settle(core, lost);
  if (outcome === 'put back') core.changes.send({ kind: 'queue', task: lost.task, subject: lost.queue });
  if (outcome !== 'received') core.log.info({ task: lost.task, queue: lost.queue, outcome }, 'a task was lost');
}

const MOST_AT_ONCE = 1_000;
const REASON = 'The queue that it was taken from is gone';

interface Lost {
  task: string;
  queue: string;
  added: Date;
  popped: Date;
}

async function settle(core: Core, lost: Lost): Promise<'received' | 'put back' | 'unqueued'> {
  const { outcome, status } = await transaction(core, async (trx) => {
    const known = await trx.selectFrom('tasks').select('last_change').where('id', '=', lost.task).executeTakeFirst();
    if (known) await lockTask(trx, lost.task);
    const { numAffectedRows } = await sql`delete from tracking.popped_tasks
      where task = ${lost.task} and popped = ${lost.popped}`.execute(trx);
    const { rows } = await sql`select 1 from tracking.tasks t where id = ${lost.task} and status = 'queued'
      and last_change <= ${lost.popped}
      and not exists (select 1 from tracking.queue_entries e where e.task = t.id)`.execute(trx);
    if (numAffectedRows === 0n || rows.length === 0) return { outcome: 'received' as const, status: undefined };
    if (!(await lockQueue(trx, lost.queue))) {
      const to = await unqueue(trx, { task: lost.task, user: 'watchdog', reason: REASON });
      return { outcome: 'unqueued' as const, status: to };
    }
    await sql`insert into tracking.queue_entries (queue, task, added, position)
      select ${lost.queue}, ${lost.task}, ${lost.added}, coalesce(min(position), 1) - 1
      from tracking.queue_entries where queue = ${lost.queue}`.execute(trx);
    await recordLengths(trx, [lost.queue]);
    return { outcome: 'put back' as const, status: undefined };
  });
  if (status) announce(core, { task: lost.task, to: status });
  return outcome;
}
