import { sql } from 'kysely';
import { type Core, type Db, transaction } from '../core.ts';
import { removeEvents } from '../events/write.ts';
import { ApiError } from '../wire/errors.ts';
import { requireProject } from './store.ts';

interface Removal {
  readonly project: string;
  readonly force?: boolean | undefined;
  readonly delete_contents?: boolean | undefined;
}

/** Ids of the project and all below it. */
async function family(db: Db, project: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select id from tracking.projects
    where id = ${project} or path @> ${[project]}::text[] for update`.execute(db);
  return rows.map(({ id }) => id);
}

export async function countContents(db: Db, project: string) {
  await requireProject(db, project);
  const ids = await family(db, project);
  const { rows } = await sql<Record<string, number>>`select
      (select count(*) from tracking.tasks where project = any(${ids}::text[])) as tasks,
      (select count(*) from tracking.tasks where project = any(${ids}::text[]) and not system_tags @> '{archived}')
        as non_archived_tasks,
      (select count(*) from tracking.models where project = any(${ids}::text[])) as models,
      (select count(*) from tracking.models where project = any(${ids}::text[]) and not system_tags @> '{archived}')
        as non_archived_models`.execute(db);
  return { tasks: 0, models: 0, non_archived_tasks: 0, non_archived_models: 0, ...rows[0] };
}

/** Deletes a project and those below it. What it holds is deleted too, or, by force, left without a project. */
export async function deleteProject(core: Core, { project, force, delete_contents }: Removal) {
  const answer = await transaction(core, async (trx) => {
    const contents = await countContents(trx, project);
    if (contents.non_archived_tasks + contents.non_archived_models > 0 && force !== true)
      throw new ApiError('projectHasTasks', { project, ...contents });
    const ids = await family(trx, project);
    const outcome = delete_contents ? await deleteContents(trx, ids) : await disown(trx, ids);
    await sql`delete from tracking.projects where id = any(${ids}::text[])`.execute(trx);
    return { deleted: ids.length, ...outcome };
  });
  core.changes.send({ kind: 'project', subject: project });
  return answer;
}

async function deleteContents(db: Db, projects: readonly string[]) {
  const remove = async (table: 'tasks' | 'models') => {
    const { rows } = await sql<{ id: string }>`delete from ${sql.raw(`tracking.${table}`)}
      where project = any(${[...projects]}::text[]) returning id`.execute(db);
    for (const { id } of rows) await removeEvents(db, id);
    return rows.length;
  };
  const models = await remove('models');
  const tasks = await remove('tasks');
  return { deleted_models: models, deleted_tasks: tasks, disassociated_tasks: 0 };
}

async function disown(db: Db, projects: readonly string[]) {
  await sql`update tracking.models set project = null where project = any(${[...projects]}::text[])`.execute(db);
  const tasks =
    await sql`update tracking.tasks set project = null where project = any(${[...projects]}::text[])`.execute(db);
  return { deleted_models: 0, deleted_tasks: 0, disassociated_tasks: Number(tasks.numAffectedRows ?? 0n) };
}
