import { sql } from 'kysely';
import { type Core, transaction } from '../core.ts';
import { ApiError } from '../wire/errors.ts';
import { ensureProject, requireProject, touchProject } from './store.ts';

interface MoveRequest {
  readonly table: 'tasks' | 'models';
  readonly ids: readonly string[];
  readonly project?: string | undefined;
  readonly project_name?: string | undefined;
  readonly user: string;
  /** The project was given as null: out of any project. */
  readonly root?: boolean;
}

/** Moves tasks or models to a project, which is made when it is named and does not exist. */
export async function moveToProject(core: Core, request: MoveRequest): Promise<{ project_id: string | null }> {
  const { table, ids, project, project_name, user, root } = request;
  if (!project && !project_name && !root) throw new ApiError('missingFields', { fields: ['project or project_name'] });
  const target = await transaction(core, async (trx) => {
    if (project) await requireProject(trx, project);
    const id = project || (project_name ? await ensureProject(trx, project_name, user) : null);
    await sql`update ${sql.raw(`tracking.${table}`)} set project = ${id}, last_update = now(), last_change = now()
      where id = any(${[...ids]}::text[])`.execute(trx);
    await touchProject(trx, id);
    return id;
  });
  if (target) core.changes.send({ kind: 'project', subject: target });
  return { project_id: target };
}
