import {
  Download,
  EntitiesCount,
  NoParameters,
  ProjectUsages,
  type Query,
  Query as QuerySchema,
} from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import { COMPANY, type Core } from '../core.ts';
import { MODELS } from '../models/entity.ts';
import { tagsEndpoint } from '../projects/index.ts';
import { TASKS } from '../tasks/entity.ts';
import { type Endpoint, endpoint } from '../wire/endpoint.ts';
import { countEntities } from './count.ts';
import { download, prepareDownload } from './download.ts';
import { projectUsages } from './usages.ts';

export function organizationEndpoints(core: Core): Endpoint[] {
  return [
    tagsEndpoint(core, {
      name: 'organization.get_tags',
      entities: [MODELS, TASKS],
      within: () => sql`true`,
    }),
    endpoint({
      name: 'organization.get_user_companies',
      body: NoParameters,
      run: () => companies(core),
    }),
    endpoint({
      name: 'organization.get_entities_count',
      body: EntitiesCount,
      run: (body) => countEntities(core, body),
    }),
    endpoint({
      name: 'organization.prepare_download_for_get_all',
      body: QuerySchema,
      run: (body, call) => prepareDownload(core, body as Query, call),
    }),
    endpoint({
      name: 'organization.download_for_get_all',
      body: Download,
      run: ({ prepare_id }, call) => download(core, prepare_id, call),
    }),
    endpoint({
      name: 'organization.get_project_usages',
      body: ProjectUsages,
      run: (body) => projectUsages(core, body),
    }),
  ];
}

/** There is one company, and everybody is of it. */
async function companies(core: Core) {
  const { rows } = await sql<{ id: string; name: string }>`select id, name from tracking.users
    order by name collate "C", id limit 10000`.execute(core.db);
  const owners = rows.map((user) => ({ ...user, avatar: null }));
  return { companies: [{ ...COMPANY, allocated: owners.length, owners }] };
}
