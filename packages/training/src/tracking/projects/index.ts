import {
  EntityIds,
  ProjectId,
  ProjectsCreate,
  ProjectsDelete,
  ProjectsMerge,
  ProjectsMove,
  ProjectsUpdate,
  type Query,
  Query as QuerySchema,
} from '@ranloop/contracts/tracking';
import { type Core, transaction } from '../core.ts';
import { documentById } from '../query/index.ts';
import { tagList } from '../store/tags.ts';
import { type Call, type Endpoint, endpoint } from '../wire/endpoint.ts';
import { ApiError } from '../wire/errors.ts';
import { countContents, lockFamily } from './contents.ts';
import { PROJECTS } from './entity.ts';
import { listProjects, listProjectsEx } from './list.ts';
import { mergeProject, moveProject } from './move.ts';
import { peopleEndpoints } from './people.ts';
import { pickerEndpoints } from './pickers.ts';
import { setPublic } from './public.ts';
import { deleteProject } from './remove.ts';
import { createProject, renameProject } from './store.ts';
import { tagEndpoints } from './tags.ts';
import { getWritable } from './tree.ts';

export { inProjects } from './entity.ts';
export { moveToProject } from './move-entities.ts';
export { setPublic } from './public.ts';
export { belowProjects, inScope } from './scope.ts';
export { ensureProject, ensureProjectWith, requireProject, touchProject } from './store.ts';
export { tagsEndpoint } from './tags.ts';

export function projectEndpoints(core: Core): Endpoint[] {
  return [
    ...readers(core),
    ...writers(core),
    ...movers(core),
    ...pickerEndpoints(core),
    ...peopleEndpoints(core),
    ...tagEndpoints(core),
  ];
}

function readers(core: Core): Endpoint[] {
  return [
    endpoint({
      name: 'projects.get_by_id',
      body: ProjectId,
      run: async ({ project }) => {
        const found = await documentById(core.db, PROJECTS, project);
        if (!found) throw new ApiError('invalidProjectId', { id: project });
        return { project: { parent: null, ...found } };
      },
    }),
    endpoint({ name: 'projects.get_all', body: QuerySchema, run: (body) => listProjects(core, body as Query) }),
    endpoint({
      name: 'projects.get_all_ex',
      body: QuerySchema,
      run: (body, call) => listProjectsEx(core, body as Query, call),
    }),
    endpoint({
      name: 'projects.validate_delete',
      body: ProjectId,
      run: ({ project }) => transaction(core, async (trx) => countContents(trx, await lockFamily(trx, project))),
    }),
  ];
}

function writers(core: Core): Endpoint[] {
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
    endpoint({ name: 'projects.update', body: ProjectsUpdate, run: (body, call) => updateProject(core, body, call) }),
    endpoint({
      name: 'projects.delete',
      body: ProjectsDelete,
      run: (body, { identity }) => deleteProject(core, { ...body, user: identity.user }),
    }),
  ];
}

function movers(core: Core): Endpoint[] {
  const publicity = (name: string, enabled: boolean) =>
    endpoint({
      name,
      since: '2.9',
      body: EntityIds,
      run: ({ ids }) => setPublic(core, { table: 'projects', ids, enabled, unknown: 'invalidProjectId' }),
    });
  return [
    endpoint({
      name: 'projects.move',
      body: ProjectsMove,
      run: (body, { identity }) => moveProject(core, { ...body, user: identity.user }),
    }),
    endpoint({
      name: 'projects.merge',
      body: ProjectsMerge,
      run: (body) => mergeProject(core, body),
    }),
    publicity('projects.make_public', true),
    publicity('projects.make_private', false),
  ];
}

interface Update {
  readonly project: string;
  readonly name?: string;
  readonly description?: string;
  readonly tags?: string[];
  readonly system_tags?: string[];
  readonly default_output_destination?: string;
}

async function updateProject(core: Core, { project, name, ...changes }: Update, { nulls }: Call) {
  const { description, tags, system_tags, default_output_destination } = changes;
  const set = {
    ...(description === undefined ? {} : { description }),
    ...(tags === undefined ? {} : { tags: tagList(tags) }),
    ...(system_tags === undefined ? {} : { system_tags: tagList(system_tags) }),
    ...(default_output_destination === undefined ? {} : { default_output_destination }),
    // Null clears a field.
    ...(nulls.includes('default_output_destination') ? { default_output_destination: null } : {}),
    ...(nulls.includes('description') ? { description: '' } : {}),
    ...(nulls.includes('tags') ? { tags: [] } : {}),
    ...(nulls.includes('system_tags') ? { system_tags: [] } : {}),
  };
  await transaction(core, async (trx) => {
    if (name !== undefined) await renameProject(trx, project, name);
    await getWritable(trx, project);
    await trx
      .updateTable('projects')
      .set({ ...set, last_update: new Date() })
      .where('id', '=', project)
      .execute();
  });
  core.changes.send({ kind: 'project', subject: project });
  return { updated: 1, fields: { ...set, ...(name === undefined ? {} : { name }) } };
}
