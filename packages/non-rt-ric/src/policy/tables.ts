import type { PolicyStatusObject } from '@ranloop/contracts/a1';
import type { PolicyEvent } from '@ranloop/contracts/r1';
import { type Generated, type Migration, sql } from 'kysely';

export const SCHEMA = 'policy';

export interface PolicyTables {
  policies: {
    policy_id: string;
    ric_id: string;
    policy_type_id: string;
    service_id: string;
    transient: boolean;
    policy_object: Record<string, unknown>;
    callback_token: string;
    status: PolicyStatusObject | null;
    status_time: Date | null;
    created_at: Date;
    deleted_at: Date | null;
  };
  events: {
    seq: Generated<number>;
    policy_id: string;
    time: Date;
    kind: PolicyEvent['kind'];
    http_status: number | null;
    status: PolicyStatusObject | null;
    policy_object: Record<string, unknown> | null;
    detail: string | null;
  };
  services: {
    service_id: string;
    callback_url: string | null;
    keep_alive_seconds: number;
    last_seen: Date;
  };
  ei_jobs: {
    job_id: string;
    ei_type_id: string;
    job_owner: string;
    job_definition: Record<string, unknown>;
    job_result_uri: string;
    status_notification_uri: string | null;
    updated_at: Date;
  };
}

export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-policies': {
    async up(db) {
      const table = (name: string) => sql.id(SCHEMA, name);
      await sql`create table ${table('policies')} (
        policy_id text primary key,
        ric_id text not null,
        policy_type_id text not null,
        service_id text not null,
        transient boolean not null,
        policy_object jsonb not null,
        callback_token text not null unique,
        status jsonb,
        status_time timestamptz,
        created_at timestamptz not null,
        deleted_at timestamptz
      )`.execute(db);
      await sql`create index on ${table('policies')} (ric_id, policy_type_id) where deleted_at is null`.execute(db);
      await sql`create table ${table('events')} (
        seq bigserial primary key,
        policy_id text not null,
        time timestamptz not null,
        kind text not null,
        http_status integer,
        status jsonb,
        policy_object jsonb,
        detail text
      )`.execute(db);
      await sql`create index on ${table('events')} (policy_id, time, seq)`.execute(db);
      await sql`create table ${table('services')} (
        service_id text primary key,
        callback_url text,
        keep_alive_seconds double precision not null,
        last_seen timestamptz not null
      )`.execute(db);
      await sql`create table ${table('ei_jobs')} (
        job_id text primary key,
        ei_type_id text not null,
        job_owner text not null,
        job_definition jsonb not null,
        job_result_uri text not null,
        status_notification_uri text,
        updated_at timestamptz not null
      )`.execute(db);
      await sql`create index on ${table('ei_jobs')} (ei_type_id)`.execute(db);
    },
  },
};
