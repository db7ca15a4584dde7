import type { SetWorkerProperties } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import type { Static } from 'typebox';
import { type Core, transaction } from '../core.ts';

const MOST_PROPERTIES = 1_000;

/** What a worker is told to do, such as `force: off`, until it expires. `expiry` is in seconds from now. */
export async function readProperties(core: Core, worker: string): Promise<object[]> {
  const { rows } = await sql<{ key: string; value: string; expiry: number | null }>`select key, value,
      ceil(extract(epoch from expires - now()))::bigint as expiry
    from tracking.worker_properties where worker = ${worker} and (expires is null or expires > now())
    order by key limit ${MOST_PROPERTIES}`.execute(core.db);
  return rows.map(({ key, value, expiry }) => ({ key, value, ...(expiry === null ? {} : { expiry }) }));
}

type Change = Static<typeof SetWorkerProperties>;

export async function setProperties(core: Core, { worker, runtime_properties }: Change) {
  return transaction(core, async (trx) => {
    const result = { added: [] as string[], removed: [] as string[], errors: [] as string[] };
    const { rows } = await sql<{ count: number }>`select count(*) as count from tracking.worker_properties
      where worker = ${worker}`.execute(trx);
    for (const { key, value, expiry } of runtime_properties) {
      if (expiry === 0) {
        await sql`delete from tracking.worker_properties where worker = ${worker} and key = ${key}`.execute(trx);
        result.removed.push(key);
      } else if ((rows[0]?.count ?? 0) + result.added.length >= MOST_PROPERTIES) {
        result.errors.push(`${key}: a worker has at most ${MOST_PROPERTIES} properties`);
      } else {
        await sql`insert into tracking.worker_properties (worker, key, value, expires)
          values (${worker}, ${key}, ${value ?? ''}, now() + make_interval(secs => ${expiry ?? null}::double precision))
          on conflict (worker, key) do update set value = excluded.value, expires = excluded.expires`.execute(trx);
        result.added.push(key);
      }
    }
    return result;
  });
}

export async function dropExpiredProperties(core: Core): Promise<void> {
  await sql`delete from tracking.worker_properties where expires < now()`.execute(core.db);
}
