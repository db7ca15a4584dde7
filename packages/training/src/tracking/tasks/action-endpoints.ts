import {
  TaskStatusChange,
  TasksClone,
  TasksCreate,
  TasksDelete,
  TasksList,
  TasksMany,
  TasksMove,
  TasksPublish,
  TasksReset,
  TasksTypes,
  TasksUpdateTags,
} from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import type { Core } from '../core.ts';
import { inProjects, moveToProject } from '../projects/index.ts';
import { setTags } from '../store/tags.ts';
import { type Call, type Endpoint, endpoint } from '../wire/endpoint.ts';
import { many } from '../wire/many.ts';
import { archiveTask, unarchiveTask } from './archive.ts';
import { cloneTask } from './clone.ts';
import { contentColumns, requireReferences, taskName } from './create.ts';
import { publishTask } from './publish.ts';
import { dequeueTask, enqueueTask } from './queueing.ts';
import { deleteTask, resetTask } from './remove.ts';
import { stopTask } from './stop.ts';

export function actionEndpoints(core: Core): Endpoint[] {
  return [...singles(core), ...manyCalls(core), ...others(core)];
}

function singles(core: Core): Endpoint[] {
  return [
    endpoint({
      name: 'tasks.clone',
      since: '2.5',
      body: TasksClone,
      run: (body, { identity }) => cloneTask(core, body, identity.user),
    }),
    endpoint({
      name: 'tasks.reset',
      body: TasksReset,
      run: (body, { identity }) => resetTask(core, body, identity.user),
    }),
    endpoint({ name: 'tasks.delete', body: TasksDelete, run: (body) => deleteTask(core, body) }),
    endpoint({
      name: 'tasks.stop',
      body: TaskStatusChange,
      run: (body, { identity }) => stopTask(core, body, identity.user),
    }),
    endpoint({
      name: 'tasks.publish',
      body: TasksPublish,
      run: (body, { identity }) => publishTask(core, { ...body, user: identity.user }),
    }),
  ];
}

function manyCalls(core: Core): Endpoint[] {
  const each = (name: string, run: (id: string, body: Omit<TasksMany, 'ids'>, call: Call) => Promise<object>) =>
    endpoint({
      name,
      since: '2.13',
      body: TasksMany,
      run: ({ ids, ...body }, call) => many(ids, (id) => run(id, body, call)),
    });
  return [
    each('tasks.reset_many', (task, body, { identity }) => resetTask(core, { ...body, task }, identity.user)),
    each('tasks.delete_many', (task, body) => deleteTask(core, { ...body, task })),
    each('tasks.stop_many', (task, body, { identity }) => stopTask(core, { ...body, task }, identity.user)),
    each('tasks.publish_many', (task, body, { identity }) => publishTask(core, { ...body, task, user: identity.user })),
    each('tasks.enqueue_many', async (task, body, { identity }) => {
      const { queued, ...rest } = await enqueueTask(core, { ...body, task }, identity.user);
      return { ...rest, queued: queued === 1 };
    }),
    each('tasks.dequeue_many', async (task, { status_reason, status_message }, { identity }) => {
      const reasons = { ...(status_reason ? { status_reason } : {}), ...(status_message ? { status_message } : {}) };
      const { dequeued, ...rest } = await dequeueTask(core, { task, ...reasons }, identity.user);
      return { ...rest, dequeued: dequeued === 1 };
    }),
    each('tasks.archive_many', (task, { status_reason, status_message }, { identity }) =>
      archiveTask(core, task, { user: identity.user, status_reason, status_message }),
    ),
    each('tasks.unarchive_many', (task) => unarchiveTask(core, task)),
  ];
}

function others(core: Core): Endpoint[] {
  return [
    endpoint({
      name: 'tasks.archive',
      since: '2.12',
      body: TasksList,
      run: async ({ tasks }, { identity }) => {
        for (const task of new Set(tasks)) await archiveTask(core, task, { user: identity.user });
        return { archived: new Set(tasks).size };
      },
    }),
    endpoint({
      name: 'tasks.move',
      since: '2.12',
      body: TasksMove,
      run: (body, { identity }) => moveToProject(core, { table: 'tasks', ...body, user: identity.user }),
    }),
    endpoint({
      name: 'tasks.update_tags',
      since: '2.27',
      body: TasksUpdateTags,
      run: ({ ids, add_tags = [], remove_tags = [] }) =>
        setTags(core.db, { table: 'tasks', column: 'tags', ids, add: add_tags, remove: remove_tags }),
    }),
    endpoint({
      name: 'tasks.get_types',
      since: '2.8',
      body: TasksTypes,
      run: async ({ projects }) => {
        const within = projects?.length ? inProjects(projects) : sql`true`;
        const { rows } = await sql<{ type: string }>`select distinct e.type from tracking.tasks e
          where ${within} order by 1`.execute(core.db);
        return { types: rows.map(({ type }) => type) };
      },
    }),
    endpoint({
      name: 'tasks.validate',
      body: TasksCreate,
      run: async (body) => {
        taskName(body.name);
        await requireReferences(core.db, contentColumns(body));
        return {};
      },
    }),
  ];
}
