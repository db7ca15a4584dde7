import { sql } from 'kysely';
import type { Db } from '../core.ts';
import { newId } from '../store/ids.ts';
import { ApiError } from '../wire/errors.ts';
import { nameParts } from './names.ts';

export interface NewProject {
  name: string;
  description?: string | undefined;
  tags?: string[] | undefined;
  system_tags?: string[] | undefined;
  default_output_destination?: string | undefined;
}

interface Found {
  id: string;
  path: string[];
}

/** Makes a project and the ancestors it lacks. A name that is taken is refused. */
export async function createProject(db: Db, project: NewProject, user: string): Promise<string> {
  const parts = nameParts(project.name);
  const parent = await ensurePath(db, parts.slice(0, -1), user);
  const made = await insertProject(db, { ...project, parts, parent, user });
  if (!made) throw new ApiError('notUnique', { name: parts.join('/') }, 'a project of this name exists');
  return made.id;
}

/** The id of the project of this name, which is made when there is none. */
export async function ensureProject(db: Db, name: string, user: string): Promise<string> {
  const found = await ensurePath(db, nameParts(name), user);
  if (!found) throw new ApiError('badProjectName', { name });
  return found.id;
}

async function ensurePath(db: Db, parts: readonly string[], user: string): Promise<Found | undefined> {
  let parent: Found | undefined;
  for (const [depth] of parts.entries()) {
    const own = parts.slice(0, depth + 1);
    parent = (await findByName(db, own.join('/'))) ?? (await insertOrFind(db, { parts: own, parent, user }));
  }
  return parent;
}

async function insertOrFind(db: Db, wanted: Insert): Promise<Found> {
  // Two callers may make the same project at once: the one that comes second finds it.
  const found = (await insertProject(db, wanted)) ?? (await findByName(db, wanted.parts.join('/')));
  if (!found) throw new ApiError('general');
  return found;
}

async function findByName(db: Db, name: string): Promise<Found | undefined> {
  return db.selectFrom('projects').select(['id', 'path']).where('name', '=', name).executeTakeFirst();
}

interface Insert extends Omit<NewProject, 'name'> {
  parts: readonly string[];
  parent: Found | undefined;
  user: string;
}

async function insertProject(db: Db, { parts, parent, user, ...rest }: Insert): Promise<Found | undefined> {
  const now = new Date();
  return db
    .insertInto('projects')
    .values({
      id: newId(),
      name: parts.join('/'),
      basename: parts.at(-1) ?? '',
      description: rest.description ?? '',
      user_id: user,
      created: now,
      last_update: now,
      tags: rest.tags ?? [],
      system_tags: rest.system_tags ?? [],
      default_output_destination: rest.default_output_destination ?? null,
      parent: parent?.id ?? null,
      path: parent ? [...parent.path, parent.id] : [],
    })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .returning(['id', 'path'])
    .executeTakeFirst();
}

/** Renames a project in its place, and with it every descendant. */
export async function renameProject(db: Db, id: string, name: string): Promise<void> {
  const parts = nameParts(name);
  const project = await db.selectFrom('projects').select('name').where('id', '=', id).forUpdate().executeTakeFirst();
  if (!project) throw new ApiError('invalidProjectId', { id });
  const place = (full: string) => full.split('/').slice(0, -1).join('/');
  const renamed = parts.join('/');
  if (place(renamed) !== place(project.name))
    throw new ApiError('badProjectName', { name }, 'a rename keeps the location; use projects.move');
  if (renamed === project.name) return;
  if (await findByName(db, renamed)) throw new ApiError('notUnique', { name: renamed });
  await sql`update tracking.projects set name = ${renamed} || substr(name, char_length(${project.name}::text) + 1),
      basename = case when id = ${id} then ${parts.at(-1) ?? ''} else basename end, last_update = now()
    where id = ${id} or path @> ${[id]}::text[]`.execute(db);
}

export async function requireProject(db: Db, id: string): Promise<void> {
  const found = await db.selectFrom('projects').select('id').where('id', '=', id).executeTakeFirst();
  if (!found) throw new ApiError('invalidProjectId', { id });
}

/** Marks that something in the project changed. */
export async function touchProject(db: Db, id: string | null | undefined): Promise<void> {
  if (id) await db.updateTable('projects').set({ last_update: new Date() }).where('id', '=', id).execute();
}
