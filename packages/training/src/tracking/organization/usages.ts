import type { ProjectUsages } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import type { Core } from '../core.ts';
import { type Period, parsePeriod } from './period.ts';

type Key = 'project' | 'user' | 'queue';
type Usage = 'duration' | 'cpu_usage' | 'gpu_usage';

/** What a second of a task counts for when no worker said how many processors stand behind its queue. */
const WEIGHT = 1;
/** Runs that are not work on a model. */
const NO_WORK = { tags: ['dataset', 'reports', 'hidden'], types: ['report', 'controller'] };
const OTHER = '_other_';

interface Row {
  key: string | null;
  name: string | null;
  /** Days since the epoch, in the zone of the period. */
  day: number;
  duration: number;
  cpu_usage: number;
  gpu_usage: number;
  /** Whether a weight was assumed. */
  cpu_artificial: boolean;
  gpu_artificial: boolean;
}

/**
 * How long tasks ran on each day of a period, by project, user and queue. One project is broken down into itself and those
 * directly below; of several, each counts those below it.
 */
export async function projectUsages(core: Core, body: ProjectUsages) {
  const period = parsePeriod(body.from_date, body.to_date);
  const keys = body.breakdown_keys?.length ? body.breakdown_keys : (['project', 'queue', 'user'] as const);
  const fields = body.usage_fields?.length ? body.usage_fields : (['duration', 'gpu_usage'] as const);
  const runs = runsOf(body, period);
  const entries = await Promise.all(
    [...new Set(keys)].map(async (key) => {
      const { rows } = await sql<Row>`with runs as (${runs}), days as (
          select ${COLUMNS[key].key} as key, day, sum(seconds)::bigint as duration,
            sum(seconds * coalesce(r.cpu, ${WEIGHT}))::double precision as cpu_usage, bool_or(r.cpu is null) as cpu_artificial,
            sum(seconds * coalesce(r.gpu, ${WEIGHT}))::double precision as gpu_usage, bool_or(r.gpu is null) as gpu_artificial
          from runs r cross join lateral generate_series(started / 86400, stopped / 86400) day
            cross join lateral (
              select least(86400, stopped - day * 86400) - greatest(0, started - day * 86400) as seconds) part
          ${COLUMNS[key].join} group by 1, 2)
        select d.*, ${COLUMNS[key].name} as name from days d
        order by name nulls last, key, day`.execute(core.db);
      return [`${key}s`, breakdown(rows, fields, period)] as const;
    }),
  );
  return Object.fromEntries(entries);
}

const COLUMNS = {
  project: {
    key: sql`r.project`,
    join: sql``,
    name: sql`(select p.name from tracking.projects p where p.id = d.key)`,
  },
  user: {
    key: sql`r.user_id`,
    join: sql``,
    name: sql`(select u.name from tracking.users u where u.id = d.key)`,
  },
  // A queue that is no more is one of the others.
  queue: {
    key: sql`case when r.queue is not null then coalesce(q.id, ${sql.lit(OTHER)}) end`,
    join: sql`left join tracking.queues q on q.id = r.queue`,
    name: sql`(select coalesce(q.display_name, q.name) from tracking.queues q where q.id = d.key)`,
  },
} as const satisfies Record<Key, unknown>;

/** The runs that touch the period, each with the group that its project counts for; times in seconds of the zone. */
function runsOf({ projects, include_development }: ProjectUsages, { start, end, offset }: Period) {
  const only = projects.length === 1;
  const groups = only
    ? sql`select id from tracking.projects where id = any(${projects}::text[]) or parent = any(${projects}::text[])`
    : sql`select id from tracking.projects where id = any(${projects}::text[])`;
  const seconds = (time: ReturnType<typeof sql>) => sql`floor(extract(epoch from ${time}) + ${offset})::bigint`;
  const tags = include_development ? NO_WORK.tags : [...NO_WORK.tags, 'development'];
  return sql`select * from (
    select g.id as project, e.user_id, nullif(e.execution ->> 'queue', '') as queue,
      (w.resources ->> 'cpu_usage')::double precision as cpu, (w.resources ->> 'gpu_usage')::double precision as gpu,
      ${seconds(sql`greatest(e.started, ${start}::timestamptz)`)} as started,
      ${seconds(sql`least(case when e.status = 'in_progress' then now() else coalesce(e.completed, e.status_changed) end,
        ${end}::timestamptz)`)} as stopped
    from tracking.tasks e join tracking.projects p on p.id = e.project
      left join tracking.queues w on w.id = e.execution ->> 'queue'
      cross join lateral (
        select line.id from unnest(p.path || p.id) with ordinality line (id, depth)
        where line.id in (${groups}) order by ${only ? sql`depth desc` : sql`depth`} limit 1) g
    where e.started < ${end} and not e.system_tags && ${tags}::text[] and not e.type = any(${NO_WORK.types}::text[])
      and (e.status = 'in_progress' or coalesce(e.completed, e.status_changed) > ${start})
      and ${include_development ? sql`true` : sql`coalesce(e.execution ->> 'queue', '') <> ''`}) touched
    where stopped > started`;
}

function breakdown(rows: readonly Row[], fields: readonly Usage[], { first, last, offset }: Period) {
  const byKey = new Map<string | null, Row[]>();
  for (const row of rows) byKey.set(row.key, [...(byKey.get(row.key) ?? []), row]);
  const days = Array.from({ length: last - first + 1 }, (_, at) => first + at);
  const dates = days.map((day) => day * 86_400 - offset);
  const series = [...byKey].map(([id, own]) => {
    const byDay = new Map(own.map((row) => [row.day, row]));
    const values = fields.map((field) => [field, days.map((day) => byDay.get(day)?.[field] ?? 0)] as const);
    const name = own[0]?.name ?? (id === OTHER ? 'other' : id);
    return { head: { name, id }, values, artificial: artificialOf(own, fields) };
  });
  return {
    total: series.map(({ head, values, artificial }) => ({
      ...head,
      ...Object.fromEntries(values.map(([field, list]) => [field, list.reduce((sum, value) => sum + value, 0)])),
      ...artificial,
    })),
    series: series.map(({ head, values, artificial }) => ({
      ...head,
      dates,
      ...Object.fromEntries(values),
      ...artificial,
    })),
  };
}

function artificialOf(rows: readonly Row[], fields: readonly Usage[]): Record<string, true> {
  return {
    ...(fields.includes('cpu_usage') && rows.some((row) => row.cpu_artificial) ? { cpu_artificial_weights: true } : {}),
    ...(fields.includes('gpu_usage') && rows.some((row) => row.gpu_artificial) ? { gpu_artificial_weights: true } : {}),
  };
}
