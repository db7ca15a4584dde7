import { sql } from 'kysely';
import { type Core, type Db, transaction } from '../core.ts';
import { ApiError } from '../wire/errors.ts';
import { DEEPEST, locationParts } from './names.ts';
import { ensurePath, touchProject } from './store.ts';
import { descendants, findNode, getNode, getWritable, holdTree, type Node, replant } from './tree.ts';

interface Move {
  readonly project: string;
  readonly new_location?: string | undefined;
  readonly user: string;
}

/** Moves a project with all below it to another parent, which is made when it does not exist; none is the top. */
export async function moveProject(core: Core, { project: id, new_location = '', user }: Move) {
  const moved = await transaction(core, async (trx) => {
    await holdTree(trx, { alone: true });
    const project = await getWritable(trx, id);
    if (project.parent) await getWritable(trx, project.parent);
    const nodes = [project, ...(await descendants(trx, id))];
    const location = locationParts(new_location);
    checkDepth(nodes, project.path.length, location.length);
    const parent = await ensurePath(trx, location, user);
    if ((parent?.id ?? null) === project.parent)
      throw new ApiError('projectSamePlace', { project: id, location: parent?.name ?? '' });
    if (parent && (parent.id === id || parent.path.includes(id)))
      throw new ApiError('projectIntoItself', { project: id, parent: parent.id });
    const name = (parent ? `${parent.name}/` : '') + (project.name.split('/').at(-1) ?? '');
    await refuseTaken(trx, name);
    const ancestors = parent ? [...parent.path, parent.id] : [];
    await replant(trx, { nodes, from: project.name, to: name, leave: project.path.length, ancestors });
    await trx
      .updateTable('projects')
      .set({ parent: parent?.id ?? null })
      .where('id', '=', id)
      .execute();
    await touchProject(trx, project.parent);
    await touchProject(trx, parent?.id);
    return nodes.length;
  });
  core.changes.send({ kind: 'project', subject: id });
  return { moved };
}

function checkDepth(nodes: readonly Node[], before: number, after: number): void {
  const deepest = Math.max(0, ...nodes.map(({ path }) => path.length + 1 - before + after));
  if (deepest > DEEPEST) throw new ApiError('projectTooDeep', { max_depth: DEEPEST });
}

async function refuseTaken(db: Db, name: string): Promise<void> {
  const taken = await findNode(db, name);
  if (taken) throw new ApiError(taken.public ? 'publicProjectExists' : 'notUnique', { name });
}

interface Merge {
  readonly project: string;
  readonly destination_project?: string | undefined;
}

/** Puts what a project holds into another one, or to the top, and removes the project that is empty then. */
export async function mergeProject(core: Core, { project: id, destination_project }: Merge) {
  if (id === destination_project) throw new ApiError('projectSamePlace', { source: id });
  const answer = await transaction(core, async (trx) => {
    await holdTree(trx, { alone: true });
    const source = await getWritable(trx, id);
    const destination = destination_project ? await getNode(trx, destination_project) : undefined;
    if (destination?.public) throw new ApiError('noWritePermission', { id: destination.id });
    if (destination?.path.includes(id))
      throw new ApiError('projectMergeIntoItself', { source: id, destination: destination.id });
    const nodes = await descendants(trx, id);
    const ancestors = destination ? [...destination.path, destination.id] : [];
    checkDepth(nodes, source.path.length + 1, ancestors.length);
    const moved_entities = await moveContents(trx, id, destination?.id ?? null);
    // Its name may go to one of those below it.
    await trx.deleteFrom('projects').where('id', '=', id).execute();
    const to = destination ? `${destination.name}/` : '';
    await replant(trx, { nodes, from: `${source.name}/`, to, leave: source.path.length + 1, ancestors });
    const { numUpdatedRows } = await trx
      .updateTable('projects')
      .set({ parent: destination?.id ?? null })
      .where('parent', '=', id)
      .executeTakeFirst();
    await touchProject(trx, destination?.id);
    return { moved_entities, moved_projects: Number(numUpdatedRows) };
  });
  core.changes.send({ kind: 'project', subject: destination_project ?? id });
  return answer;
}

/** Archived ones go along: left behind they would belong to a project that is no more. */
async function moveContents(db: Db, from: string, to: string | null): Promise<number> {
  let moved = 0n;
  for (const table of ['tasks', 'models']) {
    const { numAffectedRows = 0n } = await sql`update ${sql.raw(`tracking.${table}`)}
      set project = ${to}, last_change = now() where project = ${from}`.execute(db);
    moved += numAffectedRows;
  }
  return Number(moved);
}
