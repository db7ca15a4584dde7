import { type ProjectsListOptions, TASK_STATUSES } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import type { Core } from '../core.ts';
import { MODELS } from '../models/entity.ts';
import type { Sql } from '../query/entity.ts';
import { TASKS } from '../tasks/entity.ts';
import { PROJECTS } from './entity.ts';
import { countedBy, filterCondition } from './selection.ts';

export type State = 'active' | 'archived';

export interface Counting {
  readonly ids: readonly string[];
  readonly options: ProjectsListOptions;
  /** The only states that are counted. */
  readonly states: readonly State[];
  /** Those below a project that count, when not all do. */
  readonly selected: readonly string[] | undefined;
}

/** By the id of the project. */
type Facts = Map<string, Record<string, unknown>>;

interface Row {
  root: string;
  archived: boolean;
  status: string;
  count: number;
  recent: number;
  runtime: number;
  last_run: number | null;
}

/** Pairs of a project and each project that its numbers come from. */
function families({ ids, options, selected }: Counting): Sql {
  const wanted = sql`${[...ids]}::text[]`;
  if (options.stats_with_children === false)
    return sql`select id as root, id as project from unnest(${wanted}) own (id)`;
  const all = options.search_hidden === true || options.children_type !== undefined;
  const below = sql`${all ? sql`true` : sql`not p.system_tags @> '{hidden}'`}
    and ${selected ? sql`p.id = any(${[...selected]}::text[])` : sql`true`}`;
  return sql`select line.id as root, p.id as project
    from tracking.projects p cross join lateral unnest(p.path || p.id) line (id)
    where (p.id = any(${wanted}) or p.path && ${wanted}) and line.id = any(${wanted})
      and (line.id = p.id or ${below})`;
}

const byUsers = ({ active_users }: ProjectsListOptions) =>
  active_users?.length ? sql`e.user_id = any(${[...active_users]}::text[])` : sql`true`;

const inStates = (states: readonly State[]) =>
  states.length > 1
    ? sql`true`
    : states[0] === 'archived'
      ? sql`e.system_tags @> '{archived}'`
      : sql`not e.system_tags @> '{archived}'`;

/** What tasks a project and those below it hold, and the names of those below. */
export async function projectStats(core: Core, counting: Counting): Promise<Facts> {
  const facts =
    counting.options.children_type === 'dataset'
      ? await datasetCounts(core, counting)
      : await taskCounts(core, counting);
  const { rows } = await sql<{ root: string; id: string; name: string }>`
    select f.root, p.id, p.name from (${families(counting)}) f join tracking.projects p on p.id = f.project
    where f.root <> f.project order by p.name collate "C" limit 10000`.execute(core.db);
  for (const [id, fact] of facts)
    fact['sub_projects'] = rows.filter(({ root }) => root === id).map(({ root: _root, ...below }) => below);
  return facts;
}

async function taskCounts(core: Core, counting: Counting): Promise<Facts> {
  const filter = filterCondition(TASKS, countedBy(counting.options)) ?? sql`false`;
  const { rows } = await sql<Row>`
    select f.root, e.system_tags @> '{archived}' as archived, e.status, count(*) as count,
      count(*) filter (where e.completed > now() - interval '24 hours'
        and e.status not in ('queued', 'in_progress', 'failed')) as recent,
      coalesce(sum(floor(extract(epoch from e.completed - e.started))) filter (where e.completed > e.started), 0)::bigint
        as runtime,
      extract(epoch from max(e.started))::bigint as last_run
    from (${families(counting)}) f join tracking.tasks e on e.project = f.project
    where ${filter} and ${byUsers(counting.options)} and ${inStates(counting.states)}
    group by 1, 2, 3`.execute(core.db);
  const none = Object.fromEntries(TASK_STATUSES.map((status) => [status, 0]));
  const part = (id: string, state: State) => {
    const own = rows.filter(({ root, archived }) => root === id && archived === (state === 'archived'));
    const sum = (of: (row: Row) => number) => own.reduce((total, row) => total + of(row), 0);
    const last = Math.max(0, ...own.map(({ last_run }) => last_run ?? 0));
    return {
      status_count: { ...none, ...Object.fromEntries(own.map(({ status, count }) => [status, count])) },
      total_tasks: sum(({ count }) => count),
      total_runtime: sum(({ runtime }) => runtime),
      completed_tasks_24h: sum(({ recent }) => recent),
      ...(last > 0 ? { last_task_run: last } : {}),
    };
  };
  return new Map(
    counting.ids.map((id) => [
      id,
      { stats: Object.fromEntries(counting.states.map((state) => [state, part(id, state)])) },
    ]),
  );
}

const datasets = (options: ProjectsListOptions) =>
  sql`e.system_tags @> '{dataset}' and ${filterCondition(PROJECTS, countedBy(options)) ?? sql`false`} and ${byUsers(options)}`;

async function datasetCounts(core: Core, counting: Counting): Promise<Facts> {
  const { rows } = await sql<{ root: string; count: number; tags: string[] }>`
    select f.root, count(distinct e.id) as count,
      coalesce(array_agg(distinct tag collate "C") filter (where tag is not null), '{}') as tags
    from (${families(counting)}) f join tracking.projects e on e.parent = f.project left join lateral unnest(e.tags) tag on true
    where ${datasets(counting.options)} group by 1`.execute(core.db);
  return new Map(
    counting.ids.map((id) => {
      const { count = 0, tags = [] } = rows.find(({ root }) => root === id) ?? {};
      return [id, { stats: { datasets: { count, tags } } }];
    }),
  );
}

/** What a project holds itself. */
export async function ownContents(core: Core, { ids, options, states }: Counting): Promise<Facts> {
  const count = async (table: string, column: string, condition: Sql) => {
    const { rows } = await sql<{ id: string; count: number }>`
      select e.${sql.raw(column)} as id, count(*) as count from ${sql.raw(`tracking.${table}`)} e
      where e.${sql.raw(column)} = any(${[...ids]}::text[]) and ${condition} group by 1`.execute(core.db);
    return new Map(rows.map((row) => [row.id, row.count]));
  };
  if (options.children_type === 'dataset') {
    const own = await count('projects', 'parent', datasets(options));
    return new Map(ids.map((id) => [id, { own_datasets: own.get(id) ?? 0 }]));
  }
  const counted = countedBy(options);
  const of = (entity: typeof TASKS) =>
    sql`${filterCondition(entity, counted) ?? sql`false`} and ${byUsers(options)} and ${inStates(states)}`;
  const tasks = await count('tasks', 'project', of(TASKS));
  const models = await count('models', 'project', of(MODELS));
  return new Map(ids.map((id) => [id, { own_tasks: tasks.get(id) ?? 0, own_models: models.get(id) ?? 0 }]));
}

/** Of what size a dataset is: its newest version says so. Null for what is no dataset. */
export async function datasetSizes(core: Core, { ids, options }: Counting): Promise<Facts> {
  const { rows } = await sql<{ project: string; runtime: Record<string, unknown> }>`
    select distinct on (e.project) e.project,
      jsonb_build_object('file_count', e.runtime -> 'ds_file_count', 'total_size', e.runtime -> 'ds_total_size') as runtime
    from tracking.tasks e
    where e.project = any(${[...ids]}::text[]) and e.runtime <> '{}' and ${inStates(['active'])} and ${byUsers(options)}
    order by e.project, e.last_update desc, e.id`.execute(core.db);
  const whole = (value: unknown) => (typeof value === 'number' && Number.isFinite(value) ? Math.trunc(value) : 0);
  const sizes = new Map(rows.map(({ project, runtime }) => [project, runtime]));
  return new Map(
    ids.map((id) => {
      const size = sizes.get(id);
      const stats = size && { file_count: whole(size['file_count']), total_size: whole(size['total_size']) };
      return [id, { dataset_stats: stats ?? null }];
    }),
  );
}
