import {
  NoParameters,
  type Query,
  QueueId,
  QueuesCreate,
  QueuesDelete,
  QueuesGet,
  QueuesMetrics,
  QueuesMoveTask,
  QueuesQuery,
  QueuesUpdate,
  QueueTask,
} from '@ranloop/contracts/tracking';
import { type Core, transaction } from '../core.ts';
import { documentById, queryDocuments } from '../query/index.ts';
import { type Call, type Endpoint, endpoint } from '../wire/endpoint.ts';
import { ApiError } from '../wire/errors.ts';
import { QUEUES } from './entity.ts';
import { type Move, moveEntry, requireQueue } from './entries.ts';
import { emptyQueue, handingEndpoints } from './handing.ts';
import { withNames } from './joined.ts';
import { metadataEndpoints } from './metadata.ts';
import { queueMetrics } from './metrics.ts';
import { shownTo } from './shown.ts';
import { defaultQueue, insertQueue, updateQueue } from './store.ts';

export function queueEndpoints(core: Core): Endpoint[] {
  return [...readers(core), ...writers(core), ...handingEndpoints(core), ...movers(core), ...metadataEndpoints(core)];
}

function readers(core: Core): Endpoint[] {
  const list = async (body: Query, call: Call, joined: boolean) => {
    const { max_task_entries, ...request } = body;
    // A queue that is asked for by name is shown even when its tag hides it.
    const named = request['name'] !== undefined ? { search_hidden: true } : {};
    const { documents, ...rest } = await queryDocuments(core, {
      entity: QUEUES,
      request: { ...request, ...named },
      options: { joined },
    });
    return { queues: documents.map((one) => shownTo(call, one, max_task_entries)), ...rest };
  };
  return [
    endpoint({
      name: 'queues.get_by_id',
      since: '2.4',
      body: QueuesGet,
      run: async ({ queue, max_task_entries }, call) => {
        const found = await documentById(core.db, QUEUES, queue);
        if (!found) throw new ApiError('invalidQueueId', { queue });
        return { queue: shownTo(call, found, max_task_entries) };
      },
    }),
    endpoint({
      name: 'queues.get_all',
      since: '2.4',
      body: QueuesQuery,
      run: (body, call) => list(body as Query, call, false),
    }),
    endpoint({
      name: 'queues.get_all_ex',
      since: '2.4',
      body: QueuesQuery,
      run: async (body, call) => {
        const { queues, ...rest } = await list(body as Query, call, true);
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
        return (await first.orderBy('position').limit(1).executeTakeFirst()) ?? { task: null };
      },
    }),
    endpoint({
      name: 'queues.get_queue_metrics',
      since: '2.4',
      body: QueuesMetrics,
      run: async (body) => ({ queues: await queueMetrics(core, body) }),
    }),
  ];
}

function writers(core: Core): Endpoint[] {
  const changed = (queue: string) => core.changes.send({ kind: 'queue', subject: queue });
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
      run: async (body, call) => {
        const fields = await updateQueue(core.db, body);
        changed(body.queue);
        return { updated: 1, fields: shownTo(call, fields) };
      },
    }),
    endpoint({
      name: 'queues.delete',
      since: '2.4',
      body: QueuesDelete,
      run: async ({ queue, force }, { identity }) => {
        await requireQueue(core.db, queue);
        const by = { user: identity.user, reason: `Queue ${queue} was deleted` };
        if (force) await emptyQueue(core, queue, by);
        while (!(await deleteEmpty(core, queue))) {
          if (!force) throw new ApiError('queueNotEmpty', { queue }, 'force deletes it with its entries');
          await emptyQueue(core, queue, by);
        }
        changed(queue);
        return { deleted: 1 };
      },
    }),
  ];
}

/** Whoever pushes a task holds the lock of the queue: none can come in between the look and the deletion. */
async function deleteEmpty(core: Core, queue: string): Promise<boolean> {
  return transaction(core, async (trx) => {
    await trx.selectFrom('queues').select('id').where('id', '=', queue).forUpdate().execute();
    const entry = trx.selectFrom('queue_entries').select('task').where('queue', '=', queue).limit(1);
    if (await entry.executeTakeFirst()) return false;
    await trx.deleteFrom('queues').where('id', '=', queue).execute();
    return true;
  });
}

function movers(core: Core): Endpoint[] {
  const move = async (at: { queue: string; task: string }, how: Move) => {
    const position = await transaction(core, (trx) => moveEntry(trx, at, how));
    core.changes.send({ kind: 'queue', subject: at.queue, task: at.task });
    return { position };
  };
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
