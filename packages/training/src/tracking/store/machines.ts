import { type Kysely, type Migration, sql } from 'kysely';

/** Accounts beside those of the installation, and what machines report over time: workers, queues, serving containers. */
export const accountsAndMachines: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

const STATEMENTS = [
  `alter table tracking.users add column email text, add column given_name text, add column family_name text,
    add column avatar text, add column created_in_version text`,
  // Tokens of a deleted user are good for up to a year: they are refused by this list.
  `create table tracking.removed_users (id text primary key, removed timestamptz(3) not null)`,
  `alter table tracking.credentials add column last_used_from text`,
  `create index credentials_user on tracking.credentials (user_id)`,
  // Two users may run workers of the same name: neither can put the other's out of service.
  `alter table tracking.workers drop constraint workers_pkey, add primary key (user_id, id)`,
  // {cpu_usage, gpu_usage}: what a second of a task from this queue costs, as its workers say.
  `alter table tracking.queues add column resources jsonb not null default '{}'`,
  // The length of a queue, and how many seconds its tasks had waited on the average, as it changed: of each second the
  // longest wait, which is what a chart shows of a span.
  `create table tracking.queue_metrics (
    queue text not null references tracking.queues on delete cascade, ts bigint not null,
    waiting double precision not null, length integer not null, primary key (queue, ts))`,
  `create index queue_metrics_age on tracking.queue_metrics (ts)`,
  // What a worker handed out and nobody has shown to have received. No reference to tasks: taking its lock under that
  // of the queue would be the wrong way around.
  `create table tracking.popped_tasks (
    task text primary key, queue text not null, added timestamptz(3) not null, popped timestamptz(3) not null)`,
  // One row a report; \`stats\` is {metric: number | [number of each device]}. \`ts\` is the worker's clock, \`received\` ours.
  `create table tracking.worker_stats (
    worker text not null, ts bigint not null, received timestamptz(3) not null default now(), task text,
    stats jsonb not null, primary key (worker, ts))`,
  `create index worker_stats_order on tracking.worker_stats (ts)`,
  `create index worker_stats_age on tracking.worker_stats (received)`,
  `create table tracking.worker_properties (
    worker text not null, key text not null, value text not null, expires timestamptz(3), primary key (worker, key))`,
  `create table tracking.serving_containers (
    id text primary key, endpoint_url text, info jsonb not null, ip text not null, register_time timestamptz(3) not null,
    register_timeout integer not null, last_activity_time timestamptz(3) not null, expires timestamptz(3) not null)`,
  `create index serving_containers_url on tracking.serving_containers using hash (endpoint_url)`,
  `create table tracking.serving_stats (
    container text not null, endpoint_url text not null, ts bigint not null, stats jsonb not null)`,
  `create index serving_stats_order on tracking.serving_stats (md5(endpoint_url), ts)`,
  `create index serving_stats_age on tracking.serving_stats (ts)`,
  // What the whole server has one of: storage credentials, its own id.
  `create table tracking.settings (key text primary key, value jsonb not null, updated timestamptz(3) not null)`,
];
