import { type Core, transaction } from '../core.ts';
import { markReady } from '../models/ready.ts';
import { announce, changeStatusIn, type StatusChanged } from './status.ts';

interface Publish {
  readonly task: string;
  readonly user: string;
  readonly force?: boolean | undefined;
  readonly publish_model?: boolean | undefined;
  readonly status_reason?: string | undefined;
  readonly status_message?: string | undefined;
}

/** Publishes a task and, unless told not to, the last model that it made. */
export async function publishTask(core: Core, { publish_model = true, ...change }: Publish): Promise<StatusChanged> {
  const { changed, model } = await transaction(core, async (trx) => {
    const done = await changeStatusIn(trx, { ...change, to: 'published' });
    if (!publish_model) return { changed: done, model: undefined };
    const row = await trx.selectFrom('tasks').select('models').where('id', '=', change.task).executeTakeFirst();
    const last = row?.models.output.at(-1)?.model;
    if (last) await markReady(trx, last);
    return { changed: done, model: last };
  });
  announce(core, { task: change.task, to: 'published' });
  if (model) core.changes.send({ kind: 'model', subject: model });
  return changed;
}
