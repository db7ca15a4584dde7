import { checker } from '@ranloop/contracts/schema';
import { ProjectsListOptions, type Query } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import type { Core } from '../core.ts';
import { queryDocuments } from '../query/index.ts';
import type { Call } from '../wire/endpoint.ts';
import { PROJECTS } from './entity.ts';
import { selectProjects } from './selection.ts';
import { type Counting, datasetSizes, ownContents, projectStats, type State } from './stats.ts';

const OPTIONS = Object.keys(ProjectsListOptions.properties);

/** `parent` matches anywhere above, unless the search is shallow: then only the top level or direct children. */
function adjusted({ parent, path: _path, shallow_search, ...request }: Query): Query {
  if (shallow_search !== true) return parent === undefined ? request : { ...request, path: parent };
  return { ...request, parent: parent ?? [null] };
}

export async function listProjects(core: Core, body: Query) {
  const { documents, ...rest } = await queryDocuments(core, { entity: PROJECTS, request: adjusted(body) });
  return { projects: documents, ...rest };
}

/** The options of get_all_ex; names of them are not fields to filter by. */
function readOptions(body: Query): { options: ProjectsListOptions; request: Query } {
  const options = checker(ProjectsListOptions)(body, 'projects.get_all_ex');
  const request = Object.fromEntries(Object.entries(body).filter(([key]) => !OPTIONS.includes(key))) as Query;
  const { non_public, allow_public = !(non_public ?? false), search_hidden, shallow_search } = options;
  const asked = {
    ...(search_hidden === undefined ? {} : { search_hidden }),
    ...(shallow_search === undefined ? {} : { shallow_search }),
  };
  return { options: { ...options, allow_public }, request: { ...request, ...asked } };
}

export async function listProjectsEx(core: Core, body: Query, { nulls }: Call) {
  const { options, request } = readOptions(body);
  const named = request['id'] === undefined ? undefined : [request['id']].flat().map(String);
  const selected = await selectProjects(core, options, named);
  if (selected?.length === 0) return { projects: [] };
  const also = sql`${options.allow_public ? sql`true` : sql`not e.public`}
    and ${selected ? sql`e.id = any(${selected}::text[])` : sql`true`}`;
  const { documents, ...rest } = await queryDocuments(core, {
    entity: PROJECTS,
    request: adjusted(request),
    options: { joined: true, also },
  });
  const states: State[] = nulls.includes('stats_for_state')
    ? ['active', 'archived']
    : [options.stats_for_state ?? 'active'];
  const ids = documents.map(({ id }) => String(id));
  const facts = await gather(core, { ids, options, states, selected });
  const projects = documents.map((document) =>
    Object.assign({ ...document }, ...facts.map((found) => found.get(String(document['id'])) ?? {})),
  );
  return { projects, ...rest };
}

/** Everything that was asked about the projects of a page, each with one query whatever their number. */
function gather(core: Core, counting: Counting) {
  const { options } = counting;
  if (counting.ids.length === 0) return Promise.resolve([]);
  return Promise.all([
    ...(options.search_hidden ? [hidden(core, counting.ids)] : []),
    ...(options.check_own_contents ? [ownContents(core, counting)] : []),
    ...(options.include_stats ? [projectStats(core, counting)] : []),
    ...(options.include_dataset_stats ? [datasetSizes(core, counting)] : []),
  ]);
}

async function hidden(core: Core, ids: readonly string[]) {
  const { rows } = await sql<{ id: string }>`select id from tracking.projects
    where id = any(${[...ids]}::text[]) and system_tags @> '{hidden}'`.execute(core.db);
  return new Map<string, Record<string, unknown>>(rows.map(({ id }) => [id, { hidden: true }]));
}
