import { GetTags } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import type { Core } from '../core.ts';
import { inProjects } from '../projects/index.ts';
import { type Endpoint, endpoint } from '../wire/endpoint.ts';

const MOST = 10_000;

export function organizationEndpoints(core: Core): Endpoint[] {
  const distinct = async (tables: readonly string[], column: 'tags' | 'system_tags', projects: readonly string[]) => {
    const within = projects.length > 0 ? inProjects(projects) : sql`true`;
    const parts = tables.map(
      (table) => sql`select unnest(e.${sql.raw(column)}) as tag from ${sql.raw(`tracking.${table}`)} e where ${within}`,
    );
    const { rows } = await sql<{ tag: string }>`select distinct tag from (${sql.join(parts, sql` union all `)}) t
      order by tag limit ${MOST}`.execute(core.db);
    return rows.map(({ tag }) => tag);
  };
  const tags = (name: string, tables: readonly string[]) =>
    endpoint({
      name,
      since: '2.8',
      body: GetTags,
      run: async ({ include_system, projects = [] }) => ({
        tags: await distinct(tables, 'tags', projects),
        ...(include_system ? { system_tags: await distinct(tables, 'system_tags', projects) } : {}),
      }),
    });
  return [
    tags('organization.get_tags', ['tasks', 'models']),
    tags('projects.get_task_tags', ['tasks']),
    tags('projects.get_model_tags', ['models']),
  ];
}
