import { sql } from 'kysely';
import { recordFiles } from '../cleanup/index.ts';
import type { Core, Db } from '../core.ts';
import { removeEvents } from '../events/write.ts';
import { touchProject } from '../projects/index.ts';
import { ApiError } from '../wire/errors.ts';
import { lockModel } from './store.ts';

/** What stands in a task for a model that is no more. */
const deleted = (model: string) => `__DELETED__${model}`;

const MOST_SHOWN = 10;

interface Removal {
  readonly id: string;
  readonly force: boolean;
  readonly delete_external_artifacts?: boolean | undefined;
}

/**
 * Deletes a model. By force also one that tasks use, or that a published task made: these keep a mark in its place. A task
 * that is not published forgets the model that it made.
 */
export async function deleteModel(core: Core, db: Db, { id, force, delete_external_artifacts }: Removal) {
  const row = await lockModel(db, id);
  const users = await usersOf(db, id);
  if (users.length > 0 && !force)
    throw new ApiError('modelInUse', { model: id, tasks: users.slice(0, MOST_SHOWN) }, 'use force=true');
  await replaceIn(db, { direction: 'input', tasks: users, model: id, by: deleted(id) });
  if (row.task) await leaveMaker(db, { task: row.task, model: id, force });
  if (delete_external_artifacts !== false) await recordFiles(core, db, { models: [id] });
  await removeEvents(db, id);
  await db.deleteFrom('models').where('id', '=', id).execute();
  await touchProject(db, row.project);
  return { url: row.uri };
}

/** The order of the ids keeps two deletions from waiting for each other. */
async function usersOf(db: Db, model: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select id from tracking.tasks
    where models -> 'input' @> ${JSON.stringify([{ model }])}::jsonb order by id for update`.execute(db);
  return rows.map(({ id }) => id);
}

async function leaveMaker(db: Db, { task, model, force }: { task: string; model: string; force: boolean }) {
  const query = db.selectFrom('tasks').select('status').where('id', '=', task).forUpdate();
  const maker = await query.executeTakeFirst();
  const published = maker?.status === 'published';
  if (published && !force) throw new ApiError('modelTaskExists', { task }, 'and is published, use force=true');
  await replaceIn(db, { direction: 'output', tasks: [task], model, by: published ? deleted(model) : undefined });
}

interface Replacement {
  readonly direction: 'input' | 'output';
  readonly tasks: readonly string[];
  readonly model: string;
  /** Nothing in its place: the entry goes. */
  readonly by: string | undefined;
}

async function replaceIn(db: Db, { direction, tasks, model, by }: Replacement): Promise<void> {
  if (tasks.length === 0) return;
  const kept = by === undefined ? sql`item ->> 'model' <> ${model}` : sql`true`;
  await sql`update tracking.tasks set last_change = now(), models = jsonb_set(models, array[${direction}::text], (
      select coalesce(jsonb_agg(case when item ->> 'model' = ${model}
        then item || jsonb_build_object('model', ${by ?? ''}::text) else item end order by place), '[]')
      from jsonb_array_elements(models -> ${direction}::text) with ordinality given (item, place) where ${kept}))
    where id = any(${[...tasks]}::text[]) and models -> ${direction}::text @> ${JSON.stringify([{ model }])}::jsonb`.execute(
    db,
  );
}
