import { GetTags } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import type { Core } from '../core.ts';
import { MODELS } from '../models/entity.ts';
import type { Entity, Sql } from '../query/entity.ts';
import { TASKS } from '../tasks/entity.ts';
import { type Endpoint, endpoint } from '../wire/endpoint.ts';
import { PROJECTS } from './entity.ts';
import { inScope } from './scope.ts';
import { filterCondition } from './selection.ts';

const MOST = 10_000;

interface TagsWanted {
  readonly name: string;
  readonly since?: string;
  readonly entities: readonly Entity[];
  readonly within: (projects: readonly (string | null)[] | undefined) => Sql;
}

/** The tags in use, sorted, of the entities that pass the filter. */
export function tagsEndpoint(core: Core, { name, since = '2.1', entities, within }: TagsWanted): Endpoint {
  return endpoint({
    name,
    since,
    body: GetTags,
    run: async ({ include_system, projects, filter = {} }) => {
      const asked = Object.fromEntries(
        (['tags', 'system_tags'] as const).filter((key) => filter[key]?.length).map((key) => [key, filter[key]]),
      );
      const distinct = async (column: 'tags' | 'system_tags') => {
        const parts = entities.map(
          (entity) => sql`select unnest(e.${sql.raw(column)}) as tag from ${sql.raw(`tracking.${entity.table}`)} e
            where ${within(projects)} and ${filterCondition(entity, asked) ?? sql`true`}`,
        );
        const { rows } = await sql<{ tag: string }>`select tag from (${sql.join(parts, sql` union `)}) t
          order by tag collate "C" limit ${MOST}`.execute(core.db);
        return rows.map(({ tag }) => tag);
      };
      const tags = await distinct('tags');
      if (include_system) return { tags, system_tags: await distinct('system_tags') };
      return entities.includes(PROJECTS) ? { tags, system_tags: [] } : { tags };
    },
  });
}

export function tagEndpoints(core: Core): Endpoint[] {
  const contents = (projects: readonly (string | null)[] | undefined) => inScope({ projects });
  const ids = (projects: readonly (string | null)[] | undefined) => {
    const own = (projects ?? []).filter((id): id is string => id !== null);
    return own.length > 0 ? sql`(e.id = any(${own}::text[]) or e.path && ${own}::text[])` : sql`true`;
  };
  return [
    tagsEndpoint(core, { name: 'projects.get_task_tags', since: '2.8', entities: [TASKS], within: contents }),
    tagsEndpoint(core, { name: 'projects.get_model_tags', since: '2.8', entities: [MODELS], within: contents }),
    tagsEndpoint(core, { name: 'projects.get_project_tags', entities: [PROJECTS], within: ids }),
  ];
}
