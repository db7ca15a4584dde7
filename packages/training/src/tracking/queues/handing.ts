import { QueueId, QueuesAddTask, QueuesNextTask, QueuesRemoveTask } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import { type Core, transaction } from '../core.ts';
import { wireDate } from '../query/index.ts';
import { changedBy, lockTask } from '../tasks/edit.ts';
import { requeueStopped } from '../tasks/queueing.ts';
import { type Endpoint, endpoint } from '../wire/endpoint.ts';
import { ApiError } from '../wire/errors.ts';
import { popEntry, pushEntry, removeEntries, requireQueue } from './entries.ts';
import { leaveQueue } from './leave.ts';
import { putBackUnsent, touchedByUs } from './lost.ts';

/** Tasks into queues, out of them, and to workers. */
export function handingEndpoints(core: Core): Endpoint[] {
  const changed = (queue: string, task?: string) =>
    core.changes.send({ kind: 'queue', subject: queue, ...(task === undefined ? {} : { task }) });
  return [
    endpoint({
      name: 'queues.add_task',
      since: '2.4',
      body: QueuesAddTask,
      run: async ({ queue, task, update_execution_queue }, { identity }) => {
        await addTask(core, { queue, task, record: update_execution_queue !== false, user: identity.user });
        changed(queue, task);
        return { added: 1 };
      },
    }),
    endpoint({
      name: 'queues.get_next_task',
      since: '2.4',
      body: QueuesNextTask,
      run: async ({ queue, task, get_task_info }, { identity, ifUnsent }) => {
        const entry = await transaction(core, (trx) => popEntry(trx, queue, task || undefined));
        if (!entry) return {};
        if (await requeueStopped(core.db, entry.task, identity.user)) await touchedByUs(core, entry.task);
        ifUnsent(() => {
          putBackUnsent(core, entry.task).catch((error: unknown) =>
            core.log.warn({ err: error, task: entry.task }, 'a task that was not handed out waits for the watchdog'),
          );
        });
        changed(queue, entry.task);
        const answer = { entry: { task: entry.task, added: wireDate(entry.added) } };
        if (!get_task_info) return answer;
        const owner = core.db.selectFrom('tasks').select('user_id as user').where('id', '=', entry.task);
        return { ...answer, task_info: { company: identity.company, ...(await owner.executeTakeFirst()) } };
      },
    }),
    endpoint({
      name: 'queues.remove_task',
      since: '2.4',
      body: QueuesRemoveTask,
      run: async ({ queue, task, update_task_status }, { identity }) => {
        const reason = `Task was removed from the queue ${queue}`;
        const removed = update_task_status
          ? await leaveQueue(core, { queue, task, user: identity.user, reason }).catch(notQueued)
          : (await transaction(core, (trx) => removeEntries(trx, task, queue))).length > 0;
        if (!removed) throw new ApiError('taskNotQueued', { queue, task });
        changed(queue, task);
        return { removed: 1 };
      },
    }),
    endpoint({
      name: 'queues.clear_queue',
      since: '2.31',
      body: QueueId,
      run: async ({ queue }, { identity }) => {
        await requireQueue(core.db, queue);
        const removed = await emptyQueue(core, queue, { user: identity.user, reason: `Queue ${queue} was cleared` });
        changed(queue);
        return { removed_tasks: removed };
      },
    }),
  ];
}

/** A task that does not exist is in no queue. */
function notQueued(error: unknown): false {
  if (error instanceof ApiError && error.code === 400) return false;
  throw error;
}

interface Adding {
  readonly queue: string;
  readonly task: string;
  /** Whether the task shall name the queue as the one it is in. */
  readonly record: boolean;
  readonly user: string;
}

/** An entry and no more: the status stays, so that a worker can put a task back which it has already begun. */
async function addTask(core: Core, { queue, task, record, user }: Adding): Promise<void> {
  await transaction(core, async (trx) => {
    await requireQueue(trx, queue);
    await lockTask(trx, task);
    if (!(await pushEntry(trx, queue, task))) throw new ApiError('taskAlreadyQueued', { task, queue });
    const recorded = { execution: sql<string>`execution || jsonb_build_object('queue', ${queue}::text)` };
    await trx
      .updateTable('tasks')
      .set({ ...changedBy(user), ...(record ? recorded : {}) })
      .where('id', '=', task)
      .execute();
  });
}

/** Gives the tasks that left, in their order. */
export async function emptyQueue(core: Core, queue: string, by: { user: string; reason: string }): Promise<string[]> {
  const rows = await core.db
    .selectFrom('queue_entries')
    .select('task')
    .where('queue', '=', queue)
    .orderBy('position')
    .execute();
  const left: string[] = [];
  for (const { task } of rows) if (await leaveQueue(core, { queue, task, ...by }).catch(notQueued)) left.push(task);
  return left;
}
