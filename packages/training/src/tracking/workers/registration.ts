import type { WorkersRegister, WorkersStatusReport } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import type { Static } from 'typebox';
import type { Db } from '../core.ts';
import type { Call } from '../wire/endpoint.ts';
import { ApiError } from '../wire/errors.ts';
import { writeStats } from './stats.ts';

const DEFAULT_TIMEOUT_SECONDS = 600;

type Registration = Static<typeof WorkersRegister>;
type Report = Static<typeof WorkersStatusReport>;

export async function registerWorker(db: Db, body: Registration, { identity, ip }: Call): Promise<void> {
  const { worker, queues = [], tags = [], system_tags = [], resources } = body;
  const timeout = body.timeout || DEFAULT_TIMEOUT_SECONDS;
  if (timeout < 0) throw new ApiError('workerRegistration', { worker, timeout }, 'invalid timeout');
  await requireQueues(db, queues);
  if (resources) await weighQueues(db, queues, resources);
  await sql`insert into tracking.workers (id, user_id, ip, register_time, register_timeout, last_activity_time, expires,
      queues, tags, system_tags)
    values (${worker}, ${identity.user}, ${ip}, now(), ${timeout}, now(), now() + make_interval(secs => ${timeout}),
      ${queues}::text[], ${tags}::text[], ${system_tags}::text[])
    on conflict (user_id, id) do update set ip = excluded.ip, register_time = excluded.register_time,
      register_timeout = excluded.register_timeout, last_activity_time = excluded.last_activity_time,
      expires = excluded.expires, queues = excluded.queues, tags = excluded.tags, system_tags = excluded.system_tags,
      task = null, queue = null`.execute(db);
}

/** Usage reports weigh the time of tasks by what the last worker said of its queues. In the order in which queues are locked. */
async function weighQueues(db: Db, queues: readonly string[], resources: NonNullable<Registration['resources']>) {
  const { cpu_usage, gpu_usage } = resources;
  await sql`update tracking.queues q set
      resources = jsonb_strip_nulls(${JSON.stringify({ cpu_usage: cpu_usage ?? null, gpu_usage: gpu_usage ?? null })}::jsonb)
    from (select id from tracking.queues where id = any(${[...queues]}::text[]) order by id for update) locked
    where q.id = locked.id`.execute(db);
}

async function requireQueues(db: Db, queues: readonly string[]): Promise<void> {
  if (queues.length === 0) return;
  const rows = await db
    .selectFrom('queues')
    .select('id')
    .where('id', 'in', [...queues])
    .execute();
  const known = new Set(rows.map(({ id }) => id));
  const unknown = queues.filter((id) => !known.has(id));
  if (unknown.length > 0) throw new ApiError('invalidQueueId', { queues: unknown });
}

/** A report keeps a worker registered; one that was not registered, or no longer, is from here on. */
export async function reportStatus(db: Db, body: Report, call: Call): Promise<void> {
  const { worker, queues, tags, system_tags, machine_stats = {} } = body;
  // Agents that run nothing send an empty text as often as nothing.
  const [task, queue] = [body.task || null, body.queue || null];
  const { user } = call.identity;
  if (task) await touchTask(db, { task, worker, user });
  const { rows } = await sql`select 1 from tracking.workers
    where id = ${worker} and user_id = ${user} and expires > now()`.execute(db);
  if (rows.length === 0) await registerWorker(db, { worker }, call);
  await sql`update tracking.workers set last_activity_time = now(), last_report_time = now(), ip = ${call.ip},
      expires = now() + make_interval(secs => register_timeout), task = ${task}, queue = ${queue},
      queues = coalesce(${queues?.length ? queues : null}::text[], queues), tags = coalesce(${tags ?? null}::text[], tags),
      system_tags = coalesce(${system_tags ?? null}::text[], system_tags)
    where id = ${worker} and user_id = ${user}`.execute(db);
  await writeStats(db, { worker, timestamp: body.timestamp, task, stats: machine_stats });
}

async function touchTask(db: Db, { task, worker, user }: { task: string; worker: string; user: string }) {
  const now = new Date();
  const { numUpdatedRows } = await db
    .updateTable('tasks')
    .set({
      last_worker: worker,
      last_worker_report: now,
      last_update: now,
      last_change: now,
      last_changed_by: user,
    })
    .where('id', '=', task)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) throw new ApiError('invalidTaskId', { task });
}
