import { type Core, type Db, transaction } from '../core.ts';
import { announce, changeStatusIn, type StatusChanged } from '../tasks/status.ts';
import { ApiError } from '../wire/errors.ts';
import { markReady } from './ready.ts';
import { lockModel } from './store.ts';

interface PublishOptions {
  readonly user: string;
  readonly publish_task?: boolean | undefined;
  readonly force_publish_task?: boolean | undefined;
}

/** Publishes a model and, unless told not to, the task that made it. */
export async function publishModel(core: Core, model: string, options: PublishOptions) {
  const published = await transaction(core, async (trx) => {
    const row = await lockModel(trx, model);
    if (row.ready) throw new ApiError('modelReady', { model });
    const task = options.publish_task !== false && row.task ? await publishTask(trx, row.task, options) : undefined;
    await markReady(trx, model);
    return task;
  });
  core.changes.send({ kind: 'model', subject: model });
  if (published) announce(core, { task: published.id, to: 'published' });
  return { updated: 1, ...(published ? { published_task: published } : {}) };
}

async function publishTask(
  db: Db,
  task: string,
  { user, force_publish_task }: PublishOptions,
): Promise<{ id: string; data: StatusChanged } | undefined> {
  const found = await db.selectFrom('tasks').select('status').where('id', '=', task).executeTakeFirst();
  if (!found || found.status === 'published') return undefined;
  return { id: task, data: await changeStatusIn(db, { task, to: 'published', user, force: force_publish_task }) };
}
