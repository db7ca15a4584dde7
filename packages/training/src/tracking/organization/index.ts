import { sql } from 'kysely';
import type { Core } from '../core.ts';
import { MODELS } from '../models/entity.ts';
import { tagsEndpoint } from '../projects/index.ts';
import { TASKS } from '../tasks/entity.ts';
import type { Endpoint } from '../wire/endpoint.ts';

export function organizationEndpoints(core: Core): Endpoint[] {
  return [
    tagsEndpoint(core, {
      name: 'organization.get_tags',
      since: '2.8',
      entities: [MODELS, TASKS],
      within: () => sql`true`,
    }),
  ];
}
