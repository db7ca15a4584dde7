import {
  ModelId,
  ModelIds,
  ModelsByTask,
  ModelsCreate,
  ModelsDelete,
  ModelsDeleteMany,
  ModelsDeleteMetadata,
  ModelsEdit,
  ModelsFrameworks,
  ModelsMetadata,
  ModelsMove,
  ModelsPublishMany,
  ModelsSetReady,
  ModelsUpdateTags,
  type Query,
  Query as QuerySchema,
} from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import { type Core, transaction } from '../core.ts';
import { inProjects, moveToProject } from '../projects/index.ts';
import { documentById, queryDocuments } from '../query/index.ts';
import { setTags } from '../store/tags.ts';
import { type Endpoint, endpoint } from '../wire/endpoint.ts';
import { ApiError } from '../wire/errors.ts';
import { many } from '../wire/many.ts';
import { MODELS } from './entity.ts';
import { publishModel } from './publish.ts';
import { createModel, deleteModel, editModel, lockModel, metadataMap } from './store.ts';

export function modelEndpoints(core: Core): Endpoint[] {
  return [...readers(core), ...writers(core), ...metadata(core), ...manyCalls(core)];
}

const changed = (core: Core, model: string) => core.changes.send({ kind: 'model', subject: model });

function readers(core: Core): Endpoint[] {
  const list = async ({ include_subprojects, ...request }: Query, joined: boolean) => {
    const projects = Array.isArray(request['project']) ? request['project'] : [request['project']];
    const below = include_subprojects === true && projects.every((one): one is string => typeof one === 'string');
    if (below) delete request['project'];
    const options = { joined, ...(below ? { also: inProjects(projects) } : {}) };
    const { documents, ...rest } = await queryDocuments(core, { entity: MODELS, request, options });
    return { models: documents, ...rest };
  };
  return [
    endpoint({
      name: 'models.get_by_id',
      body: ModelId,
      run: async ({ model }) => {
        const found = await documentById(core.db, MODELS, model);
        if (!found) throw new ApiError('invalidModelId', { model });
        return { model: found };
      },
    }),
    endpoint({ name: 'models.get_all', body: QuerySchema, run: (body) => list(body as Query, false) }),
    endpoint({ name: 'models.get_all_ex', body: QuerySchema, run: (body) => list(body as Query, true) }),
    endpoint({
      name: 'models.get_by_task_id',
      body: ModelsByTask,
      run: async ({ task }) => {
        const request: Query = { task: [task], order_by: ['-created'], page: 0, page_size: 1, search_hidden: true };
        const { documents } = await queryDocuments(core, { entity: MODELS, request });
        if (!documents[0]) throw new ApiError('invalidModelId', { task }, 'the task has no model');
        return { model: documents[0] };
      },
    }),
    endpoint({
      name: 'models.get_frameworks',
      since: '2.8',
      body: ModelsFrameworks,
      run: async ({ projects }) => {
        const within = projects?.length ? inProjects(projects) : sql`true`;
        const { rows } = await sql<{ framework: string }>`select distinct e.framework from tracking.models e
          where e.framework is not null and ${within} order by 1 limit 1000`.execute(core.db);
        return { frameworks: rows.map(({ framework }) => framework) };
      },
    }),
  ];
}

function writers(core: Core): Endpoint[] {
  return [
    endpoint({
      name: 'models.create',
      body: ModelsCreate,
      run: async (body, { identity }) => {
        const id = await transaction(core, (trx) => createModel(trx, body, identity.user));
        changed(core, id);
        return { id, created: true };
      },
    }),
    endpoint({
      name: 'models.edit',
      body: ModelsEdit,
      run: async (body) => {
        const answer = await transaction(core, (trx) => editModel(trx, body, { published: false }));
        changed(core, body.model);
        return answer;
      },
    }),
    endpoint({
      name: 'models.update',
      body: ModelsEdit,
      run: async ({ model, name, comment, tags, system_tags, ready, project, task, iteration, created }) => {
        const allowed = { name, comment, tags, system_tags, ready, project, task, iteration, created };
        const given = Object.fromEntries(Object.entries(allowed).filter(([, value]) => value !== undefined));
        const answer = await transaction(core, (trx) => editModel(trx, { ...given, model }, { published: true }));
        changed(core, model);
        return answer;
      },
    }),
    endpoint({
      name: 'models.set_ready',
      body: ModelsSetReady,
      run: ({ model, ...options }, { identity }) => publishModel(core, model, { ...options, user: identity.user }),
    }),
    endpoint({
      name: 'models.delete',
      body: ModelsDelete,
      run: async ({ model, force }) => {
        const { url } = await transaction(core, (trx) => deleteModel(trx, model, force === true));
        changed(core, model);
        return { deleted: true, ...(url === null ? {} : { url }) };
      },
    }),
    endpoint({
      name: 'models.move',
      since: '2.12',
      body: ModelsMove,
      run: (body, { identity }) => moveToProject(core, { table: 'models', ...body, user: identity.user }),
    }),
    endpoint({
      name: 'models.update_tags',
      since: '2.27',
      body: ModelsUpdateTags,
      run: ({ ids, add_tags = [], remove_tags = [] }) =>
        setTags(core.db, { table: 'models', column: 'tags', ids, add: add_tags, remove: remove_tags }),
    }),
  ];
}

function metadata(core: Core): Endpoint[] {
  const write = (model: string, expression: ReturnType<typeof sql<string>>) =>
    transaction(core, async (trx) => {
      await lockModel(trx, model);
      const now = new Date();
      await trx
        .updateTable('models')
        .set({ metadata: expression, last_update: now, last_change: now })
        .where('id', '=', model)
        .execute();
      return { updated: 1 };
    });
  return [
    endpoint({
      name: 'models.add_or_update_metadata',
      since: '2.13',
      body: ModelsMetadata,
      run: ({ model, metadata: items, replace_metadata }) => {
        const json = JSON.stringify(metadataMap(items));
        return write(model, replace_metadata ? sql<string>`${json}::jsonb` : sql<string>`metadata || ${json}::jsonb`);
      },
    }),
    endpoint({
      name: 'models.delete_metadata',
      since: '2.13',
      body: ModelsDeleteMetadata,
      run: ({ model, keys }) => write(model, sql<string>`metadata - ${keys}::text[]`),
    }),
  ];
}

function manyCalls(core: Core): Endpoint[] {
  const archive = (archived: boolean) => (id: string) =>
    transaction(core, async (trx) => {
      await lockModel(trx, id);
      const tags = archived ? { add: ['archived'], remove: [] } : { add: [], remove: ['archived'] };
      await setTags(trx, { table: 'models', column: 'system_tags', ids: [id], ...tags });
      return archived ? { archived: true } : { unarchived: true };
    });
  return [
    endpoint({
      name: 'models.archive_many',
      since: '2.13',
      body: ModelIds,
      run: ({ ids }) => many(ids, archive(true)),
    }),
    endpoint({
      name: 'models.unarchive_many',
      since: '2.13',
      body: ModelIds,
      run: ({ ids }) => many(ids, archive(false)),
    }),
    endpoint({
      name: 'models.delete_many',
      since: '2.13',
      body: ModelsDeleteMany,
      run: ({ ids, force }) =>
        many(ids, async (id) => {
          const { url } = await transaction(core, (trx) => deleteModel(trx, id, force === true));
          return { deleted: true, ...(url === null ? {} : { url }) };
        }),
    }),
    endpoint({
      name: 'models.publish_many',
      since: '2.13',
      body: ModelsPublishMany,
      run: ({ ids, publish_tasks, force_publish_task }, { identity }) =>
        many(ids, (id) =>
          publishModel(core, id, { publish_task: publish_tasks, force_publish_task, user: identity.user }),
        ),
    }),
  ];
}
