import type { Db } from '../core.ts';
import { newId } from '../store/ids.ts';
import { tagList } from '../store/tags.ts';
import { ApiError } from '../wire/errors.ts';
import { nameParts } from './names.ts';
import { descendants, findNode, getWritable, holdTree, type Node, replant } from './tree.ts';

export interface NewProject {
  name: string;
  description?: string | undefined;
  tags?: string[] | undefined;
  system_tags?: string[] | undefined;
  default_output_destination?: string | undefined;
}

/** Makes a project and the ancestors it lacks. A name that is taken is refused. */
export async function createProject(db: Db, project: NewProject, user: string): Promise<string> {
  const parts = nameParts(project.name);
  await holdTree(db, { alone: false });
  const name = parts.join('/');
  const taken = await findNode(db, name);
  if (taken?.public) throw new ApiError('publicProjectExists', { name });
  const parent = taken ? undefined : await ensurePath(db, parts.slice(0, -1), user);
  const made = taken ? undefined : await insertProject(db, { ...project, parts, parent, user });
  if (!made) throw new ApiError('notUnique', { name }, 'a project of this name exists');
  return made.id;
}

interface Ensured {
  readonly name: string;
  readonly user: string;
  /** What the project gets when it has to be made. */
  readonly fresh?: Omit<NewProject, 'name'>;
}

/** The id of the project of this name, which is made when there is none. */
export async function ensureProject(db: Db, name: string, user: string): Promise<string> {
  return ensureProjectWith(db, { name, user });
}

export async function ensureProjectWith(db: Db, { name, user, fresh = {} }: Ensured): Promise<string> {
  const parts = nameParts(name);
  const found = await findOwn(db, parts);
  if (found) return found.id;
  await holdTree(db, { alone: false });
  const parent = await ensurePath(db, parts.slice(0, -1), user);
  return (await insertOrFind(db, { ...fresh, parts, parent, user })).id;
}

/** The project at a path, made with its ancestors where they lack; undefined for the top. */
export async function ensurePath(db: Db, parts: readonly string[], user: string): Promise<Node | undefined> {
  let parent: Node | undefined;
  for (const [depth] of parts.entries()) {
    const own = parts.slice(0, depth + 1);
    parent = (await findOwn(db, own)) ?? (await insertOrFind(db, { parts: own, parent, user }));
  }
  return parent;
}

/** Nothing is added to a public project, and its name is taken. */
async function findOwn(db: Db, parts: readonly string[]): Promise<Node | undefined> {
  const node = await findNode(db, parts.join('/'));
  if (node?.public) throw new ApiError('publicProjectExists', { name: node.name });
  return node;
}

async function insertOrFind(db: Db, wanted: Insert): Promise<Node> {
  // Two callers may make the same project at once: the one that comes second finds it.
  const found = (await insertProject(db, wanted)) ?? (await findOwn(db, wanted.parts));
  if (!found) throw new ApiError('general');
  return found;
}

interface Insert extends Omit<NewProject, 'name'> {
  parts: readonly string[];
  parent: Node | undefined;
  user: string;
}

async function insertProject(db: Db, { parts, parent, user, ...rest }: Insert): Promise<Node | undefined> {
  const now = new Date();
  const made = await db
    .insertInto('projects')
    .values({
      id: newId(),
      name: parts.join('/'),
      basename: parts.at(-1) ?? '',
      description: rest.description ?? '',
      user_id: user,
      created: now,
      last_update: now,
      tags: tagList(rest.tags ?? []),
      system_tags: tagList(rest.system_tags ?? []),
      default_output_destination: rest.default_output_destination ?? null,
      parent: parent?.id ?? null,
      path: parent ? [...parent.path, parent.id] : [],
    })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .returning(['id', 'name', 'parent', 'path', 'public'])
    .executeTakeFirst();
  if (made) await touchProject(db, parent?.id);
  return made;
}

/** Renames a project in its place, and with it every descendant. */
export async function renameProject(db: Db, id: string, name: string): Promise<void> {
  const parts = nameParts(name);
  await holdTree(db, { alone: true });
  const project = await getWritable(db, id);
  const place = project.name.split('/').slice(0, -1).join('/');
  if (parts.slice(0, -1).join('/') !== place) throw new ApiError('projectLocation', { name }, 'use projects.move');
  const renamed = parts.join('/');
  if (renamed === project.name) return;
  const taken = await findNode(db, renamed);
  if (taken) throw new ApiError(taken.public ? 'publicProjectExists' : 'notUnique', { name: renamed });
  const nodes = [project, ...(await descendants(db, id))];
  await replant(db, { nodes, from: project.name, to: renamed, leave: project.path.length, ancestors: project.path });
  await db
    .updateTable('projects')
    .set({ basename: parts.at(-1) ?? '' })
    .where('id', '=', id)
    .execute();
}

/** Held until the end of the transaction, so that what is added to a project is not added to one that goes. */
export async function requireProject(db: Db, id: string): Promise<void> {
  const found = await db.selectFrom('projects').select('id').where('id', '=', id).forKeyShare().executeTakeFirst();
  if (!found) throw new ApiError('invalidProjectId', { id });
}

/** Marks that something in the project changed. */
export async function touchProject(db: Db, id: string | null | undefined): Promise<void> {
  if (id) await db.updateTable('projects').set({ last_update: new Date() }).where('id', '=', id).execute();
}
