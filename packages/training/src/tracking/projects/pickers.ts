import {
  ProjectsHyperparamValues,
  ProjectsMetadataValues,
  ProjectsNames,
  ProjectsUniqueMetrics,
} from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import type { Core } from '../core.ts';
import type { Sql } from '../query/entity.ts';
import { guarded } from '../query/guarded.ts';
import { parsePattern } from '../query/regex.ts';
import { md5 } from '../store/ids.ts';
import { type Endpoint, endpoint } from '../wire/endpoint.ts';
import { inScope } from './scope.ts';

/** What the columns of a project's table may be chosen from. */
export function pickerEndpoints(core: Core): Endpoint[] {
  return [
    endpoint({
      name: 'projects.get_unique_metric_variants',
      body: ProjectsUniqueMetrics,
      run: async ({ project, ids, include_subprojects, model_metrics }) => {
        const scope = inScope({ projects: project === undefined ? undefined : [project], include_subprojects });
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
      body: ProjectsNames,
      run: async (body) => {
        const { total, remaining, rows } = await page<{ section: string; name: string }>(core, body, {
          found: sql`select distinct s.key as section, p.key as name
            from tracking.tasks e, jsonb_each(e.hyperparams) s, jsonb_each(s.value) p where ${ofProject(body)}`,
          order: sql`section collate "C", name collate "C"`,
        });
        return { parameters: rows.map(({ section, name }) => ({ section, name })), total, remaining };
      },
    }),
    endpoint({
      name: 'projects.get_model_metadata_keys',
      body: ProjectsNames,
      run: async (body) => {
        const { total, remaining, rows } = await page<{ key: string }>(core, body, {
          found: sql`select distinct m.key from tracking.models e, jsonb_object_keys(e.metadata) m (key)
            where ${ofProject(body)}`,
          order: sql`key collate "C"`,
        });
        return { keys: rows.map(({ key }) => key), total, remaining };
      },
    }),
    ...valueEndpoints(core),
  ];
}

const ofProject = ({ project, include_subprojects }: { project?: string; include_subprojects?: boolean }) =>
  inScope({ projects: project === undefined ? undefined : [project], include_subprojects });

function valueEndpoints(core: Core): Endpoint[] {
  return [
    endpoint({
      name: 'projects.get_hyperparam_values',
      since: '2.13',
      body: ProjectsHyperparamValues,
      run: async ({ section, name, pattern, allow_public = true, ...body }) => {
        const fits = pattern ? matches(sql`h.value`, pattern) : sql`true`;
        const { total, rows } = await page<{ value: string }>(core, body, {
          found: sql`select distinct h.value, h.number from tracking.task_params h join tracking.tasks e on e.id = h.task
            where h.key_hash = ${md5(`${section}\u0001${name}`)} and ${inScope(body)} and ${fits}
              and ${allow_public ? sql`true` : sql`not e.public`}`,
          order: sql`number nulls last, value collate "C"`,
          slow: pattern !== undefined,
        });
        return { total, values: rows.map(({ value }) => value) };
      },
    }),
    endpoint({
      name: 'projects.get_model_metadata_values',
      body: ProjectsMetadataValues,
      run: async ({ key, allow_public = true, ...body }) => {
        const { total, rows } = await page<{ value: string }>(core, body, {
          found: sql`select distinct e.metadata -> ${key}::text ->> 'value' as value from tracking.models e
            where e.metadata ? ${key}::text and ${inScope(body)} and ${allow_public ? sql`true` : sql`not e.public`}`,
          order: sql`tracking.as_number(value) nulls last, value collate "C"`,
        });
        return { total, values: rows.map(({ value }) => value) };
      },
    }),
  ];
}

/** Whatever the case, anywhere in the value. */
function matches(value: Sql, text: string): Sql {
  const pattern = parsePattern(text);
  return 'equals' in pattern ? sql`lower(${value}) = lower(${pattern.equals})` : sql`${value} ~* ${pattern.regex}`;
}

interface Listing {
  /** Distinct rows. */
  readonly found: Sql;
  readonly order: Sql;
  /** Whether a pattern is matched, which may take long. */
  readonly slow?: boolean;
}

const DEFAULT_SIZE = 500;

/** One page of distinct values; `total` and `remaining` count all of them. */
async function page<Row extends object>(
  core: Core,
  { page: number = 0, page_size = DEFAULT_SIZE }: { page?: number; page_size?: number },
  { found, order, slow = false }: Listing,
) {
  const size = Math.min(page_size, 10_000);
  const offset = Math.min(number * size, Number.MAX_SAFE_INTEGER);
  const [row] = await guarded<{ total: number; rows: Row[] }>(
    core,
    slow,
    sql`with found as materialized (${found})
    select (select count(*) from found) as total,
      (select coalesce(jsonb_agg(to_jsonb(p) order by place), '[]') from (
        select found.*, row_number() over (order by ${order}) as place from found order by place
        limit ${size} offset ${offset}) p) as rows`,
  );
  const { total = 0, rows = [] } = row ?? {};
  return { rows, total, remaining: Math.max(0, total - offset - rows.length) };
}
