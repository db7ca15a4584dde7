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
      const values = { ...row, policy_object: json(row.policy_object) as never, status: json(row.status) as never };
      const { policy_id: _id, ...changes } = values;
      await db
        .with('saved', (qb) =>
          qb
            .insertInto('policies')
            .values(values)
            .onConflict((oc) => oc.column('policy_id').doUpdateSet(changes)),
        )
        .insertInto('events')
        .values(eventValues(event))
        .execute();
    },

    async record(event: NewEvent): Promise<void> {
      await db.insertInto('events').values(eventValues(event)).execute();
    },

    async setStatus(policyId: string, status: PolicyStatusObject, event: NewEvent): Promise<void> {
      await db
        .with('saved', (qb) =>
          qb
            .updateTable('policies')
            .set({ status: json(status) as never, status_time: event.time })
            .where('policy_id', '=', policyId)
            .where('deleted_at', 'is', null),
        )
        .insertInto('events')
        .values(eventValues(event))
        .execute();
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

  function eventValues(event: NewEvent) {
    return {
      policy_id: event.policyId,
      time: event.time,
      kind: event.kind,
      http_status: event.httpStatus ?? null,
      status: json(event.status) as never,
      policy_object: json(event.policyObject) as never,
      detail: event.detail?.slice(0, MOST_DETAIL) ?? null,
    };
  }
}
