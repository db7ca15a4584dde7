import type { ProjectsListOptions, Query } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import type { Core } from '../core.ts';
import { MODELS } from '../models/entity.ts';
import { compileWhere } from '../query/compile.ts';
import type { Entity, Sql } from '../query/entity.ts';
import { TASKS } from '../tasks/entity.ts';
import { ApiError } from '../wire/errors.ts';
import { isObject } from '../wire/parameters.ts';
import { PROJECTS } from './entity.ts';

type Filter = Record<string, unknown>;

/** A filter by field, each a list or `{any, all, op}`, as a condition on rows `e`; undefined when a field is none of the entity's. */
export function filterCondition(entity: Entity, filter: Filter): Sql | undefined {
  const lists: Filter = {};
  const sets: Filter = {};
  for (const [field, given] of Object.entries(filter)) {
    const filled = Array.isArray(given) ? given.length > 0 : isObject(given) && Object.keys(given).length > 0;
    if (!filled) throw new ApiError('validation', { field }, 'a list or an object that is not empty');
    if (!Object.hasOwn(entity.columns, field)) return undefined;
    (Array.isArray(given) ? lists : sets)[field] = given;
  }
  return compileWhere(entity, { ...lists, filters: sets, search_hidden: true } as Query).sql;
}

const TYPES = {
  pipeline: { tag: 'pipeline', type: 'controller', folder: '.pipelines' },
  report: { tag: 'reports', type: 'report', folder: '.reports' },
  dataset: { tag: 'dataset', type: undefined, folder: '.datasets' },
} as const;

const tagsFilter = ({ children_tags, children_tags_filter }: ProjectsListOptions): Filter =>
  children_tags_filter ? { tags: children_tags_filter } : children_tags?.length ? { tags: children_tags } : {};

/** What tasks (for datasets: projects) the numbers about a project count. */
export function countedBy(options: ProjectsListOptions): Filter {
  if (options.include_stats_filter && Object.keys(options.include_stats_filter).length > 0)
    return options.include_stats_filter;
  if (!options.children_type) return {};
  const { tag, type } = TYPES[options.children_type];
  return { ...tagsFilter(options), system_tags: [tag], ...(type ? { type: [type] } : {}) };
}

/**
 * The projects that hold what is asked for (children of a type, or anything that certain users made), with all above them;
 * undefined when nothing is asked for. Within some projects and those below, when these are named.
 */
export async function selectProjects(
  core: Core,
  options: ProjectsListOptions,
  within?: readonly string[],
): Promise<string[] | undefined> {
  const { children_type, active_users, allow_public = true } = options;
  if (!children_type && !active_users?.length) return undefined;
  const users = active_users?.length ? sql`e.user_id = any(${[...active_users]}::text[])` : sql`true`;
  const scope = within
    ? sql`select p.id from tracking.projects p where p.id = any(${[...within]}::text[]) or p.path && ${[...within]}::text[]`
    : undefined;
  const of = (
    entity: Entity,
    projects: string,
    condition: Sql,
  ) => sql`select e.${sql.raw(entity === PROJECTS ? 'id' : 'project')} as id
    from ${sql.raw(`tracking.${entity.table}`)} e where ${users} and ${condition}
      and ${scope ? sql`e.${sql.raw(projects)} in (${scope})` : sql`true`}
      and ${allow_public ? sql`true` : sql`not e.public`}`;
  const tags = (entity: Entity) => filterCondition(entity, tagsFilter(options)) ?? sql`false`;
  const tagged = (tag: string) => sql`e.system_tags @> ${[tag]}::text[]`;
  const found = !children_type
    ? [of(PROJECTS, 'id', sql`true`), of(TASKS, 'project', sql`true`), of(MODELS, 'project', sql`true`)]
    : children_type === 'report'
      ? [of(TASKS, 'project', sql`${tagged('reports')} and ${tags(TASKS)}`)]
      : [
          of(
            PROJECTS,
            'parent',
            sql`${tagged(TYPES[children_type].tag)} and e.basename <> ${TYPES[children_type].folder} and ${tags(PROJECTS)}`,
          ),
        ];
  const { rows } = await sql<{ id: string }>`select distinct unnest(p.path || p.id) as id from tracking.projects p
    where p.id in (${sql.join(found, sql` union `)})`.execute(core.db);
  return rows.map(({ id }) => id);
}
