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
/** What is true of a content that no xApp has answered yet. */
const UNANSWERED = { status: 'NOT_ENFORCED', reason: 'OTHER_REASON', detail: 'not answered by the RAN yet' } as const;

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
  /** Returns the policies whose status changed: those that are gone or have another content by now are left alone. */
  setStatuses(answers: readonly StatusChange[]): Promise<PolicyRow[]>;
}

export interface StatusChange {
  readonly policyId: string;
  readonly revision: number;
  readonly status: PolicyStatusObject;
  readonly detail: string;
}

export function createPolicyStore(database: Database): PolicyStore {
  const db = database.room<Tables>(SCHEMA);
  return {
    migrate: () => database.migrate(SCHEMA, migrations),
    async put(policy, most) {
      try {
        // One statement: an id keeps its type, and a new id needs room. Requests that run at once may each find the last
        // place free, so the limit can be passed by as many as there are connections.
        const { rows } = await sql<PolicyRow & { created: boolean }>`
          insert into near_rt_a1.policy as p
            (policy_id, type_id, scope_key, body, notification_destination, enforce_status, enforce_reason, detail)
          select ${policy.policyId}, ${policy.typeId}, ${policy.scopeKey}, ${JSON.stringify(policy.body)}::jsonb,
            ${policy.notificationDestination ?? null}, ${UNANSWERED.status}, ${UNANSWERED.reason}, ${UNANSWERED.detail}
          where exists (select from near_rt_a1.policy where policy_id = ${policy.policyId})
            or (select count(*) from near_rt_a1.policy) < ${most}::bigint
          on conflict (policy_id) do update set
            scope_key = excluded.scope_key, body = excluded.body, revision = nextval('near_rt_a1.revision'),
            notification_destination = excluded.notification_destination, enforce_status = excluded.enforce_status,
            enforce_reason = excluded.enforce_reason, detail = excluded.detail, updated_at = now()
          where p.type_id = excluded.type_id
          returning p.*, (p.xmax = 0) as created`.execute(db);
        const found = rows[0];
        if (found) {
          const { created, ...row } = found;
          return { row, created };
        }
      } catch (error) {
        if ((error as { code?: string }).code !== UNIQUE_VIOLATION) throw error;
        throw new RanloopError('RL_CONFLICT', `another policy of ${policy.typeId} has this scope`, {
          fields: [{ path: '/scope', problem: 'is the scope of another policy' }],
        });
      }
      const other = await db
        .selectFrom('policy')
        .select('type_id')
        .where('policy_id', '=', policy.policyId)
        .executeTakeFirst();
      if (!other) return 'full';
      throw new RanloopError('RL_CONFLICT', `policy id ${policy.policyId} is taken by a policy of ${other.type_id}`);
    },
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
    async setStatuses(answers) {
      const column = <T>(pick: (answer: StatusChange) => T) => answers.map(pick);
      const { rows } = await sql<PolicyRow>`
        update near_rt_a1.policy as p
        set enforce_status = v.status, enforce_reason = v.reason, detail = v.detail, updated_at = now()
        from unnest(${column((a) => a.policyId)}::text[], ${column((a) => a.revision)}::bigint[],
          ${column((a) => a.status.enforceStatus)}::text[], ${column((a) => a.status.enforceReason ?? null)}::text[],
          ${column((a) => a.detail)}::text[]) as v(policy_id, revision, status, reason, detail)
        where p.policy_id = v.policy_id and p.revision = v.revision
          and (p.enforce_status, p.enforce_reason, p.detail) is distinct from (v.status, v.reason, v.detail)
        returning p.*`.execute(db);
      return rows;
    },
  };
}

export function statusOf(row: PolicyRow): PolicyStatusObject {
  if (row.enforce_status === 'ENFORCED') return { enforceStatus: 'ENFORCED' };
  const reason = row.enforce_reason as PolicyStatusObject['enforceReason'] | null;
  return { enforceStatus: 'NOT_ENFORCED', ...(reason ? { enforceReason: reason } : {}) };
}
