import type { Database } from '@ranloop/kit/postgres';
import type { AcceptedEvent } from '../model.ts';
import type { Transaction } from '../store/index.ts';

const DAY_MS = 86_400_000;

export interface Repetitions {
  /** Events that were stored before, or twice here: the same event again. */
  readonly repeated: ReadonlySet<AcceptedEvent>;
  /** Events whose eventId was used by another event of the source: the time differs. */
  readonly reused: ReadonlySet<AcceptedEvent>;
}

/** Which events were stored already, kept by day of receipt so that forgetting is the drop of a table. */
export interface SeenEvents {
  /** Marks the events as seen and tells which were before. */
  mark(events: readonly AcceptedEvent[], transaction: Transaction): Promise<Repetitions>;
  /** Makes the table of today and drops those that are too old. */
  turn(): Promise<void>;
}

export function createSeenEvents({ pool }: Database, keepDays: number): SeenEvents {
  let today = 0;
  const dayNow = () => Math.floor(Date.now() / DAY_MS);

  async function turn(): Promise<void> {
    const day = dayNow();
    if (day === today) return;
    const client = await pool.connect();
    try {
      await client.query('begin');
      await client.query(`select pg_advisory_xact_lock(hashtext('telemetry.seen'))`);
      await client.query(
        `create table if not exists telemetry.seen_d${day} partition of telemetry.seen for values in (${day})`,
      );
      const { rows } = await client.query<{ day: number }>(
        `select replace(c.relname, 'seen_d', '')::integer as day from pg_inherits i join pg_class c on c.oid = i.inhrelid
         where i.inhparent = 'telemetry.seen'::regclass`,
      );
      for (const old of rows) {
        if (old.day < day - keepDays) await client.query(`drop table telemetry.seen_d${Math.trunc(old.day)}`);
      }
      await client.query('commit');
      today = day;
    } catch (error) {
      await client.query('rollback').catch(() => undefined);
      throw error;
    } finally {
      client.release();
    }
  }

  return {
    turn,
    async mark(events, transaction) {
      const first = new Map<string, AcceptedEvent>();
      const repeated = new Set<AcceptedEvent>();
      const reused = new Set<AcceptedEvent>();
      for (const event of events) {
        const earlier = first.get(event.identity);
        if (!earlier) first.set(event.identity, event);
        else (earlier.time === event.time ? repeated : reused).add(event);
      }
      const known = await insert([...first.values()], today, transaction);
      for (const [identity, time] of known) {
        const event = first.get(identity);
        if (event) (event.time === time ? repeated : reused).add(event);
      }
      return { repeated, reused };
    },
  };
}

/** Inserts what is new; gives the times of what was there. Sorted, so that two transactions cannot wait on each other. */
async function insert(
  events: readonly AcceptedEvent[],
  day: number,
  transaction: Transaction,
): Promise<ReadonlyMap<string, number>> {
  const sorted = [...events].sort((a, b) => (a.identity < b.identity ? -1 : 1));
  const { rows } = await transaction.query<{ identity: string }>(
    `insert into telemetry.seen_d${day} (identity, day, time)
     select g.identity, $3, g.time from unnest($1::uuid[], $2::bigint[]) as g(identity, time)
     where not exists (select from telemetry.seen o where o.identity = g.identity and o.day <> $3)
     on conflict do nothing returning replace(identity::text, '-', '') as identity`,
    [sorted.map(({ identity }) => identity), sorted.map(({ time }) => time), day],
  );
  if (rows.length === sorted.length) return new Map();
  const fresh = new Set(rows.map(({ identity }) => identity));
  const old = sorted.filter(({ identity }) => !fresh.has(identity)).map(({ identity }) => identity);
  const found = await transaction.query<{ identity: string; time: number }>(
    `select replace(identity::text, '-', '') as identity, time from telemetry.seen where identity = any($1::uuid[])`,
    [old],
  );
  return new Map(found.rows.map(({ identity, time }) => [identity, time]));
}
