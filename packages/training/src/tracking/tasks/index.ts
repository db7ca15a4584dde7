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
import { sql } from 'kysely';
import { type Core, transaction } from '../core.ts';
import { inProjects } from '../projects/index.ts';
import { documentById, queryDocuments } from '../query/index.ts';
import { batchEndpoint, type Call, type Endpoint, endpoint } from '../wire/endpoint.ts';
import { ApiError } from '../wire/errors.ts';
import { actionEndpoints } from './action-endpoints.ts';
import { createTask } from './create.ts';
import { editTask, lockTask, updateTask, updateTasks } from './edit.ts';
import { TASKS } from './entity.ts';
import { forVersion, newerPath } from './legacy.ts';
import { partEndpoints } from './part-endpoints.ts';
import { publishTask } from './publish.ts';
import { dequeueTask, enqueueTask } from './queueing.ts';
import { joinReferences } from './references.ts';
import { changeStatus } from './status.ts';

export function taskEndpoints(core: Core): Endpoint[] {
  return [...readers(core), ...writers(core), ...runners(core), ...partEndpoints(core), ...actionEndpoints(core)];
}

function readers(core: Core): Endpoint[] {
  const list = (name: string, joined: boolean) =>
    endpoint({ name, body: QuerySchema, run: (body, call) => listTasks(core, body as Query, { joined, call }) });
  return [
    endpoint({
      name: 'tasks.get_by_id',
      body: TaskId,
      run: async ({ task }, { version }) => {
        const found = await documentById(core.db, TASKS, task);
        if (!found) throw new ApiError('invalidTaskId', { id: task });
        return { task: forVersion([found], version)[0] };
      },
    }),
    endpoint({
      name: 'tasks.get_by_id_ex',
      since: '2.11',
      body: QuerySchema,
      run: (body, call) => {
        if ((body as Query)['id'] === undefined) throw new ApiError('missingFields', { fields: ['id'] });
        return listTasks(core, body as Query, { joined: true, call });
      },
    }),
    list('tasks.get_all', false),
    list('tasks.get_all_ex', true),
  ];
}

/** Tasks by the language of queries, as the version of the call has them. */
export async function listTasks(core: Core, body: Query, { joined, call }: { joined: boolean; call: Call }) {
  const { include_subprojects, ...request } = inNewerPlaces(body);
  const projects = Array.isArray(request['project']) ? request['project'] : [request['project']];
  const below = include_subprojects === true && projects.every((one): one is string => typeof one === 'string');
  if (below) delete request['project'];
  const also = [
    ...(below ? [inProjects(projects)] : []),
    ...(request.allow_public === false ? [sql`not e.public`] : []),
  ];
  const { documents, ...rest } = await queryDocuments(core, {
    entity: TASKS,
    request,
    options: { joined, ...(also.length > 0 ? { also: sql.join(also, sql` and `) } : {}) },
  });
  const paths = [request.only_fields ?? []].flat();
  const tasks = joined ? await joinReferences(core, documents, paths) : documents;
  return { tasks: forVersion(tasks, call.version), ...rest };
}

function inNewerPlaces(request: Query): Query {
  const moved = (paths: string | string[] | undefined) => (paths === undefined ? [] : [paths].flat().map(newerPath));
  return { ...request, order_by: moved(request.order_by), only_fields: moved(request.only_fields) };
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
      run: (items, { identity }) => {
        if (items.length === 0) throw new ApiError('batchEmpty');
        return updateTasks(
          core,
          items.map((item) => checkUpdate(item, 'item')),
          identity.user,
        );
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
      run: async (body, { identity }) => {
        const changed = await changeStatus(core, { ...body, to: 'in_progress', user: identity.user });
        return { ...changed, started: changed.updated };
      },
    }),
    simple('tasks.stopped', 'stopped'),
    simple('tasks.failed', 'failed'),
    simple('tasks.close', 'closed'),
    endpoint({
      name: 'tasks.completed',
      body: TasksCompleted,
      run: async ({ publish, ...body }, { identity }) => {
        const changed = await changeStatus(core, { ...body, to: 'completed', user: identity.user });
        if (!publish) return { ...changed, published: 0 };
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
          .where('public', '=', false)
          .executeTakeFirst();
        // Says which of the two it is: unknown or public.
        if (numUpdatedRows === 0n) await transaction(core, (trx) => lockTask(trx, task));
        return {};
      },
    }),
  ];
}
