import { sql } from 'kysely';
import type { Db } from '../core.ts';
import { ApiError } from '../wire/errors.ts';
import { checkName } from './names.ts';

/** The tree of projects. Every function runs in the caller's transaction. */

export interface Node {
  id: string;
  name: string;
  parent: string | null;
  /** Ids of the ancestors, the root first. */
  path: string[];
  public: boolean;
}

const TREE = 'tracking.projects';

/**
 * A new project takes its name and path from its ancestors, so none of them may move meanwhile: who adds holds the tree
 * with others, who moves, renames or removes holds it alone.
 */
export async function holdTree(db: Db, { alone }: { alone: boolean }): Promise<void> {
  const lock = sql.raw(alone ? 'pg_advisory_xact_lock' : 'pg_advisory_xact_lock_shared');
  await sql`select ${lock}(hashtext(${TREE}))`.execute(db);
}

const columns = ['id', 'name', 'parent', 'path', 'public'] as const;

export async function findNode(db: Db, name: string): Promise<Node | undefined> {
  return db.selectFrom('projects').select(columns).where('name', '=', name).executeTakeFirst();
}

export async function getNode(db: Db, id: string): Promise<Node> {
  const node = await db.selectFrom('projects').select(columns).where('id', '=', id).executeTakeFirst();
  if (!node) throw new ApiError('invalidProjectId', { id });
  return node;
}

/** A project that may be changed: public ones are read only. */
export async function getWritable(db: Db, id: string): Promise<Node> {
  const node = await getNode(db, id);
  if (node.public) throw new ApiError('noWritePermission', { id });
  return node;
}

/** Those below a project, of all levels. */
export async function descendants(db: Db, id: string): Promise<Node[]> {
  const { rows } = await sql<Node>`select id, name, parent, path, public from tracking.projects
    where path @> ${[id]}::text[]`.execute(db);
  return rows;
}

interface Replanting {
  readonly nodes: readonly Node[];
  /** What their names begin with, and will begin with. */
  readonly from: string;
  readonly to: string;
  /** How many ancestors they leave behind, and which they get instead. */
  readonly leave: number;
  readonly ancestors: readonly string[];
}

/** Gives nodes a new place: their names and paths begin anew, what is below stays as it was. */
export async function replant(db: Db, { nodes, from, to, leave, ancestors }: Replanting): Promise<void> {
  if (nodes.length === 0) return;
  const ids = nodes.map(({ id }) => id);
  const names = nodes.map(({ name }) => to + name.slice(from.length));
  for (const name of names) checkName(name);
  // A name may pass from one node to another, and is unique at every moment. No project's name begins with a slash.
  await sql`update tracking.projects set name = '/' || id where id = any(${ids}::text[])`.execute(db);
  await sql`update tracking.projects p set name = n.name, path = ${[...ancestors]}::text[] || p.path[${leave + 1}::int:],
      last_update = now()
    from unnest(${ids}::text[], ${names}::text[]) n (id, name) where p.id = n.id`.execute(db);
}
