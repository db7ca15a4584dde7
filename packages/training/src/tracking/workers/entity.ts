import type { Worker } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import { COMPANY, type Core } from '../core.ts';
import { toDocument } from '../query/index.ts';

interface Wanted {
  readonly seconds: number;
  readonly pattern?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly system_tags?: readonly string[] | undefined;
}

const MOST = 10_000;

/** Workers that are registered and were heard of within `seconds`; 0 means all that are registered. */
export async function listWorkers(core: Core, { seconds, pattern, tags, system_tags }: Wanted): Promise<Worker[]> {
  const conditions = [sql`w.expires > now()`];
  if (seconds > 0) conditions.push(sql`w.last_activity_time > now() - make_interval(secs => ${seconds}::int)`);
  if (pattern) conditions.push(sql`w.id like ${likePattern(pattern)}`);
  if (tags?.length) conditions.push(sql`w.tags && ${[...tags]}::text[]`);
  if (system_tags?.length) conditions.push(sql`w.system_tags && ${[...system_tags]}::text[]`);
  const { rows } = await sql<
    Record<string, unknown>
  >`select w.id, w.id as key, w.ip, w.register_time, w.register_timeout,
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
    where ${sql.join(conditions, sql` and `)} order by w.id limit ${MOST}`.execute(core.db);
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
