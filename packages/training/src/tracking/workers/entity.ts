import type { Worker } from '@ranloop/contracts/tracking';
import { type RawBuilder, sql } from 'kysely';
import { COMPANY, type Core } from '../core.ts';
import { toDocument } from '../query/index.ts';

export interface WorkerFilter {
  /** Heard of within so many seconds; 0 means all that are registered. */
  readonly seconds: number;
  readonly pattern?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly system_tags?: readonly string[] | undefined;
}

const MOST = 10_000;

function registered({ seconds, pattern, tags, system_tags }: WorkerFilter): RawBuilder<unknown> {
  const conditions = [sql`w.expires > now()`];
  if (seconds > 0) conditions.push(sql`w.last_activity_time > now() - make_interval(secs => ${seconds})`);
  if (pattern) conditions.push(sql`w.id like ${likePattern(pattern)}`);
  conditions.push(...tagConditions(sql`w.tags`, tags), ...tagConditions(sql`w.system_tags`, system_tags));
  return sql.join(conditions, sql` and `);
}

/** Any of the tags, and none of those with a dash before them. */
function tagConditions(column: RawBuilder<unknown>, tags: readonly string[] = []): RawBuilder<unknown>[] {
  const excluded = tags.filter((tag) => tag.startsWith('-')).map((tag) => tag.slice(1));
  const included = tags.filter((tag) => !tag.startsWith('-'));
  return [
    ...(included.length > 0 ? [sql`${column} && ${included}::text[]`] : []),
    ...(excluded.length > 0 ? [sql`not ${column} && ${excluded}::text[]`] : []),
  ];
}

export async function countWorkers(core: Core, filter: WorkerFilter): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from tracking.workers w
    where ${registered(filter)}`.execute(core.db);
  return rows[0]?.count ?? 0;
}

/** The key names a worker among those of all users, who may have workers of the same name. */
export const WORKER_KEY = `'worker_${COMPANY.id}_' || w.user_id || '_' || w.id`;

export async function listWorkers(core: Core, filter: WorkerFilter): Promise<Worker[]> {
  const { rows } = await sql<
    Record<string, unknown>
  >`select w.id, ${sql.raw(WORKER_KEY)} as key, w.ip, w.register_time, w.register_timeout,
      w.last_activity_time, w.last_report_time, w.tags, w.system_tags,
      jsonb_build_object('id', w.user_id, 'name', u.name) as user,
      ${sql.lit(JSON.stringify(COMPANY))}::jsonb as company,
      case when t.id is not null then jsonb_build_object('id', t.id, 'name', t.name, 'last_iteration', t.last_iteration,
        'running_time', greatest(0, extract(epoch from now() - coalesce(t.started, now())) * 1000)::bigint) end as task,
      case when p.id is not null then jsonb_build_object('id', p.id, 'name', p.name) end as project,
      (select ${queueObject} from tracking.queues q where q.id = w.queue) as queue,
      coalesce((select jsonb_agg(${queueObject} order by q.name) from tracking.queues q where q.id = any(w.queues)), '[]') as queues
    from tracking.workers w
      left join tracking.users u on u.id = w.user_id
      left join tracking.tasks t on t.id = w.task
      left join tracking.projects p on p.id = t.project
    where ${registered(filter)} order by w.id, w.user_id limit ${MOST}`.execute(core.db);
  return rows.map((row) => toDocument(row) as unknown as Worker);
}

const queueObject =
  sql.raw(`jsonb_strip_nulls(jsonb_build_object('id', q.id, 'name', q.name, 'display_name', q.display_name,
  'num_tasks', (select count(*) from tracking.queue_entries n where n.queue = q.id),
  'next_task', (select jsonb_build_object('id', t.id, 'name', t.name) from tracking.queue_entries n
    join tracking.tasks t on t.id = n.task where n.queue = q.id order by n.position limit 1)))`);

/** A glob with `*` and `?`, as LIKE has it. */
function likePattern(glob: string): string {
  return glob
    .replace(/[\\%_]/g, '\\$&')
    .replaceAll('*', '%')
    .replaceAll('?', '_');
}
