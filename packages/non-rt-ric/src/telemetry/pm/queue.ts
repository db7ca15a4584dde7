import { createHash } from 'node:crypto';
import type { PmFile } from '@ranloop/contracts/r1';
import type { Database } from '@ranloop/kit/postgres';
import type { AcceptedEvent, AnnouncedFile } from '../model.ts';
import { redacted } from '../redact.ts';
import type { Transaction } from '../store/index.ts';

/** A file that waits to be fetched. */
export interface WaitingFile {
  readonly id: number;
  readonly source: string;
  readonly name: string;
  /** With its credentials. */
  readonly location: string;
  readonly eventId: string;
  readonly sender: string;
  readonly expires: number | null;
  readonly attempts: number;
}

export interface Outcome {
  readonly state: 'stored' | 'refused';
  readonly reason?: string;
  readonly samples?: number;
  readonly bytes?: number;
}

/** The announced files, in the database: what was acknowledged is fetched, also after a restart. */
export interface PmQueue {
  /** Adds the files of these events within the transaction that stores them; a file that is known is not added again. */
  enqueue(events: readonly AcceptedEvent[], transaction: Transaction): Promise<void>;
  /** The files whose time has come, but for those that are under way. */
  due(now: number, most: number, under: readonly number[]): Promise<WaitingFile[]>;
  /** When the next file is due, if any waits. */
  next(under: readonly number[]): Promise<number | undefined>;
  again(id: number, due: number, reason: string): Promise<void>;
  finish(file: WaitingFile, outcome: Outcome): Promise<void>;
  forget(finishedBefore: number): Promise<void>;
  waiting(): Promise<number>;
  list(filter: { state?: string; source?: string; most: number }): Promise<PmFile[]>;
}

const MOST_SHOWN = 1_024;

export function createPmQueue({ pool }: Database, onEnqueued: (count: number) => void): PmQueue {
  return {
    async enqueue(events, transaction) {
      const files = events.flatMap((event) =>
        (event.files ?? []).map((file) => ({ event, file, digest: identityOf(event, file) })),
      );
      if (files.length === 0) return;
      // Sorted, so that two transactions that announce the same files cannot wait on each other.
      const rows = [...new Map(files.map((row) => [row.digest, row])).values()].sort((a, b) =>
        a.digest < b.digest ? -1 : 1,
      );
      const now = Date.now();
      await transaction.query(
        `insert into telemetry.pm_files as f (digest, source, name, location, event_id, sender, expires, due, announced)
         select g.*, $8, $8 from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[]) as g
         on conflict (digest) do update set location = excluded.location, event_id = excluded.event_id,
           sender = excluded.sender, expires = excluded.expires, state = 'waiting', attempts = 0, due = excluded.due,
           reason = '', finished = null
         where f.state = 'refused'`,
        [
          rows.map(({ digest }) => digest),
          rows.map(({ event }) => event.source),
          rows.map(({ file }) => (file.name || shownName(file.location)).slice(0, MOST_SHOWN)),
          rows.map(({ file }) => file.location),
          rows.map(({ event }) => event.eventId),
          rows.map(({ file }) => file.sender),
          rows.map(({ file }) => (file.expires === undefined ? null : Math.trunc(file.expires))),
          now,
        ],
      );
      transaction.afterCommit(() => onEnqueued(rows.length));
    },
    async due(now, most, under) {
      const { rows } = await pool.query<WaitingFile>(
        `select id, source, name, location, event_id as "eventId", sender, expires, attempts from telemetry.pm_files
         where state = 'waiting' and due <= $1 and id <> all($3::bigint[]) order by due, id limit $2`,
        [now, most, under],
      );
      return rows;
    },
    async next(under) {
      const { rows } = await pool.query<{ due: number | null }>(
        `select min(due) as due from telemetry.pm_files where state = 'waiting' and id <> all($1::bigint[])`,
        [under],
      );
      return rows[0]?.due ?? undefined;
    },
    async again(id, due, reason) {
      await pool.query('update telemetry.pm_files set attempts = attempts + 1, due = $2, reason = $3 where id = $1', [
        id,
        due,
        reason.slice(0, MOST_SHOWN),
      ]);
    },
    async finish({ id, location }, { state, reason = '', samples = 0, bytes = 0 }) {
      await pool.query(
        `update telemetry.pm_files set state = $2, reason = $3, samples = $4, bytes = $5, location = $6,
           attempts = attempts + 1, finished = $7 where id = $1`,
        [id, state, reason.slice(0, MOST_SHOWN), samples, bytes, redacted(location).slice(0, MOST_SHOWN), Date.now()],
      );
    },
    async forget(finishedBefore) {
      await pool.query('delete from telemetry.pm_files where finished < $1', [finishedBefore]);
    },
    async waiting() {
      const { rows } = await pool.query<{ count: number }>(
        `select count(*)::integer as count from telemetry.pm_files where state = 'waiting'`,
      );
      return rows[0]?.count ?? 0;
    },
    async list({ state, source, most }) {
      const { rows } = await pool.query<PmFile>(
        `select source, name, location, event_id as "eventId", state, attempts, reason, samples::float8 as samples,
           bytes::float8 as bytes, (announced * 1000)::float8 as announced, (finished * 1000)::float8 as finished
         from telemetry.pm_files where ($1::text is null or state = $1) and ($2::text is null or source = $2)
         order by id desc limit $3`,
        [state ?? null, source ?? null, most],
      );
      return rows.map((row) => ({ ...row, location: redacted(row.location).slice(0, MOST_SHOWN) }));
    },
  };
}

/** What makes two announcements the same file: its source, its name or place, and its size and time as far as told. */
function identityOf({ source }: AcceptedEvent, { name, location, size, ready }: AnnouncedFile): string {
  const place = name === '' ? redacted(location) : name;
  return createHash('md5')
    .update([source, place, size ?? '', ready].join('\0'))
    .digest('hex');
}

function shownName(location: string): string {
  return redacted(location).replace(/\?.*$/, '').split('/').at(-1)?.slice(0, 512) ?? '';
}
