import type { Decision } from '@ranloop/contracts/r1';
import type { Database } from '@ranloop/kit/postgres';
import { type Migration, sql } from 'kysely';

export const SCHEMA = 'rapps';

export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-rapps': {
    async up(db) {
      const table = (name: string) => sql.id(SCHEMA, name);
      await sql`create table ${table('decisions')} (
        seq bigserial primary key,
        rapp_id text not null,
        decision_id text not null,
        time bigint not null,
        cell text not null,
        snssai text not null,
        rule text not null,
        model_id text,
        decision jsonb not null,
        decided_at timestamptz not null default now(),
        unique (rapp_id, decision_id)
      )`.execute(db);
      await sql`create index on ${table('decisions')} (rapp_id, time desc, seq desc)`.execute(db);
      await sql`create index on ${table('decisions')} (rapp_id, cell, snssai, time desc)`.execute(db);
      await sql`create table ${table('settings')} (
        rapp_id text primary key,
        enabled boolean not null,
        config jsonb not null
      )`.execute(db);
    },
  },
};

interface RappsTables {
  decisions: {
    seq: number;
    rapp_id: string;
    decision_id: string;
    time: number;
    cell: string;
    snssai: string;
    rule: string;
    model_id: string | null;
    decision: Decision;
    decided_at: Date;
  };
  settings: { rapp_id: string; enabled: boolean; config: Record<string, unknown> };
}

export interface DecisionFilter {
  readonly cell?: string | undefined;
  readonly snssai?: string | undefined;
  readonly rule?: string | undefined;
  readonly modelId?: string | undefined;
  /** `from <= time < to`, microseconds. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly limit: number;
}

export interface RappSettings {
  readonly enabled: boolean;
  readonly config: Record<string, unknown>;
}

export interface RappsStore {
  insert(rappId: string, decisions: readonly Decision[]): Promise<void>;
  setEffects(rappId: string, effects: readonly { id: string; effect: Decision['effect'] }[]): Promise<void>;
  /** Newest first. */
  list(rappId: string, filter: DecisionFilter): Promise<Decision[]>;
  find(rappId: string, decisionId: string): Promise<Decision | undefined>;
  count(rappId: string): Promise<number>;
  settings(rappId: string): Promise<RappSettings | undefined>;
  saveSettings(rappId: string, settings: RappSettings): Promise<void>;
  dropOlderThan(days: number): Promise<void>;
}

export function createRappsStore(database: Database): RappsStore {
  const db = database.room<RappsTables>(SCHEMA);
  return {
    async insert(rappId, decisions) {
      if (decisions.length === 0) return;
      // One array of documents instead of columns: one statement, whatever the number of decisions.
      await database.pool.query(
        `insert into rapps.decisions (rapp_id, decision_id, time, cell, snssai, rule, model_id, decision)
         select $1, d->>'id', (d->>'time')::bigint, d->>'cell', d->>'snssai', d->>'rule', d->'model'->>'modelId', d
         from unnest($2::jsonb[]) as d
         on conflict (rapp_id, decision_id) do nothing`,
        [rappId, decisions.map((decision) => JSON.stringify(decision))],
      );
    },
    async setEffects(rappId, effects) {
      if (effects.length === 0) return;
      await database.pool.query(
        `update rapps.decisions as d set decision = d.decision || jsonb_build_object('effect', e.effect)
         from unnest($2::text[], $3::jsonb[]) as e(id, effect)
         where d.rapp_id = $1 and d.decision_id = e.id`,
        [rappId, effects.map(({ id }) => id), effects.map(({ effect }) => JSON.stringify(effect))],
      );
    },
    async list(rappId, filter) {
      let query = db.selectFrom('decisions').select('decision').where('rapp_id', '=', rappId);
      if (filter.cell !== undefined) query = query.where('cell', '=', filter.cell);
      if (filter.snssai !== undefined) query = query.where('snssai', '=', filter.snssai);
      if (filter.rule !== undefined) query = query.where('rule', '=', filter.rule);
      if (filter.modelId !== undefined) query = query.where('model_id', '=', filter.modelId);
      if (filter.from !== undefined) query = query.where('time', '>=', filter.from);
      if (filter.to !== undefined) query = query.where('time', '<', filter.to);
      const rows = await query.orderBy('time', 'desc').orderBy('seq', 'desc').limit(filter.limit).execute();
      return rows.map(({ decision }) => decision);
    },
    async find(rappId, decisionId) {
      const row = await db
        .selectFrom('decisions')
        .select('decision')
        .where('rapp_id', '=', rappId)
        .where('decision_id', '=', decisionId)
        .executeTakeFirst();
      return row?.decision;
    },
    async count(rappId) {
      const { count } = await db
        .selectFrom('decisions')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('rapp_id', '=', rappId)
        .executeTakeFirstOrThrow();
      return count;
    },
    async settings(rappId) {
      return db.selectFrom('settings').select(['enabled', 'config']).where('rapp_id', '=', rappId).executeTakeFirst();
    },
    async saveSettings(rappId, { enabled, config }) {
      const values = { enabled, config: JSON.stringify(config) as never };
      await db
        .insertInto('settings')
        .values({ rapp_id: rappId, ...values })
        .onConflict((oc) => oc.column('rapp_id').doUpdateSet(values))
        .execute();
    },
    async dropOlderThan(days) {
      await db
        .deleteFrom('decisions')
        .where('decided_at', '<', new Date(Date.now() - days * 86_400_000))
        .execute();
    },
  };
}
