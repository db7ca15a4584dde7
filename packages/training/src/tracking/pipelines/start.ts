import type { PipelinesStart } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import { type Core, type Db, transaction } from '../core.ts';
import { cloneIn } from '../tasks/clone.ts';
import { enqueueTask } from '../tasks/queueing.ts';

/** A new run of a pipeline: a copy of its controller with the arguments of this run, put into a queue. */
export async function startPipeline(core: Core, body: PipelinesStart, user: string) {
  const { task, queue, args = [], verify_watched_queue } = body;
  const id = await transaction(core, async (trx) => {
    const copy = await cloneIn(trx, { task }, user);
    await setArguments(trx, copy.id, args);
    await numberRun(trx, copy.id);
    return copy.id;
  });
  core.changes.send({ kind: 'task', task: id });
  const request = {
    task: id,
    status_message: 'Starting pipeline',
    ...(queue ? { queue } : {}),
    ...(verify_watched_queue ? { verify_watched_queue } : {}),
  };
  const { queued, queue_watched } = await enqueueTask(core, request, user);
  return { pipeline: id, enqueued: queued === 1, ...(queue_watched === undefined ? {} : { queue_watched }) };
}

/** Arguments that the controller has already keep their type and description. */
async function setArguments(db: Db, id: string, args: NonNullable<PipelinesStart['args']>): Promise<void> {
  if (args.length === 0) return;
  const row = await db.selectFrom('tasks').select('hyperparams').where('id', '=', id).executeTakeFirstOrThrow();
  const own = new Map(Object.entries(row.hyperparams['Args'] ?? {}));
  for (const { name, value } of args) own.set(name, { ...own.get(name), section: 'Args', name, value: text(value) });
  const hyperparams = { ...row.hyperparams, Args: Object.fromEntries(own) };
  await db
    .updateTable('tasks')
    .set({ hyperparams: JSON.stringify(hyperparams) })
    .where('id', '=', id)
    .execute();
}

/** The value of a hyperparameter is text, whatever comes. */
function text(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

/** Runs are named after the project of the pipeline and counted: `train`, `train #2`, ... */
async function numberRun(db: Db, id: string): Promise<void> {
  await sql`update tracking.tasks t set name = p.basename || case when runs.count > 0 then ' #' || runs.count else '' end
    from tracking.projects p cross join lateral (
      select count(*) as count from tracking.tasks r where r.project = p.id and r.system_tags @> '{pipeline}'
        and starts_with(r.name, p.basename) and substr(r.name, char_length(p.basename) + 1) ~ '^( #[0-9]+)?$') runs
    where t.id = ${id} and p.id = t.project`.execute(db);
}
