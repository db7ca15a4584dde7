import type { AcceptedEvent } from '../model.ts';
import type { Transaction } from '../store/index.ts';

/** Stores the events that say more than their samples, whole. */
export async function writeDocuments(events: readonly AcceptedEvent[], transaction: Transaction): Promise<void> {
  const whole = events.filter(({ body }) => body !== undefined);
  if (whole.length === 0) return;
  await transaction.query(
    `insert into telemetry.events (identity, source, event_id, domain, time, body)
     select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::jsonb[])`,
    [
      whole.map(({ identity }) => identity),
      whole.map(({ source }) => source),
      whole.map(({ eventId }) => eventId),
      whole.map(({ domain }) => domain),
      whole.map(({ time }) => time),
      whole.map(({ body }) => body),
    ],
  );
}

/** Records once in which unit each source writes its times. */
export function createTimeUnits(most: number) {
  const noted = new Set<string>();
  return {
    async note(events: readonly AcceptedEvent[], transaction: Transaction): Promise<void> {
      const fresh = new Map<string, AcceptedEvent>();
      for (const event of events) {
        if (!event.timeUnit) continue;
        const key = `${event.timeUnit} ${event.source}`;
        if (!noted.has(key)) fresh.set(key, event);
      }
      if (fresh.size === 0) return;
      const sorted = [...fresh.keys()].sort().flatMap((key) => fresh.get(key) ?? []);
      await transaction.query(
        `insert into telemetry.time_units (source, unit) select * from unnest($1::text[], $2::text[])
         on conflict do nothing`,
        [sorted.map(({ source }) => source), sorted.map(({ timeUnit }) => timeUnit)],
      );
      transaction.afterCommit(() => {
        if (noted.size > most) noted.clear();
        for (const key of fresh.keys()) noted.add(key);
      });
    },
  };
}
