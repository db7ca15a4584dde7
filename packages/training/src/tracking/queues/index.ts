import {
  NoParameters,
  type Query,
  Query as QuerySchema,
  QueueId,
  QueuesAddTask,
  QueuesCreate,
  QueuesDelete,
  QueuesGet,
  QueuesMoveTask,
  QueuesNextTask,
  QueuesRemoveTask,
  QueuesUpdate,
  QueueTask,
} from '@ranloop/contracts/tracking';
import { type Core, transaction } from '../core.ts';
import { type Document, documentById, queryDocuments, wireDate } from '../query/index.ts';
import { dequeueTask, enqueueTask, requeueStopped } from '../tasks/queueing.ts';
import { type Endpoint, endpoint } from '../wire/endpoint.ts';
import { ApiError } from '../wire/errors.ts';
import { QUEUES } from './entity.ts';
import { type Move, moveEntry, popEntry, removeEntries, requireQueue } from './entries.ts';
import { withNames } from './joined.ts';
import { defaultQueue, insertQueue, queueName } from './store.ts';

export function queueEndpoints(core: Core): Endpoint[] {
  return [...readers(core), ...writers(core), ...movers(core)];
}

function shorten(document: Document, most: unknown): Document {
  const { entries } = document;
  return typeof most === 'number' && Array.isArray(entries)
    ? { ...document, entries: entries.slice(0, most) }
    : document;
}

function readers(core: Core): Endpoint[] {
  const list = async ({ max_task_entries, ...request }: Query, joined: boolean) => {
    // A queue that is asked for by name is shown even when its tag hides it.
    const named = request['name'] !== undefined ? { search_hidden: true } : {};
    const { documents, ...rest } = await queryDocuments(core, {
      entity: QUEUES,
      request: { ...request, ...named },
      options: { joined },
    });
    return { queues: documents.map((one) => shorten(one, max_task_entries)), ...rest };
  };
  return [
    endpoint({
      name: 'queues.get_by_id',
      since: '2.4',
      body: QueuesGet,
      run: async ({ queue, max_task_entries }) => {
        const found = await documentById(core.db, QUEUES, queue);
        if (!found) throw new ApiError('invalidQueueId', { queue });
        return { queue: shorten(found, max_task_entries) };
      },
    }),
    endpoint({ name: 'queues.get_all', since: '2.4', body: QuerySchema, run: (body) => list(body as Query, false) }),
    endpoint({
      name: 'queues.get_all_ex',
      since: '2.4',
      body: QuerySchema,
      run: async (body) => {
        const { queues, ...rest } = await list(body as Query, true);
        return { queues: await withNames(core, queues), ...rest };
      },
    }),
    endpoint({ name: 'queues.get_default', since: '2.4', body: NoParameters, run: () => defaultQueue(core.db) }),
    endpoint({
      name: 'queues.get_num_entries',
      since: '2.15',
      body: QueueId,
      run: async ({ queue }) => {
        await requireQueue(core.db, queue);
        const count = core.db.selectFrom('queue_entries').select(({ fn }) => fn.countAll<number>().as('num'));
        return count.where('queue', '=', queue).executeTakeFirstOrThrow();
      },
    }),
    endpoint({
      name: 'queues.peek_task',
      since: '2.15',
      body: QueueId,
      run: async ({ queue }) => {
        await requireQueue(core.db, queue);
        const first = core.db.selectFrom('queue_entries').select('task').where('queue', '=', queue);
        return (await first.orderBy('position').limit(1).executeTakeFirst()) ?? {};
      },
    }),
  ];
}

function writers(core: Core): Endpoint[] {
  const changed = (queue: string, task?: string) =>
    core.changes.send({ kind: 'queue', subject: queue, ...(task === undefined ? {} : { task }) });
  return [
    endpoint({
      name: 'queues.create',
      since: '2.4',
      body: QueuesCreate,
      run: async (body, { identity }) => {
        const id = await insertQueue(core.db, body, identity.user);
        if (id === undefined) throw new ApiError('notUnique', { name: body.name }, 'a queue of this name exists');
        changed(id);
        return { id };
      },
    }),
    endpoint({
      name: 'queues.update',
      since: '2.4',
      body: QueuesUpdate,
      run: async ({ queue, name, display_name, tags, system_tags, metadata }) => {
        await requireQueue(core.db, queue);
        const fields = {
          ...(name === undefined ? {} : { name: queueName(name) }),
          ...(display_name === undefined ? {} : { display_name }),
          ...(tags === undefined ? {} : { tags }),
          ...(system_tags === undefined ? {} : { system_tags }),
          ...(metadata === undefined ? {} : { metadata: JSON.stringify(metadata) }),
        };
        await core.db
          .updateTable('queues')
          .set({ ...fields, last_update: new Date() })
          .where('id', '=', queue)
          .execute();
        changed(queue);
        return { updated: 1, fields: { ...fields, ...(metadata === undefined ? {} : { metadata }) } };
      },
    }),
    endpoint({
      name: 'queues.delete',
      since: '2.4',
      body: QueuesDelete,
      run: async ({ queue, force }, { identity }) => {
        await requireQueue(core.db, queue);
        const entries = await core.db.selectFrom('queue_entries').select('task').where('queue', '=', queue).execute();
        if (entries.length > 0 && force !== true) throw new ApiError('queueNotEmpty', { queue, count: entries.length });
        for (const { task } of entries) await dequeueTask(core, { task }, identity.user);
        await core.db.deleteFrom('queues').where('id', '=', queue).execute();
        changed(queue);
        return { deleted: 1 };
      },
    }),
    endpoint({
      name: 'queues.add_task',
      since: '2.4',
      body: QueuesAddTask,
      run: async (body, { identity }) => {
        await enqueueTask(core, body, identity.user);
        return { added: 1 };
      },
    }),
    endpoint({
      name: 'queues.get_next_task',
      since: '2.4',
      body: QueuesNextTask,
      run: async ({ queue, get_task_info }, { identity }) => {
        const entry = await transaction(core, async (trx) => {
          await requireQueue(trx, queue);
          const popped = await popEntry(trx, queue);
          if (popped) await requeueStopped(trx, popped.task, identity.user);
          return popped;
        });
        if (!entry) return {};
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
        await requireQueue(core.db, queue);
        const removed = update_task_status
          ? (await dequeueTask(core, { task }, identity.user)).dequeued
          : (await removeEntries(core.db, task, queue)).length;
        if (removed === 0) throw new ApiError('taskNotQueued', { queue, task });
        changed(queue, task);
        return { removed };
      },
    }),
    endpoint({
      name: 'queues.clear_queue',
      since: '2.31',
      body: QueueId,
      run: async ({ queue }, { identity }) => {
        await requireQueue(core.db, queue);
        const entries = core.db.selectFrom('queue_entries').select('task').where('queue', '=', queue);
        const tasks = (await entries.orderBy('position').execute()).map(({ task }) => task);
        for (const task of tasks) await dequeueTask(core, { task }, identity.user);
        changed(queue);
        return { removed_tasks: tasks };
      },
    }),
  ];
}

function movers(core: Core): Endpoint[] {
  const move = (at: { queue: string; task: string }, how: Move) =>
    transaction(core, async (trx) => ({ position: await moveEntry(trx, at, how) }));
  return [
    endpoint({
      name: 'queues.move_task_forward',
      since: '2.4',
      body: QueuesMoveTask,
      run: ({ queue, task, count = 1 }) => move({ queue, task }, { by: -count }),
    }),
    endpoint({
      name: 'queues.move_task_backward',
      since: '2.4',
      body: QueuesMoveTask,
      run: ({ queue, task, count = 1 }) => move({ queue, task }, { by: count }),
    }),
    endpoint({
      name: 'queues.move_task_to_front',
      since: '2.4',
      body: QueueTask,
      run: ({ queue, task }) => move({ queue, task }, { to: 'front' }),
    }),
    endpoint({
      name: 'queues.move_task_to_back',
      since: '2.4',
      body: QueueTask,
      run: ({ queue, task }) => move({ queue, task }, { to: 'back' }),
    }),
  ];
}
