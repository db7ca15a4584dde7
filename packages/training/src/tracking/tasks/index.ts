import { checker } from '@ranloop/contracts/schema';
import {
  type Query,
  Query as QuerySchema,
  TaskId,
  type TaskStatus,
  TaskStatusChange,
  TasksCompleted,
  TasksCreate,
  TasksDequeue,
  TasksEdit,
  TasksEnqueue,
  TasksUpdate,
} from '@ranloop/contracts/tracking';
import type { Core } from '../core.ts';
import { transaction } from '../core.ts';
import { inProjects } from '../projects/index.ts';
import { documentById, queryDocuments } from '../query/index.ts';
import { batchEndpoint, type Endpoint, endpoint } from '../wire/endpoint.ts';
import { ApiError, asApiError } from '../wire/errors.ts';
import { actionEndpoints } from './action-endpoints.ts';
import { createTask } from './create.ts';
import { editTask, updateTask } from './edit.ts';
import { TASKS } from './entity.ts';
import { partEndpoints } from './part-endpoints.ts';
import { publishTask } from './publish.ts';
import { dequeueTask, enqueueTask } from './queueing.ts';
import { changeStatus } from './status.ts';

export function taskEndpoints(core: Core): Endpoint[] {
  return [...readers(core), ...writers(core), ...runners(core), ...partEndpoints(core), ...actionEndpoints(core)];
}

function readers(core: Core): Endpoint[] {
  return [
    endpoint({
      name: 'tasks.get_by_id',
      body: TaskId,
      run: async ({ task }) => {
        const found = await documentById(core.db, TASKS, task);
        if (!found) throw new ApiError('invalidTaskId', { id: task });
        return { task: found };
      },
    }),
    endpoint({
      name: 'tasks.get_by_id_ex',
      since: '2.11',
      body: QuerySchema,
      run: (body) => listTasks(core, { ...(body as Query), search_hidden: true }, true),
    }),
    endpoint({ name: 'tasks.get_all', body: QuerySchema, run: (body) => listTasks(core, body as Query, false) }),
    endpoint({ name: 'tasks.get_all_ex', body: QuerySchema, run: (body) => listTasks(core, body as Query, true) }),
  ];
}

async function listTasks(core: Core, { include_subprojects, ...request }: Query, joined: boolean) {
  const projects = Array.isArray(request['project']) ? request['project'] : [request['project']];
  const below = include_subprojects === true && projects.every((one): one is string => typeof one === 'string');
  if (below) delete request['project'];
  const options = { joined, ...(below ? { also: inProjects(projects) } : {}) };
  const { documents, ...rest } = await queryDocuments(core, { entity: TASKS, request, options });
  return { tasks: documents, ...rest };
}

const checkUpdate = checker(TasksUpdate);

function writers(core: Core): Endpoint[] {
  return [
    endpoint({
      name: 'tasks.create',
      body: TasksCreate,
      run: async (body, { identity }) => {
        const id = await transaction(core, (trx) => createTask(trx, body, identity.user));
        core.changes.send({ kind: 'task', task: id });
        return { id };
      },
    }),
    endpoint({ name: 'tasks.edit', body: TasksEdit, run: (body, { identity }) => editTask(core, body, identity.user) }),
    endpoint({
      name: 'tasks.update',
      body: TasksUpdate,
      run: (body, { identity }) => updateTask(core, body, identity.user),
    }),
    batchEndpoint({
      name: 'tasks.update_batch',
      run: async (items, { identity }) => {
        let updated = 0;
        for (const item of items) {
          try {
            updated += (await updateTask(core, checkUpdate(item, 'item'), identity.user)).updated;
          } catch (error) {
            if (asApiError(error).code >= 500) throw error;
          }
        }
        return { updated };
      },
    }),
  ];
}

function runners(core: Core): Endpoint[] {
  const simple = (name: string, to: TaskStatus) =>
    endpoint({
      name,
      body: TaskStatusChange,
      run: (body, { identity }) => changeStatus(core, { ...body, to, user: identity.user }),
    });
  return [
    endpoint({
      name: 'tasks.started',
      body: TaskStatusChange,
      run: async (body, { identity }) => ({
        ...(await changeStatus(core, { ...body, to: 'in_progress', user: identity.user })),
        started: 1,
      }),
    }),
    simple('tasks.stopped', 'stopped'),
    simple('tasks.failed', 'failed'),
    simple('tasks.close', 'closed'),
    endpoint({
      name: 'tasks.completed',
      body: TasksCompleted,
      run: async ({ publish, ...body }, { identity }) => {
        const changed = await changeStatus(core, { ...body, to: 'completed', user: identity.user });
        if (!publish) return changed;
        const published = await publishTask(core, { ...body, user: identity.user });
        return { ...published, published: 1 };
      },
    }),
    endpoint({
      name: 'tasks.enqueue',
      body: TasksEnqueue,
      run: (body, { identity }) => enqueueTask(core, body, identity.user),
    }),
    endpoint({
      name: 'tasks.dequeue',
      body: TasksDequeue,
      run: (body, { identity }) => dequeueTask(core, body, identity.user),
    }),
    endpoint({
      name: 'tasks.ping',
      body: TaskId,
      run: async ({ task }) => {
        const now = new Date();
        const { numUpdatedRows } = await core.db
          .updateTable('tasks')
          .set({ last_update: now, last_change: now })
          .where('id', '=', task)
          .executeTakeFirst();
        if (numUpdatedRows === 0n) throw new ApiError('invalidTaskId', { id: task });
        return {};
      },
    }),
  ];
}
