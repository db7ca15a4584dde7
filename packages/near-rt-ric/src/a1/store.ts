import type { PolicyStatusObject } from '@ranloop/contracts/a1';
import { RanloopError } from '@ranloop/contracts/errors';
import type { Database } from '@ranloop/kit/postgres';
import { type Generated, type Migration, type Selectable, sql } from 'kysely';

const SCHEMA = 'near_rt_a1';

interface PolicyTable {
  policy_id: string;
  type_id: string;
  /** Canonical text of the scope: two policies of a type may not share it. */
  scope_key: string;
  body: Record<string, unknown>;
  revision: Generated<number>;
  notification_destination: string | null;
  enforce_status: string;
  enforce_reason: string | null;
  detail: string;
  created_at: Generated<Date>;
  updated_at: Generated<Date>;
}
interface Tables {
  policy: PolicyTable;
}
export type PolicyRow = Selectable<PolicyTable>;

const migrations: Record<string, Migration> = {
  '0001_policy': {
    async up(db) {
      // One sequence for all policies: a policy that was deleted and made again never repeats a revision.
      await sql`create sequence near_rt_a1.revision`.execute(db);
      await sql`
        create table near_rt_a1.policy (
          policy_id text primary key,
          type_id text not null,
          scope_key text not null,
          body jsonb not null,
          revision bigint not null default nextval('near_rt_a1.revision'),
          notification_destination text,
          enforce_status text not null,
          enforce_reason text,
          detail text not null,
          created_at timestamptz not null default now(),
          updated_at timestamptz not null default now(),
          unique (type_id, scope_key)
        )`.execute(db);
    },
  },
};

const UNIQUE_VIOLATION = '23505';
/** Any number that no other user of this database takes; PostgreSQL keeps advisory locks per database. */
const PUT_LOCK = 7_210_001;

export interface PutPolicy {
  readonly policyId: string;
  readonly typeId: string;
  readonly scopeKey: string;
  readonly body: Record<string, unknown>;
  readonly notificationDestination: string | undefined;
}

export type PutOutcome = { readonly row: PolicyRow; readonly created: boolean } | 'full';

export interface PolicyStore {
  migrate(): Promise<void>;
  /** Creates or replaces; throws RL_CONFLICT when the id is of another type, or the scope is taken by another policy. */
  put(policy: PutPolicy, most: number): Promise<PutOutcome>;
  get(typeId: string, policyId: string): Promise<PolicyRow | undefined>;
  ids(typeId: string): Promise<string[]>;
  /** All of a type, or of all types, in the order of their creation. */
  list(typeId?: string): Promise<PolicyRow[]>;
  newest(limit: number): Promise<{ rows: PolicyRow[]; total: number }>;
  remove(typeId: string, policyId: string): Promise<PolicyRow | undefined>;
  /** Undefined when the policy is gone, has another revision by now, or has this status already. */
  setStatus(
    policyId: string,
    status: { revision: number; object: PolicyStatusObject; detail: string },
  ): Promise<PolicyRow | undefined>;
}

export function createPolicyStore(database: Database): PolicyStore {
  const db = database.room<Tables>(SCHEMA);
  return {
    migrate: () => database.migrate(SCHEMA, migrations),
    put: (policy, most) =>
      db
        .transaction()
        .execute(async (trx): Promise<PutOutcome> => {
          // One writer at a time, so that the count and the revision are true when they are used.
          await sql`select pg_advisory_xact_lock(${PUT_LOCK})`.execute(trx);
          const before = await trx
            .selectFrom('policy')
            .selectAll()
            .where('policy_id', '=', policy.policyId)
            .executeTakeFirst();
          if (before && before.type_id !== policy.typeId)
            throw new RanloopError(
              'RL_CONFLICT',
              `policy id ${policy.policyId} is taken by a policy of ${before.type_id}`,
            );
          const values = {
            scope_key: policy.scopeKey,
            body: JSON.stringify(policy.body) as unknown as Record<string, unknown>,
            notification_destination: policy.notificationDestination ?? null,
            enforce_status: 'NOT_ENFORCED',
            enforce_reason: 'OTHER_REASON',
            detail: 'not answered by the RAN yet',
          };
          if (before) {
            const row = await trx
              .updateTable('policy')
              .set({ ...values, revision: sql<number>`nextval('near_rt_a1.revision')`, updated_at: sql<Date>`now()` })
              .where('policy_id', '=', policy.policyId)
              .returningAll()
              .executeTakeFirstOrThrow();
            return { row, created: false };
          }
          const { count } = await trx
            .selectFrom('policy')
            .select((build) => build.fn.countAll<number>().as('count'))
            .executeTakeFirstOrThrow();
          if (count >= most) return 'full';
          const row = await trx
            .insertInto('policy')
            .values({ policy_id: policy.policyId, type_id: policy.typeId, ...values })
            .returningAll()
            .executeTakeFirstOrThrow();
          return { row, created: true };
        })
        .catch((error: { code?: string }) => {
          if (error.code === UNIQUE_VIOLATION)
            throw new RanloopError('RL_CONFLICT', `another policy of ${policy.typeId} has this scope`, {
              fields: [{ path: '/scope', problem: 'is the scope of another policy' }],
            });
          throw error;
        }),
    get: (typeId, policyId) =>
      db
        .selectFrom('policy')
        .selectAll()
        .where('policy_id', '=', policyId)
        .where('type_id', '=', typeId)
        .executeTakeFirst(),
    async ids(typeId) {
      const rows = await db
        .selectFrom('policy')
        .select('policy_id')
        .where('type_id', '=', typeId)
        .orderBy('policy_id')
        .execute();
      return rows.map((row) => row.policy_id);
    },
    list(typeId) {
      const all = db.selectFrom('policy').selectAll().orderBy('created_at').orderBy('policy_id');
      return (typeId === undefined ? all : all.where('type_id', '=', typeId)).execute();
    },
    async newest(limit) {
      const rows = await db
        .selectFrom('policy')
        .selectAll()
        .orderBy('updated_at', 'desc')
        .orderBy('policy_id')
        .limit(limit)
        .execute();
      const { count } = await db
        .selectFrom('policy')
        .select((build) => build.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      return { rows, total: count };
    },
    remove: (typeId, policyId) =>
      db
        .deleteFrom('policy')
        .where('policy_id', '=', policyId)
        .where('type_id', '=', typeId)
        .returningAll()
        .executeTakeFirst(),
    setStatus(policyId, { revision, object, detail }) {
      const reason = object.enforceReason ?? null;
      return db
        .updateTable('policy')
        .set({
          enforce_status: object.enforceStatus,
          enforce_reason: reason,
          detail,
          updated_at: sql<Date>`now()`,
        })
        .where('policy_id', '=', policyId)
        .where('revision', '=', revision)
        .where(
          sql<boolean>`(enforce_status, enforce_reason, detail) is distinct from (${object.enforceStatus}, ${reason}, ${detail})`,
        )
        .returningAll()
        .executeTakeFirst();
    },
  };
}

export function statusOf(row: PolicyRow): PolicyStatusObject {
  if (row.enforce_status === 'ENFORCED') return { enforceStatus: 'ENFORCED' };
  const reason = row.enforce_reason as PolicyStatusObject['enforceReason'] | null;
  return { enforceStatus: 'NOT_ENFORCED', ...(reason ? { enforceReason: reason } : {}) };
}
