import {
  ProjectId,
  ProjectsCreate,
  ProjectsDelete,
  ProjectsUpdate,
  type Query,
  Query as QuerySchema,
} from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import { type Core, transaction } from '../core.ts';
import { documentById, queryDocuments } from '../query/index.ts';
import { type Endpoint, endpoint } from '../wire/endpoint.ts';
import { ApiError } from '../wire/errors.ts';
import { PROJECTS } from './entity.ts';
import { pickerEndpoints } from './pickers.ts';
import { countContents, deleteProject } from './remove.ts';
import { addStats } from './stats.ts';
import { createProject, renameProject } from './store.ts';

export { inProjects } from './entity.ts';
export { moveToProject } from './move-entities.ts';
export { ensureProject, requireProject, touchProject } from './store.ts';

export function projectEndpoints(core: Core): Endpoint[] {
  return [
    endpoint({
      name: 'projects.create',
      body: ProjectsCreate,
      run: async (body, { identity }) => {
        const id = await transaction(core, (trx) => createProject(trx, body, identity.user));
        core.changes.send({ kind: 'project', subject: id });
        return { id };
      },
    }),
    endpoint({
      name: 'projects.get_by_id',
      body: ProjectId,
      run: async ({ project }) => {
        const found = await documentById(core.db, PROJECTS, project);
        if (!found) throw new ApiError('invalidProjectId', { id: project });
        return { project: { parent: null, ...found } };
      },
    }),
    endpoint({
      name: 'projects.get_all',
      body: QuerySchema,
      run: async (body) => {
        const { documents, ...rest } = await listProjects(core, body as Query);
        return { projects: documents, ...rest };
      },
    }),
    endpoint({
      name: 'projects.get_all_ex',
      body: QuerySchema,
      run: async (body) => {
        const { documents, ...rest } = await listProjects(core, body as Query, true);
        return { projects: await addStats(core, documents, body as Query), ...rest };
      },
    }),
    endpoint({
      name: 'projects.validate_delete',
      since: '2.14',
      body: ProjectId,
      run: ({ project }) => transaction(core, (trx) => countContents(trx, project)),
    }),
    endpoint({ name: 'projects.delete', body: ProjectsDelete, run: (body) => deleteProject(core, body) }),
    ...pickerEndpoints(core),
    endpoint({ name: 'projects.update', body: ProjectsUpdate, run: (body) => updateProject(core, body) }),
  ];
}

/** `parent` matches anywhere above, unless the search is shallow: then only the top level or direct children. */
function listProjects(core: Core, { parent, shallow_search, ...request }: Query, joined = false) {
  const parents = parent === undefined ? undefined : (Array.isArray(parent) ? parent : [parent]).map(String);
  const shallow = shallow_search === true;
  if (parents && !shallow) request['path'] = parents;
  if (parents && shallow) request['parent'] = parents;
  const also = shallow && !parents && request['id'] === undefined ? { also: sql`e.parent is null` } : {};
  return queryDocuments(core, { entity: PROJECTS, request, options: { joined, ...also } });
}

async function updateProject(core: Core, { project, name, ...changes }: { project: string; name?: string }) {
  const fields = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  await transaction(core, async (trx) => {
    if (name !== undefined) await renameProject(trx, project, name);
    const allowed = ['description', 'tags', 'system_tags', 'default_output_destination'];
    const set = Object.fromEntries(Object.entries(fields).filter(([key]) => allowed.includes(key)));
    const { numUpdatedRows } = await trx
      .updateTable('projects')
      .set({ ...set, last_update: new Date() })
      .where('id', '=', project)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) throw new ApiError('invalidProjectId', { id: project });
  });
  core.changes.send({ kind: 'project', subject: project });
  return { updated: 1, fields: { ...fields, ...(name === undefined ? {} : { name }) } };
}
