import { ModelId, ModelsByTask, ModelsFrameworks, type Query, Query as QuerySchema } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import type { Core } from '../core.ts';
import { belowProjects, inScope } from '../projects/index.ts';
import { type Document, documentById, queryDocuments } from '../query/index.ts';
import { type Call, type Endpoint, endpoint } from '../wire/endpoint.ts';
import { ApiError } from '../wire/errors.ts';
import { MODELS } from './entity.ts';
import { forVersion, refuseNewClients } from './versions.ts';

export function readers(core: Core): Endpoint[] {
  const list = async (body: Query, { joined, call }: { joined: boolean; call: Call }) => {
    const { documents, ...rest } = await listModels(core, body, joined);
    const models = joined && body['include_stats'] === true ? await withStats(core, documents) : documents;
    return { models: forVersion(models, call), ...rest };
  };
  return [
    endpoint({
      name: 'models.get_by_id',
      body: ModelId,
      run: async ({ model }, call) => ({ model: await one(core, model, call) }),
    }),
    endpoint({
      name: 'models.get_all',
      body: QuerySchema,
      run: (body, call) => list(body as Query, { joined: false, call }),
    }),
    endpoint({
      name: 'models.get_all_ex',
      body: QuerySchema,
      run: (body, call) => list(body as Query, { joined: true, call }),
    }),
    endpoint({
      name: 'models.get_by_id_ex',
      body: QuerySchema,
      run: (body, call) => {
        if ((body as Query)['id'] === undefined) throw new ApiError('missingFields', { fields: ['id'] });
        return list(body as Query, { joined: true, call });
      },
    }),
    endpoint({
      name: 'models.get_by_task_id',
      body: ModelsByTask,
      run: async ({ task }, call) => {
        refuseNewClients(call, 'models.get_by_id or models.get_all');
        const found = await core.db.selectFrom('tasks').select('models').where('id', '=', task).executeTakeFirst();
        if (!found) throw new ApiError('invalidTaskId', { id: task });
        const last = found.models.output.at(-1)?.model;
        if (!last) throw new ApiError('missingTaskFields', { field: 'models.output' });
        return { model: await one(core, last, call) };
      },
    }),
    endpoint({
      name: 'models.get_frameworks',
      body: ModelsFrameworks,
      run: async ({ projects }) => {
        const { rows } = await sql<{ framework: string }>`select distinct e.framework collate "C" as framework
          from tracking.models e where e.framework is not null and ${inScope({ projects })} order by 1 limit 1000`.execute(
          core.db,
        );
        return { frameworks: rows.map(({ framework }) => framework) };
      },
    }),
  ];
}

async function one(core: Core, id: string, call: Call): Promise<Document | undefined> {
  const found = await documentById(core.db, MODELS, id);
  if (!found) throw new ApiError('invalidModelId', { model: id });
  return forVersion([found], call)[0];
}

/** Models by the language of queries; `include_subprojects` takes the projects below along. */
export async function listModels(core: Core, body: Query, joined: boolean) {
  const { request, also } = belowProjects(body);
  const seen = body.allow_public === false ? sql`${also} and not e.public` : also;
  return queryDocuments(core, { entity: MODELS, request, options: { joined, also: seen } });
}

async function withStats(core: Core, models: readonly Document[]): Promise<Document[]> {
  const { rows } = await sql<{ id: string; labels_count: number }>`
    select id, (select count(*) from jsonb_object_keys(labels)) as labels_count
    from tracking.models where id = any(${models.map(({ id }) => String(id))}::text[])`.execute(core.db);
  const stats = new Map(rows.map(({ id, ...counted }) => [id, counted]));
  return models.map((model) => ({ ...model, stats: stats.get(String(model['id'])) ?? { labels_count: 0 } }));
}
