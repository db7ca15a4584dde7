import { type Kysely, type Migration, sql } from 'kysely';
import { accountsAndMachines } from './machines.ts';
import { inputModels, taskSearch } from './task-search.ts';

/** Every statement names the schema, so that the search path does not matter. */
const foundation: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of [...ENTITIES, ...EVENTS]) await sql.raw(statement).execute(db);
  },
};

/** Times are kept to the millisecond, as they appear on the wire: a client that asks for "later than what I saw" must not see it again. */
const ENTITIES = [
  // JSON has no NaN and no infinities: they become null on the wire.
  `create function tracking.finite(value double precision) returns double precision language sql immutable
    return case when value between '-1.7976931348623157e308' and '1.7976931348623157e308' then value end`,
  `create table tracking.users (
    id text primary key, name text not null, role text not null, preferences jsonb not null default '{}',
    created timestamptz(3) not null)`,
  `create table tracking.credentials (
    access_key text primary key, hash text not null, user_id text not null, label text,
    created timestamptz(3) not null, last_used timestamptz(3))`,
  `create table tracking.projects (
    id text primary key, name text not null unique, basename text not null, description text not null,
    user_id text not null, created timestamptz(3) not null, last_update timestamptz(3) not null,
    tags text[] not null, system_tags text[] not null, default_output_destination text,
    parent text, path text[] not null)`,
  `create index projects_path on tracking.projects using gin (path)`,
  `create index projects_parent on tracking.projects (parent)`,
  `create table tracking.tasks (
    id text primary key, name text not null, type text not null, status text not null, user_id text not null,
    project text, parent text, comment text not null, report text, report_assets text[] not null default '{}',
    tags text[] not null, system_tags text[] not null,
    created timestamptz(3) not null, started timestamptz(3), completed timestamptz(3), published timestamptz(3),
    status_changed timestamptz(3) not null, last_update timestamptz(3) not null, last_change timestamptz(3) not null,
    last_changed_by text not null, status_reason text not null default '', status_message text not null default '',
    last_worker text, last_worker_report timestamptz(3), last_iteration bigint not null default 0,
    active_duration bigint, enqueue_status text,
    script jsonb not null default '{}', execution jsonb not null default '{}', artifacts jsonb not null default '[]',
    output jsonb not null default '{}', container jsonb not null default '{}', hyperparams jsonb not null default '{}',
    configuration jsonb not null default '{}', runtime jsonb not null default '{}',
    models jsonb not null default '{"input":[],"output":[]}', log_lines bigint not null default 0
  ) with (fillfactor = 80)`,
  `create index tasks_project on tracking.tasks (project, last_update)`,
  `create index tasks_parent on tracking.tasks (parent) where parent is not null`,
  `create index tasks_status on tracking.tasks (status)`,
  `create index tasks_last_update on tracking.tasks (last_update, id)`,
  `create index tasks_created on tracking.tasks (created, id)`,
  // Names have no limit, so a tree of them would refuse the long ones.
  `create index tasks_name on tracking.tasks using hash (name)`,
  `create index tasks_tags on tracking.tasks using gin (tags)`,
  // Hyperparameters as rows: found and ordered by index, numbers as numbers.
  `create table tracking.task_params (
    task text not null references tracking.tasks on delete cascade, key_hash text not null,
    value text not null, number double precision, primary key (task, key_hash))`,
  `create index task_params_number on tracking.task_params (key_hash, number, task)`,
  `create index task_params_value on tracking.task_params (key_hash, left(value, 200))`,
  `create function tracking.as_number(value text) returns double precision language plpgsql immutable as $$
    begin
      return case when value ~ '^\\s*[-+]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][-+]?\\d{1,3})?\\s*$' then value::double precision end;
    exception when others then return null;
    end $$`,
  `create function tracking.index_params() returns trigger language plpgsql as $$
    begin
      if tg_op = 'UPDATE' and new.hyperparams is not distinct from old.hyperparams then return new; end if;
      delete from tracking.task_params where task = new.id;
      insert into tracking.task_params (task, key_hash, value, number)
        select new.id, md5(s.key || chr(1) || p.key), coalesce(p.value ->> 'value', ''),
               tracking.as_number(p.value ->> 'value')
        from jsonb_each(new.hyperparams) s, jsonb_each(s.value) p;
      return new;
    end $$`,
  `create trigger tasks_params after insert or update of hyperparams on tracking.tasks
    for each row execute function tracking.index_params()`,
  `create table tracking.models (
    id text primary key, name text not null, user_id text not null, created timestamptz(3) not null,
    last_update timestamptz(3) not null, last_change timestamptz(3) not null, task text, parent text, project text,
    comment text not null, tags text[] not null, system_tags text[] not null, framework text,
    design jsonb not null default '{}', labels jsonb not null default '{}', uri text, ready boolean not null,
    metadata jsonb not null default '{}', last_iteration bigint not null default 0)`,
  `create index models_project on tracking.models (project, last_update)`,
  `create index models_task on tracking.models (task) where task is not null`,
  `create index models_uri on tracking.models using hash (uri)`,
  `create index models_name on tracking.models using hash (name)`,
  `create table tracking.queues (
    id text primary key, name text not null unique, display_name text, user_id text not null,
    created timestamptz(3) not null, last_update timestamptz(3) not null, tags text[] not null,
    system_tags text[] not null, metadata jsonb not null default '{}')`,
  `create table tracking.queue_entries (
    queue text not null references tracking.queues on delete cascade,
    task text not null references tracking.tasks on delete cascade,
    added timestamptz(3) not null, position bigint not null generated by default as identity,
    primary key (queue, task))`,
  `create index queue_entries_order on tracking.queue_entries (queue, position)`,
  `create index queue_entries_task on tracking.queue_entries (task)`,
  `create table tracking.workers (
    id text primary key, user_id text not null, ip text not null, register_time timestamptz(3) not null,
    register_timeout integer not null, last_activity_time timestamptz(3) not null, last_report_time timestamptz(3),
    expires timestamptz(3) not null, task text, queue text, queues text[] not null, tags text[] not null,
    system_tags text[] not null, machine_stats jsonb not null default '{}')`,
];

const EVENTS = [
  // One row per (owner, metric, variant): the statistics that make last_metrics, and the short key of the points.
  // `owner` is a task or a model. Names have no limit, hence the hashes in the key.
  `create table tracking.series (
    id bigint generated always as identity primary key,
    owner text not null, metric_hash text not null, variant_hash text not null, metric text not null, variant text not null,
    value double precision, min_value double precision, min_value_iteration bigint, max_value double precision,
    max_value_iteration bigint, first_value double precision, first_value_iteration bigint,
    total double precision not null default 0, count bigint not null default 0, x_axis_label text,
    unique (owner, metric_hash, variant_hash)
  ) with (fillfactor = 80)`,
  `create index series_value on tracking.series (metric_hash, variant_hash, value)`,
  `create table tracking.scalars (
    series bigint not null, iter bigint not null, ts bigint not null, value double precision,
    primary key (series, iter))`,
  `create table tracking.logs (
    id bigint generated always as identity primary key, task text not null, ts bigint not null, worker text not null,
    level text not null, msg text not null)`,
  `create index logs_order on tracking.logs (task, ts, id)`,
  // Plots, debug images and vectors: fewer and larger. \`identity\` is the API's own: task, iter, metric, variant, key.
  `create table tracking.samples (
    owner text not null, type text not null, identity text not null, metric_hash text not null, variant_hash text not null,
    metric text not null, variant text not null, iter bigint not null, ts bigint not null, worker text not null,
    payload jsonb not null, primary key (owner, type, identity))`,
  `create index samples_order on tracking.samples (owner, type, metric_hash, variant_hash, iter)`,
];

const PUBLIC = [
  `alter table tracking.projects add column public boolean not null default false`,
  `alter table tracking.models add column public boolean not null default false,
    add column ui_cache jsonb not null default '{}'`,
  `create table tracking.prepared_downloads (
    id text primary key, request jsonb not null, created timestamptz(3) not null)`,
];

const publicEntities: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of PUBLIC) await sql.raw(statement).execute(db);
  },
};

/** Long series are drawn from a roll-up: see events/rollup.ts. */
const rollUp: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of ROLL_UP) await sql.raw(statement).execute(db);
  },
};

const ROLL_UP = [
  // Where the points of a series lie that the roll-up has not seen; how many of them were written, and how many in all.
  `alter table tracking.series add column level smallint not null default 0,
    add column dirty int8multirange not null default '{}', add column fresh bigint not null default 0,
    add column points bigint not null default 0`,
  `update tracking.series set points = p.count, fresh = p.count, dirty = '{[-9007199254740992,9007199254740993)}' from (
    select series, count(*) as count from tracking.scalars group by series) p where p.series = id`,
  // Nothing reads by it, and without it a new value of a series leaves the indexes alone.
  `drop index tracking.series_value`,
  // Of the points whose iteration has the upper bits \`bucket\`: how many, and [value, iter, ts] of the lowest and highest.
  `create table tracking.scalar_buckets (
    series bigint not null references tracking.series on delete cascade, level smallint not null, bucket bigint not null,
    count bigint not null, lowest double precision[], highest double precision[],
    primary key (series, level, bucket))`,
  // Brings the buckets of one series up to date: of every dirty span the whole buckets go, then they are made anew.
  `create function tracking.roll_up(of_series bigint, single bigint, most_buckets int) returns void
    language plpgsql as $$
    declare
      touched int8multirange;
      spans int8multirange;
      present int;
      needed int;
    begin
      select s.level, s.dirty into present, touched from tracking.series s where s.id = of_series for update;
      if touched is null or isempty(touched) then return; end if;
      select coalesce(min(k), present) into needed from generate_series(present, 54) k,
        (select (select p.iter from tracking.scalars p where p.series = of_series and p.iter <> single
            order by p.iter limit 1) as low,
          (select p.iter from tracking.scalars p where p.series = of_series and p.iter <> single
            order by p.iter desc limit 1) as high) extent
        where (high >> k) - (low >> k) < most_buckets;
      if needed > present then
        insert into tracking.scalar_buckets (series, level, bucket, count, lowest, highest)
          select of_series, needed, b.bucket >> (needed - present), sum(b.count), min(b.lowest), max(b.highest)
          from tracking.scalar_buckets b where b.series = of_series and b.level = present group by 3;
        delete from tracking.scalar_buckets b where b.series = of_series and b.level = present;
      end if;
      select range_agg(int8range(lower(r) >> needed, (upper(r) - 1) >> needed, '[]')) into spans from unnest(touched) r;
      delete from tracking.scalar_buckets b where b.series = of_series and b.level = needed and spans @> b.bucket;
      insert into tracking.scalar_buckets (series, level, bucket, count, lowest, highest)
        select of_series, needed, p.iter >> needed, count(*),
          min(array[p.value, p.iter, p.ts]::double precision[]) filter (where tracking.finite(p.value) is not null),
          max(array[p.value, p.iter, p.ts]::double precision[]) filter (where tracking.finite(p.value) is not null)
        from unnest(spans) s cross join lateral (
          -- offset: each span is looked up in the index; joined, all points would be gone through for each span.
          select * from tracking.scalars c where c.series = of_series
            and c.iter >= lower(s) << needed and c.iter < upper(s) << needed offset 0) p
        where p.iter <> single and p.value is not null group by 3;
      update tracking.series set level = needed, dirty = '{}', fresh = 0 where id = of_series;
    end $$`,
  // Lines of the log may name a metric; hardly any does.
  `alter table tracking.logs add column metric text not null default '', add column variant text not null default '',
    add column iter bigint`,
  `create index logs_metric on tracking.logs (task, md5(metric), ts, id) where metric <> ''`,
];

/** Pages of plots, images and vectors go on behind the last one's key. */
const sampleOrder: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`create index samples_walk on tracking.samples (owner, type, iter, identity)`.execute(db);
  },
};

const filesToDelete: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of FILES_TO_DELETE) await sql.raw(statement).execute(db);
  },
};

const FILES_TO_DELETE = [
  // Files of deleted and reset entities, until they are gone. \`task\`: the task that was reset and lives on.
  `create table tracking.files_to_delete (
    id bigint generated always as identity primary key, url text not null, task text,
    recorded timestamptz(3) not null, due timestamptz(3) not null, attempts integer not null default 0,
    state text not null default 'waiting', reason text)`,
  `create index files_to_delete_due on tracking.files_to_delete (due) where state = 'waiting'`,
  `create index files_to_delete_left on tracking.files_to_delete (recorded) where state in ('elsewhere', 'failed')`,
  `create index files_to_delete_url on tracking.files_to_delete using hash (url)`,
  `create function tracking.unescape(piece text) returns text language plpgsql immutable as $$
    begin
      return ('"' || piece || '"')::jsonb #>> '{}';
    exception when others then return piece;
    end $$`,
  // The files that a figure shows. Images within the figure itself are none.
  `create function tracking.plot_urls(plot text) returns text[] language sql immutable
    return (select coalesce(array_agg(distinct url), '{}') from (
      select case when strpos(m[1], chr(92)) > 0 then tracking.unescape(m[1]) else m[1] end as url
      from regexp_matches(plot, '"source"\\s*:\\s*"(?!data:)((?:[^"\\\\]|\\\\.)*)"', 'g') m) found
      where length(url) between 1 and 8192)`,
  `alter table tracking.samples add column urls text[] not null generated always as (case
    when type = 'plot' then tracking.plot_urls(payload ->> 'plot_str')
    when type = 'training_debug_image' and payload ->> 'url' <> '' then array[payload ->> 'url']
    else '{}' end) stored`,
  // What refers to a file is found by hashes: URLs have no limit, keys of an index have.
  `create function tracking.md5_of_each(list text[]) returns text[] language sql immutable
    return (select coalesce(array_agg(md5(one)), '{}') from unnest(list) one)`,
  `create function tracking.artifact_hashes(artifacts jsonb) returns text[] language sql immutable
    return (select coalesce(array_agg(md5(a ->> 'uri')), '{}') from jsonb_array_elements(artifacts) a
      where a ->> 'uri' <> '')`,
  `create index samples_urls on tracking.samples using gin (tracking.md5_of_each(urls)) where urls <> '{}'`,
  `create index tasks_artifact_urls on tracking.tasks using gin (tracking.artifact_hashes(artifacts))
    where artifacts <> '[]'`,
  `create index tasks_report_assets on tracking.tasks using gin (tracking.md5_of_each(report_assets))
    where report_assets <> '{}'`,
];

/** Points that lie behind all others of their series cannot overwrite one: most batches are written without looking. */
const appends: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`alter table tracking.series add column low_iter bigint, add column high_iter bigint, add column appends boolean not null default true`.execute(
      db,
    );
    await sql`update tracking.series set low_iter = (select min(p.iter) from tracking.scalars p where p.series = id),
      high_iter = (select max(p.iter) from tracking.scalars p where p.series = id)`.execute(db);
  },
};

/** How large an event is on the wire: stored, it may be a hundredth of that, and answers are bounded by it. */
const sampleBytes: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`alter table tracking.samples add column bytes bigint not null default 0`.execute(db);
    await sql`update tracking.samples set bytes = octet_length(payload::text) + octet_length(metric) + octet_length(variant)`.execute(
      db,
    );
  },
};

export const migrations: Readonly<Record<string, Migration>> = {
  '001-foundation': foundation,
  '002-public-entities': publicEntities,
  '003-roll-up': rollUp,
  '004-accounts-and-machines': accountsAndMachines,
  '005-task-search': taskSearch,
  '006-sample-order': sampleOrder,
  '007-files-to-delete': filesToDelete,
  '008-appends': appends,
  '009-input-models': inputModels,
  '010-sample-bytes': sampleBytes,
};
