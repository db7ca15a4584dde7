import type { Query } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import type { Core } from '../core.ts';
import type { Document } from '../query/index.ts';

interface Counts {
  total_tasks: number;
  completed_tasks_24h: number;
  total_runtime: number;
  last_task_run: number | null;
  status_count: Record<string, number>;
}

interface Row extends Counts {
  project: string;
  archived: boolean;
}

const NOTHING: Counts = {
  total_tasks: 0,
  completed_tasks_24h: 0,
  total_runtime: 0,
  last_task_run: null,
  status_count: {},
};

/** What tasks a project holds, with those of its descendants unless told not to; what user interfaces show on its card. */
export async function addStats(core: Core, documents: readonly Document[], request: Query): Promise<Document[]> {
  const ids = documents.map(({ id }) => String(id));
  const [stats, children, own] = await Promise.all([
    request['include_stats'] === true ? taskStats(core, ids, request['stats_with_children'] !== false) : undefined,
    subProjects(core, ids),
    request['check_own_contents'] === true ? ownContents(core, ids) : undefined,
  ]);
  return documents.map((document) => {
    const id = String(document['id']);
    const counts = (archived: boolean) =>
      stats?.find((row) => row.project === id && row.archived === archived) ?? NOTHING;
    return {
      ...document,
      sub_projects: children.filter(({ parent }) => parent === id).map(({ parent: _parent, ...child }) => child),
      ...(stats ? { stats: { active: wire(counts(false)), archived: wire(counts(true)) } } : {}),
      ...(own ? (own.find((row) => row.project === id)?.counts ?? { own_tasks: 0, own_models: 0 }) : {}),
    };
  });
}

function wire({ total_tasks, completed_tasks_24h, total_runtime, last_task_run, status_count }: Counts) {
  return {
    total_tasks,
    completed_tasks_24h,
    total_runtime,
    status_count,
    ...(last_task_run === null ? {} : { last_task_run }),
  };
}

async function taskStats(core: Core, ids: readonly string[], withChildren: boolean): Promise<Row[]> {
  const within = withChildren ? sql`(p.id = root.id or p.path @> array[root.id])` : sql`p.id = root.id`;
  const { rows } = await sql<Row>`
    select project, archived, sum(count)::bigint as total_tasks, sum(recent)::bigint as completed_tasks_24h,
      sum(runtime)::bigint as total_runtime, max(last_run) as last_task_run, jsonb_object_agg(status, count) as status_count
    from (
      select root.id as project, t.system_tags @> '{archived}' as archived, t.status, count(*) as count,
        count(*) filter (where t.status in ('completed', 'published') and t.completed > now() - interval '24 hours') as recent,
        coalesce(sum(t.active_duration), 0) as runtime, extract(epoch from max(t.started))::bigint as last_run
      from unnest(${[...ids]}::text[]) root (id)
        join tracking.projects p on ${within} join tracking.tasks t on t.project = p.id
      group by 1, 2, 3) counted
    group by 1, 2`.execute(core.db);
  return rows;
}

async function subProjects(core: Core, ids: readonly string[]) {
  const { rows } = await sql<{
    parent: string;
    id: string;
    name: string;
  }>`select parent, id, name from tracking.projects
    where parent = any(${[...ids]}::text[]) order by name limit 10000`.execute(core.db);
  return rows;
}

async function ownContents(core: Core, ids: readonly string[]) {
  const { rows } = await sql<{ project: string; own_tasks: number; own_models: number }>`
    select root.id as project, (select count(*) from tracking.tasks t where t.project = root.id) as own_tasks,
      (select count(*) from tracking.models m where m.project = root.id) as own_models
    from unnest(${[...ids]}::text[]) root (id)`.execute(core.db);
  return rows.map(({ project, ...counts }) => ({ project, counts }));
}
