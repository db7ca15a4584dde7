import {
  EntityIds,
  TasksArchive,
  TasksClone,
  TasksCreate,
  TasksDelete,
  TasksMany,
  TasksMove,
  TasksPublish,
  TasksReset,
  TasksStop,
  TasksTypes,
  TasksUpdateTags,
} from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import { type Core, transaction } from '../core.ts';
import { inProjects, moveToProject, setPublic } from '../projects/index.ts';
import { setTags } from '../store/tags.ts';
import { type Call, type Endpoint, endpoint } from '../wire/endpoint.ts';
import { many } from '../wire/many.ts';
import { archiveTasks, unarchiveTasks } from './archive.ts';
import { cloneTask } from './clone.ts';
import { contentColumns, requireModel, requireReferences, taskName } from './create.ts';
import { lockTasks } from './edit.ts';
import { fromLegacy } from './legacy.ts';
import { publishTask } from './publish.ts';
import { dequeueTask, enqueueTask, isWatched } from './queueing.ts';
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
      body: TasksStop,
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
    endpoint({
      name: 'tasks.enqueue_many',
      since: '2.13',
      body: TasksMany,
      run: async ({ ids, verify_watched_queue, ...body }, { identity }) => {
        let queue: string | undefined;
        const result = await many(ids, async (task) => {
          const { queued, fields, ...rest } = await enqueueTask(core, { ...body, task }, identity.user);
          queue = String(fields['execution.queue']);
          return { ...rest, fields, queued: queued === 1 };
        });
        if (!verify_watched_queue || queue === undefined) return result;
        return { ...result, queue_watched: await isWatched(core, queue) };
      },
    }),
    each('tasks.dequeue_many', async (task, { status_reason, status_message, new_status }, { identity }) => {
      const options = { task, new_status, status_reason, status_message };
      const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
      const { dequeued, ...rest } = await dequeueTask(core, { ...given, task }, identity.user);
      return { ...rest, dequeued: dequeued === 1 };
    }),
    each('tasks.archive_many', async (task, body, { identity }) => {
      await archiveTasks(core, { ...body, tasks: [task], user: identity.user });
      return { archived: true };
    }),
    each('tasks.unarchive_many', async (task, body, { identity }) => {
      await unarchiveTasks(core, { ...body, tasks: [task], user: identity.user });
      return { unarchived: true };
    }),
  ];
}

function others(core: Core): Endpoint[] {
  const publicity = (name: string, enabled: boolean) =>
    endpoint({
      name,
      since: '2.9',
      body: EntityIds,
      run: ({ ids }) => setPublic(core, { table: 'tasks', ids, enabled, unknown: 'invalidTaskId' }),
    });
  return [
    endpoint({
      name: 'tasks.archive',
      since: '2.12',
      body: TasksArchive,
      run: async (body, { identity }) => {
        await archiveTasks(core, { ...body, user: identity.user });
        return { archived: new Set(body.tasks).size };
      },
    }),
    publicity('tasks.make_public', true),
    publicity('tasks.make_private', false),
    endpoint({
      name: 'tasks.move',
      since: '2.12',
      body: TasksMove,
      run: (body, { identity, nulls }) =>
        moveToProject(core, { table: 'tasks', ...body, user: identity.user, root: nulls.includes('project') }),
    }),
    endpoint({
      name: 'tasks.update_tags',
      since: '2.27',
      body: TasksUpdateTags,
      run: ({ ids, add_tags = [], remove_tags = [] }) =>
        transaction(core, async (trx) => {
          await lockTasks(trx, ids);
          return setTags(trx, { table: 'tasks', column: 'tags', ids, add: add_tags, remove: remove_tags });
        }),
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
      run: async (given) => {
        const body = fromLegacy(given);
        taskName(body.name);
        await requireReferences(core.db, contentColumns(body));
        await requireModel(core.db, given.execution);
        return {};
      },
    }),
  ];
}
