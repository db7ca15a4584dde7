import type { PolicyStatusObject } from '@ranloop/contracts/a1';
import type { PolicyEvent } from '@ranloop/contracts/r1';
import type { Database } from '@ranloop/kit/postgres';
import type { Selectable } from 'kysely';
import { type PolicyTables, SCHEMA } from './tables.ts';

export type PolicyRow = Selectable<PolicyTables['policies']>;

export interface NewEvent {
  readonly policyId: string;
  /** When it was asked or reported; history is told in this order. */
  readonly time: Date;
  readonly kind: PolicyEvent['kind'];
  readonly httpStatus?: number;
  readonly status?: PolicyStatusObject;
  readonly policyObject?: Record<string, unknown>;
  readonly detail?: string;
}

export interface PolicyFilter {
  readonly ricId?: string | undefined;
  readonly typeId?: string | undefined;
  readonly serviceId?: string | undefined;
  readonly typePrefix?: string | undefined;
}

const MOST_LISTED = 100_000;
const MOST_EVENTS = 1_000;
const MOST_DETAIL = 2_000;

export type PolicyStore = ReturnType<typeof createPolicyStore>;

export function createPolicyStore(database: Database) {
  const db = database.room<PolicyTables>(SCHEMA);
  const live = () => db.selectFrom('policies').where('deleted_at', 'is', null);
  const json = (value: unknown) => (value === undefined || value === null ? null : JSON.stringify(value));

  return {
    /** Undefined when there is none now; one that was deleted is found with `deleted`. */
    find: (policyId: string, { deleted = false } = {}): Promise<PolicyRow | undefined> =>
      (deleted ? db.selectFrom('policies') : live()).selectAll().where('policy_id', '=', policyId).executeTakeFirst(),

    async list({ ricId, typeId, serviceId, typePrefix }: PolicyFilter): Promise<PolicyRow[]> {
      let query = live().selectAll();
      if (ricId !== undefined) query = query.where('ric_id', '=', ricId);
      if (typeId !== undefined) query = query.where('policy_type_id', '=', typeId);
      if (serviceId !== undefined) query = query.where('service_id', '=', serviceId);
      if (typePrefix !== undefined)
        query = query.where((eb) => eb(eb.fn('starts_with', ['policy_type_id', eb.val(typePrefix)]), '=', true));
      return query.orderBy('policy_id').limit(MOST_LISTED).execute();
    },

    async count(): Promise<number> {
      const { count } = await live()
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      return count;
    },

    /** Writes the policy as it now stands and the event that made it so, both or neither. */
    async save(row: PolicyRow, event: NewEvent): Promise<void> {
      await database.pool.query({
        name: 'policy-save',
        text: `with saved as (
            insert into policy.policies as p (policy_id, ric_id, policy_type_id, service_id, transient, policy_object,
              callback_token, status, status_time, created_at, deleted_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            on conflict (policy_id) do update set ric_id = excluded.ric_id, policy_type_id = excluded.policy_type_id,
              service_id = excluded.service_id, transient = excluded.transient,
              policy_object = excluded.policy_object, callback_token = excluded.callback_token,
              status = excluded.status, status_time = excluded.status_time, created_at = excluded.created_at,
              deleted_at = excluded.deleted_at)
          insert into policy.events (policy_id, time, kind, http_status, status, policy_object, detail)
          values ($1, $12, $13, $14, $15, $16, $17)`,
        values: [
          row.policy_id,
          row.ric_id,
          row.policy_type_id,
          row.service_id,
          row.transient,
          json(row.policy_object),
          row.callback_token,
          json(row.status),
          row.status_time,
          row.created_at,
          row.deleted_at,
          ...eventValues(event),
        ],
      });
    },

    async setStatus(policyId: string, status: PolicyStatusObject, event: NewEvent): Promise<void> {
      await database.pool.query({
        name: 'policy-set-status',
        text: `with saved as (
            update policy.policies set status = $2, status_time = $3 where policy_id = $1 and deleted_at is null)
          insert into policy.events (policy_id, time, kind, http_status, status, policy_object, detail)
          values ($1, $3, $4, $5, $6, $7, $8)`,
        values: [policyId, json(status), ...eventValues(event)],
      });
    },

    async record(event: NewEvent): Promise<void> {
      await database.pool.query({
        name: 'policy-record',
        text: `insert into policy.events (policy_id, time, kind, http_status, status, policy_object, detail)
          values ($1, $2, $3, $4, $5, $6, $7)`,
        values: [event.policyId, ...eventValues(event)],
      });
    },

    /** The newest events, oldest first. */
    async events(policyId: string): Promise<PolicyEvent[]> {
      const rows = await db
        .selectFrom('events')
        .selectAll()
        .where('policy_id', '=', policyId)
        .orderBy('time', 'desc')
        .orderBy('seq', 'desc')
        .limit(MOST_EVENTS)
        .execute();
      return rows.reverse().map((row) => ({
        time: row.time.toISOString(),
        kind: row.kind,
        ...(row.http_status === null ? {} : { httpStatus: row.http_status }),
        ...(row.status === null ? {} : { status: row.status }),
        ...(row.policy_object === null ? {} : { policyObject: row.policy_object }),
        ...(row.detail === null ? {} : { detail: row.detail }),
      }));
    },
  };

  /** In the order of the columns, after the policy's id. */
  function eventValues(event: NewEvent) {
    return [
      event.time,
      event.kind,
      event.httpStatus ?? null,
      json(event.status),
      json(event.policyObject),
      event.detail?.slice(0, MOST_DETAIL) ?? null,
    ];
  }
}
