import { cpus, freemem, totalmem } from 'node:os';
import { TRACKING_VERSIONS } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import { COMPANY, type Core } from '../core.ts';
import { wireDate } from '../query/index.ts';

const DAY_SECONDS = 86_400;
const BYTES_PER_GB = 1_073_741_824;
const MOST_AGENTS = 1_000;

/** What the server has done and what its agents have; the figures go nowhere but into the answer. */
export async function serverStatistics(core: Core, uid: string, seconds = DAY_SECONDS): Promise<object> {
  const counts = await sql<{ queues: number; users: number }>`select
    (select count(*) from tracking.queues) as queues, (select count(*) from tracking.users) as users`.execute(core.db);
  return {
    time: wireDate(new Date()),
    company_id: COMPANY.id,
    server: {
      version: TRACKING_VERSIONS.server,
      deployment: 'ranloop',
      uuid: uid,
      queues: { count: counts.rows[0]?.queues ?? 0 },
      users: { count: counts.rows[0]?.users ?? 0 },
      resources: resources(),
      experiments: (await experiments(core, false))[0] ?? {},
    },
    agents: await agents(core, seconds),
  };
}

function resources(): object {
  return {
    num_cores: cpus().length,
    mem_used_gb: (totalmem() - freemem()) / BYTES_PER_GB,
    mem_free_gb: freemem() / BYTES_PER_GB,
    process_mem_gb: process.memoryUsage().rss / BYTES_PER_GB,
    uptime_sec: Math.round(process.uptime()),
  };
}

interface Experiments {
  worker: string | null;
  count: number;
  avg_run_time_sec: number;
  avg_iterations: number;
}

/** Tasks that were started, all together or by the worker that had them last. */
async function experiments(core: Core, byWorker: boolean): Promise<Omit<Experiments, 'worker'>[] | Experiments[]> {
  const group = byWorker ? sql`last_worker` : sql`null::text`;
  const { rows } = await sql<Experiments>`select ${group} as worker, count(*) as count,
      trunc(avg(extract(epoch from last_update - started)))::bigint as avg_run_time_sec,
      trunc(avg(last_iteration))::bigint as avg_iterations
    from tracking.tasks where started is not null and status not in ('created', 'queued')
      and ${byWorker ? sql`last_worker is not null` : sql`true`}
    group by 1 order by 1 limit ${MOST_AGENTS}`.execute(core.db);
  return byWorker ? rows : rows.map(({ worker: _worker, ...rest }) => rest);
}

interface Usage {
  worker: string;
  metric: string;
  min: number;
  max: number;
  avg: number;
}

async function agents(core: Core, seconds: number): Promise<object[]> {
  const { rows } = await sql<Usage>`select s.worker, m.key as metric, min(v.value) as min, max(v.value) as max,
      avg(v.value) as avg
    from tracking.worker_stats s cross join lateral jsonb_each(s.stats) m
      cross join lateral (select (item #>> '{}')::double precision as value from jsonb_array_elements(
        case jsonb_typeof(m.value) when 'array' then m.value else jsonb_build_array(m.value) end) item
        where jsonb_typeof(item) = 'number') v
    where s.received > now() - make_interval(secs => ${seconds}) and m.key in ('cpu_usage', 'memory_used', 'memory_free')
    group by 1, 2 order by 1, 2 limit ${MOST_AGENTS * 3}`.execute(core.db);
  const found = new Map<string, { uuid: string; resources: Record<string, unknown>; experiments: object }>();
  const agent = (uuid: string) => {
    const known = found.get(uuid) ?? { uuid, resources: { interval_sec: seconds }, experiments: {} };
    found.set(uuid, known);
    return known;
  };
  for (const { worker, metric, ...usage } of rows) agent(worker).resources[metric] = usage;
  for (const { worker, ...rest } of (await experiments(core, true)) as Experiments[])
    if (worker !== null) agent(worker).experiments = rest;
  return [...found.values()];
}
