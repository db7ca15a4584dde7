import { WorkersGetAll, WorkersRegister, WorkersStatusReport, WorkersUnregister } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import { type Core, type Db, transaction } from '../core.ts';
import { type Call, type Endpoint, endpoint } from '../wire/endpoint.ts';
import { ApiError } from '../wire/errors.ts';
import { listWorkers } from './entity.ts';

const DEFAULT_TIMEOUT_SECONDS = 600;
const DEFAULT_LAST_SEEN_SECONDS = 3_600;

export function workerEndpoints(core: Core): Endpoint[] {
  const changed = (worker: string, task?: string) =>
    core.changes.send({ kind: 'worker', subject: worker, ...(task === undefined ? {} : { task }) });
  return [
    endpoint({
      name: 'workers.register',
      since: '2.4',
      body: WorkersRegister,
      run: async (body, call) => {
        await transaction(core, (trx) => register(trx, body, call));
        changed(body.worker);
        return {};
      },
    }),
    endpoint({
      name: 'workers.unregister',
      since: '2.4',
      body: WorkersUnregister,
      run: async ({ worker }) => {
        // Agents say goodbye twice: a worker that is not there is no error.
        await core.db.deleteFrom('workers').where('id', '=', worker).execute();
        changed(worker);
        return {};
      },
    }),
    endpoint({
      name: 'workers.status_report',
      since: '2.4',
      body: WorkersStatusReport,
      run: async (body, call) => {
        await transaction(core, (trx) => report(trx, body, call));
        changed(body.worker, body.task);
        return {};
      },
    }),
    endpoint({
      name: 'workers.get_all',
      since: '2.4',
      body: WorkersGetAll,
      run: async ({ last_seen, worker_pattern, ...rest }) => {
        const wanted = { seconds: last_seen ?? DEFAULT_LAST_SEEN_SECONDS, pattern: worker_pattern, ...rest };
        return { workers: await listWorkers(core, wanted) };
      },
    }),
    endpoint({
      name: 'workers.get_count',
      since: '2.26',
      body: WorkersGetAll,
      run: async ({ last_seen, worker_pattern, ...rest }) => {
        const workers = await listWorkers(core, { seconds: last_seen ?? 0, pattern: worker_pattern, ...rest });
        return { count: workers.length };
      },
    }),
  ];
}

interface Registration {
  worker: string;
  timeout?: number;
  queues?: string[];
  tags?: string[];
  system_tags?: string[];
}

async function register(db: Db, body: Registration, { identity, ip }: Call): Promise<void> {
  const { worker, timeout = DEFAULT_TIMEOUT_SECONDS, queues = [], tags = [], system_tags = [] } = body;
  await requireQueues(db, queues);
  await sql`insert into tracking.workers (id, user_id, ip, register_time, register_timeout, last_activity_time, expires,
      queues, tags, system_tags)
    values (${worker}, ${identity.user}, ${ip}, now(), ${timeout}, now(), now() + make_interval(secs => ${timeout}),
      ${queues}::text[], ${tags}::text[], ${system_tags}::text[])
    on conflict (user_id, id) do update set ip = excluded.ip, register_time = excluded.register_time,
      register_timeout = excluded.register_timeout, last_activity_time = excluded.last_activity_time,
      expires = excluded.expires, queues = excluded.queues, tags = excluded.tags, system_tags = excluded.system_tags,
      task = null, queue = null`.execute(db);
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

interface Report extends Registration {
  timestamp: number;
  task?: string;
  queue?: string;
  machine_stats?: Record<string, unknown>;
}

/** A report keeps a worker registered; one that was not registered is from here on. */
async function report(db: Db, body: Report, call: Call): Promise<void> {
  const { worker, task, queue, queues, tags, machine_stats = {} } = body;
  if (task) {
    const { numUpdatedRows } = await db
      .updateTable('tasks')
      .set({ last_worker: worker, last_worker_report: new Date(), last_update: new Date(), last_change: new Date() })
      .where('id', '=', task)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) throw new ApiError('invalidTaskId', { task });
  }
  const known = await db.selectFrom('workers').select('id').where('id', '=', worker).executeTakeFirst();
  if (!known) await register(db, { ...body, queues: [] }, call);
  await sql`update tracking.workers set last_activity_time = now(), last_report_time = now(), ip = ${call.ip},
      expires = now() + make_interval(secs => register_timeout), task = ${task ?? null}, queue = ${queue ?? null},
      queues = coalesce(${queues ?? null}::text[], queues), tags = coalesce(${tags ?? null}::text[], tags),
      machine_stats = ${JSON.stringify(machine_stats)}::jsonb
    where id = ${worker}`.execute(db);
}
