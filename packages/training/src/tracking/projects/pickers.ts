import { ProjectsHyperparams, ProjectsUniqueMetrics } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import type { Core } from '../core.ts';
import { type Endpoint, endpoint } from '../wire/endpoint.ts';
import { inProjects } from './entity.ts';

/** What the columns of a project's table may be chosen from. */
export function pickerEndpoints(core: Core): Endpoint[] {
  return [
    endpoint({
      name: 'projects.get_unique_metric_variants',
      body: ProjectsUniqueMetrics,
      run: async ({ project, ids, include_subprojects = true, model_metrics }) => {
        const scope = project === undefined ? sql`true` : scopeOf(project, include_subprojects);
        const only = ids?.length ? sql`e.id = any(${ids}::text[])` : sql`true`;
        const { rows } = await sql<object>`select distinct s.metric, s.metric_hash, s.variant, s.variant_hash
          from ${sql.raw(model_metrics ? 'tracking.models' : 'tracking.tasks')} e
            join tracking.series s on s.owner = e.id and s.value is not null
          where ${scope} and ${only} order by 1, 3 limit 10000`.execute(core.db);
        return { metrics: rows };
      },
    }),
    endpoint({
      name: 'projects.get_hyper_parameters',
      since: '2.9',
      body: ProjectsHyperparams,
      run: async ({ project, include_subprojects = true, page = 0, page_size = 500 }) => {
        const { rows } = await sql<{ section: string; name: string; total: number }>`
          select section, name, count(*) over () as total from (
            select distinct s.key as section, p.key as name
            from tracking.tasks e, jsonb_each(e.hyperparams) s, jsonb_each(s.value) p
            where ${scopeOf(project, include_subprojects)}) found
          order by 1, 2 limit ${page_size} offset ${page * page_size}`.execute(core.db);
        const total = rows[0]?.total ?? 0;
        const parameters = rows.map(({ section, name }) => ({ section, name }));
        return { parameters, total, remaining: Math.max(0, total - (page + 1) * page_size) };
      },
    }),
  ];
}

const scopeOf = (project: string, below: boolean) => (below ? inProjects([project]) : sql`e.project = ${project}`);
