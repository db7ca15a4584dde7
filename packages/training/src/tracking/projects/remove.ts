import { sql } from 'kysely';
import { fileUrls, recordFiles } from '../cleanup/index.ts';
import { type Core, type Db, transaction } from '../core.ts';
import { removeEvents } from '../events/write.ts';
import { ApiError } from '../wire/errors.ts';
import { type Contents, countContents, lockFamily } from './contents.ts';
import { holdTree } from './tree.ts';

interface Removal {
  readonly project: string;
  readonly user: string;
  readonly force?: boolean | undefined;
  readonly delete_contents?: boolean | undefined;
  readonly delete_external_artifacts?: boolean | undefined;
}

/** Deletes a project and those below it. What it holds is deleted too, or left without a project. */
export async function deleteProject(core: Core, removal: Removal) {
  const { project, force, delete_contents } = removal;
  const answer = await transaction(core, async (trx) => {
    await holdTree(trx, { alone: true });
    const family = await lockFamily(trx, project);
    if (force !== true) refuseFilled(project, await countContents(trx, family));
    const outcome = delete_contents
      ? await deleteContents(core, trx, { ...removal, ids: family.ids })
      : await disown(trx, family.ids);
    await sql`delete from tracking.projects where id = any(${[...family.ids]}::text[])`.execute(trx);
    return { deleted: family.ids.length, ...outcome };
  });
  core.changes.send({ kind: 'project', subject: project });
  return answer;
}

function refuseFilled(project: string, contents: Contents): void {
  const refuse = (failure: ConstructorParameters<typeof ApiError>[0], how: string) => {
    throw new ApiError(failure, { id: project }, `${how} or use force=true`);
  };
  if (contents.pipelines > 0) refuse('projectHasPipelines', 'archive all the controllers');
  if (contents.datasets > 0) refuse('projectHasDatasets', 'delete all the dataset versions');
  if (contents.non_archived_tasks + contents.non_archived_reports > 0) refuse('projectHasTasks', 'archive them');
  if (contents.non_archived_models > 0) refuse('projectHasModels', 'archive them');
}

async function disown(db: Db, projects: readonly string[]) {
  const free = async (table: 'tasks' | 'models') => {
    const { numAffectedRows = 0n } = await sql`update ${sql.raw(`tracking.${table}`)}
      set project = null, last_change = now() where project = any(${[...projects]}::text[])`.execute(db);
    return Number(numAffectedRows);
  };
  await free('models');
  return { deleted_models: 0, deleted_tasks: 0, disassociated_tasks: await free('tasks') };
}

/** Whatever the number of tasks and models: one statement for each kind of trace that they leave. */
async function deleteContents(
  core: Core,
  db: Db,
  { ids: projects, user, ...removal }: Removal & { ids: readonly string[] },
) {
  const within = sql`project = any(${[...projects]}::text[])`;
  const ids = async (table: 'tasks' | 'models') => {
    const found = await sql<{ id: string }>`select id from ${sql.raw(`tracking.${table}`)}
      where ${within} order by id for update`.execute(db);
    return found.rows.map(({ id }) => id);
  };
  const tasks = await ids('tasks');
  const models = await ids('models');
  const urls = await fileUrls(db, { tasks, models });
  if (removal.delete_external_artifacts !== false) await recordFiles(core, db, { tasks, models });
  await forgetModels(db, models, user);
  await sql`update tracking.tasks set parent = null, last_change = now(), last_changed_by = ${user}
    where parent = any(${tasks}::text[])`.execute(db);
  await sql`update tracking.models set task = null, last_change = now() where task = any(${tasks}::text[])`.execute(db);
  await removeEvents(db, [...tasks, ...models]);
  await sql`delete from tracking.models where id = any(${models}::text[])`.execute(db);
  await sql`delete from tracking.tasks where id = any(${tasks}::text[])`.execute(db);
  return { deleted_models: models.length, deleted_tasks: tasks.length, disassociated_tasks: 0, urls };
}

/** Tasks elsewhere that used a deleted model, or are published, keep a mark in its place; others drop it. */
async function forgetModels(db: Db, models: readonly string[], user: string): Promise<void> {
  const items = (direction: 'input' | 'output') => sql`(select coalesce(jsonb_agg(case
      when not m ->> 'model' = any(${[...models]}::text[]) then m
      else m || jsonb_build_object('model', '__DELETED__') end order by place), '[]')
    from jsonb_array_elements(t.models -> ${sql.lit(direction)}) with ordinality item (m, place)
    where ${direction === 'input' ? sql`true` : sql`t.status = 'published' or not m ->> 'model' = any(${[...models]}::text[])`})`;
  await sql`update tracking.tasks t set last_change = now(), last_changed_by = ${user},
      models = jsonb_build_object('input', ${items('input')}, 'output', ${items('output')})
    where exists (select 1 from jsonb_array_elements((t.models -> 'input') || (t.models -> 'output')) m
        where m ->> 'model' = any(${[...models]}::text[])) and ${models.length > 0}`.execute(db);
}
