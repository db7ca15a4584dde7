import type { Query } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import type { Core } from '../core.ts';
import { listTasks } from '../tasks/index.ts';
import type { Call } from '../wire/endpoint.ts';
import { FOLDER } from './store.ts';

/** Reports are asked for by the project that they belong to, and lie in its folder. */
export async function listReports(core: Core, { include_subprojects, project, ...body }: Query, call: Call) {
  const request: Query = { ...body, type: ['report'], search_hidden: true };
  if (project !== undefined) {
    const folders = await foldersOf(core, [project].flat(), include_subprojects === true);
    if (folders.length === 0) return { tasks: [] };
    request['project'] = folders;
  }
  return listTasks(core, request, { joined: true, call });
}

/** Null stands for the top. */
async function foldersOf(core: Core, projects: readonly unknown[], below: boolean): Promise<string[]> {
  const ids = projects.filter((id) => id !== null).map(String);
  const top = ids.length < projects.length;
  const { rows } = await sql<{ id: string }>`select id from tracking.projects where basename = ${FOLDER}
    and (id = any(${ids}::text[]) or parent = any(${ids}::text[]) or (${top} and parent is null)
      or (${below} and path && ${ids}::text[])) limit 10000`.execute(core.db);
  return rows.map(({ id }) => id);
}
