import { type Kysely, type Migration, sql } from 'kysely';

/** The room's schema in PostgreSQL. */
export const TELEMETRY_SCHEMA = 'telemetry';

const run = (...statements: readonly string[]): Migration => ({
  async up(db: Kysely<unknown>) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
});

/**
 * Series are found by the digest of their identity, since a DN may be longer than an index entry. Points hold what
 * differs from sample to sample and are partitioned by week of their time; partitions are made on demand.
 */
export const TELEMETRY_MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-events': run(
    `create table telemetry.events (
       id bigint generated always as identity primary key,
       identity uuid not null, source text not null, event_id text not null, domain text not null,
       time bigint not null, received timestamptz not null default now(), body jsonb not null)`,
    'create index on telemetry.events (domain, received)',
    'create index on telemetry.events (source, received)',
    // The day of receipt leads nowhere in a search, but lets a whole day be dropped at once.
    `create table telemetry.seen (identity uuid not null, day integer not null, time bigint not null,
       primary key (identity, day)) partition by list (day)`,
    `create table telemetry.refused (
       id bigint generated always as identity primary key,
       time bigint not null, source text not null, domain text not null, event_id text not null,
       reason text not null, body text not null)`,
    `create table telemetry.time_units (
       source text not null, unit text not null, noted timestamptz not null default now(), primary key (source, unit))`,
  ),
  '0002-series': run(
    `create table telemetry.series (
       id integer generated always as identity primary key,
       digest uuid not null unique, source text not null, dn text not null, counter text not null,
       snssai text not null, five_qi smallint not null, plmn text not null, unit text not null)`,
    'create index on telemetry.series (counter, source)',
    'create index on telemetry.series (source)',
    `create table telemetry.spans (source text primary key, first bigint not null, last bigint not null)`,
    `create table telemetry.points (
       time bigint not null, value double precision not null, series_id integer not null,
       granularity real not null, suspect boolean not null,
       primary key (series_id, time)) partition by range (time)`,
  ),
  '0003-rollups': run(
    `create table telemetry.rollups (
       bucket bigint not null, series_id integer not null, count integer not null, sum double precision not null,
       min double precision not null, max double precision not null, last double precision not null,
       primary key (series_id, bucket)) partition by range (bucket)`,
    'create table telemetry.rolled (hour bigint primary key, done boolean not null)',
  ),
  // The location holds credentials while the file waits; it is cut to what may be shown once the file is finished.
  '0004-pm-files': run(
    `create table telemetry.pm_files (
       id bigint generated always as identity primary key,
       digest uuid not null unique, source text not null, name text not null, location text not null,
       event_id text not null, sender text not null, expires bigint,
       state text not null default 'waiting', attempts integer not null default 0, due bigint not null,
       reason text not null default '', samples bigint not null default 0, bytes bigint not null default 0,
       announced bigint not null, finished bigint)`,
    `create index on telemetry.pm_files (due) where state = 'waiting'`,
    'create index on telemetry.pm_files (finished)',
    'create table telemetry.pm_host_keys (host text primary key, fingerprint text not null, noted timestamptz not null default now())',
  ),
  // Bits of VALUE_FLAGS in the place of a boolean: no byte more for each sample. Why the old ones are suspect is not known.
  '0005-flags': run(
    'alter table telemetry.points add column flags smallint not null default 0',
    'update telemetry.points set flags = 16 where suspect',
    'alter table telemetry.points drop column suspect',
  ),
};
