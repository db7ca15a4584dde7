import { RanloopError } from '@ranloop/contracts/errors';
import type { Database } from '@ranloop/kit/postgres';
import Type, { type Static } from 'typebox';
import { type PolicyTables, SCHEMA } from './tables.ts';

export const ServiceRegistration = Type.Object(
  {
    serviceId: Type.String({ minLength: 1, maxLength: 256 }),
    callbackUrl: Type.Optional(Type.String({ pattern: '^(https?://.*)?$', maxLength: 2_048 })),
    /** 0: never taken for gone. */
    keepAliveIntervalSeconds: Type.Optional(Type.Number({ minimum: 0, maximum: 31_536_000 })),
  },
  { additionalProperties: false },
);
export type ServiceRegistration = Static<typeof ServiceRegistration>;

const MOST_SERVICES = 10_000;

export type Services = ReturnType<typeof createServices>;

/** Those who register as owners of policies: silent for longer than their interval, they and their policies go. */
export function createServices(database: Database) {
  const db = database.room<PolicyTables>(SCHEMA);
  return {
    /** True when it is new. */
    async register(given: ServiceRegistration): Promise<boolean> {
      const values = {
        callback_url: given.callbackUrl || null,
        keep_alive_seconds: given.keepAliveIntervalSeconds ?? 0,
        last_seen: new Date(),
      };
      const known = await db
        .updateTable('services')
        .set(values)
        .where('service_id', '=', given.serviceId)
        .executeTakeFirst();
      if (known.numUpdatedRows > 0n) return false;
      const { count } = await db
        .selectFrom('services')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      if (count >= MOST_SERVICES) throw new RanloopError('RL_BUSY', `there are ${count} services, the most allowed`);
      await db
        .insertInto('services')
        .values({ service_id: given.serviceId, ...values })
        .onConflict((oc) => oc.column('service_id').doUpdateSet(values))
        .execute();
      return true;
    },
    async list() {
      const rows = await db.selectFrom('services').selectAll().orderBy('service_id').limit(MOST_SERVICES).execute();
      return rows.map((row) => ({
        serviceId: row.service_id,
        callbackUrl: row.callback_url ?? '',
        keepAliveIntervalSeconds: row.keep_alive_seconds,
        timeSinceLastActivitySeconds: Math.max(0, Math.floor((Date.now() - row.last_seen.getTime()) / 1_000)),
      }));
    },
    async keepAlive(serviceId: string): Promise<void> {
      const { numUpdatedRows } = await db
        .updateTable('services')
        .set({ last_seen: new Date() })
        .where('service_id', '=', serviceId)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) throw new RanloopError('RL_NOT_FOUND', `no service ${serviceId}`);
    },
    async remove(serviceId: string): Promise<void> {
      const { numDeletedRows } = await db.deleteFrom('services').where('service_id', '=', serviceId).executeTakeFirst();
      if (numDeletedRows === 0n) throw new RanloopError('RL_NOT_FOUND', `no service ${serviceId}`);
    },
    /** Services whose interval is over. */
    async silent(): Promise<string[]> {
      const rows = await this.list();
      return rows
        .filter(
          (row) => row.keepAliveIntervalSeconds > 0 && row.timeSinceLastActivitySeconds > row.keepAliveIntervalSeconds,
        )
        .map(({ serviceId }) => serviceId);
    },
  };
}
