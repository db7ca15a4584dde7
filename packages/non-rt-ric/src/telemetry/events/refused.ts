import type { RefusedEvent } from '@ranloop/contracts/r1';
import type { Log } from '@ranloop/kit/log';
import type { Database } from '@ranloop/kit/postgres';
import { redacted } from '../redact.ts';

/** The newest refused requests with their reasons: a view for people, so it may lose some under load, and says so. */
export interface RefusedLog {
  note(refused: RefusedEvent): void;
  /** The newest first. `next` leads to what comes after; absent at the end. */
  list(wanted: WantedRefusals): Promise<{ refused: RefusedEvent[]; next?: number }>;
  flush(): Promise<void>;
}

export interface WantedRefusals {
  readonly most: number;
  readonly source?: string | undefined;
  readonly domain?: string | undefined;
  readonly eventId?: string | undefined;
  /** The message, as SVC2004. */
  readonly code?: string | undefined;
  /** Microseconds; `to` is not included. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** The `next` of the page before. */
  readonly before?: number | undefined;
}

const MOST_WAITING = 1_000;
const MOST_BODY = 16_384;
const MOST_TEXT = 1_024;

export function createRefusedLog({ pool }: Database, most: number, log: Log): RefusedLog {
  let waiting: RefusedEvent[] = [];
  let lost = 0;
  let flushing: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  async function write(): Promise<void> {
    const batch = waiting;
    waiting = [];
    if (batch.length === 0) return;
    if (lost > 0) log.warn({ lost }, 'refused events came faster than they could be noted');
    lost = 0;
    await pool.query(
      `insert into telemetry.refused (time, source, domain, event_id, reason, body)
       select * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])`,
      [
        batch.map(({ time }) => time),
        batch.map(({ source }) => source),
        batch.map(({ domain }) => domain),
        batch.map(({ eventId }) => eventId),
        batch.map(({ reason }) => reason),
        batch.map(({ body }) => body),
      ],
    );
    await pool.query(
      'delete from telemetry.refused where id <= (select id from telemetry.refused order by id desc offset $1 limit 1)',
      [most],
    );
  }

  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    flushing = flushing.then(write).catch((error) => log.warn({ err: error }, 'refused events were not noted'));
    return flushing;
  };

  return {
    note(refused) {
      if (most === 0) return;
      if (waiting.length >= MOST_WAITING) {
        lost += 1;
        return;
      }
      waiting.push({
        time: refused.time,
        source: storable(refused.source, MOST_TEXT),
        domain: storable(refused.domain, MOST_TEXT),
        eventId: storable(refused.eventId, MOST_TEXT),
        reason: storable(redacted(refused.reason), MOST_TEXT),
        body: storable(redacted(refused.body), MOST_BODY),
      });
      timer ??= setTimeout(() => void flush(), 200).unref();
    },
    async list({ most: wanted, source, domain, eventId, code, from, to, before }) {
      await flush();
      // One more than asked for tells whether there is a next page. The list is bounded, so it needs no index.
      const { rows } = await pool.query<RefusedEvent & { id: number }>(
        `select id, time, source, domain, event_id as "eventId", reason, body from telemetry.refused
         where ($2::text is null or source = $2) and ($3::text is null or domain = $3)
           and ($4::text is null or event_id = $4) and ($5::text is null or starts_with(reason, $5 || ':'))
           and ($6::bigint is null or time >= $6) and ($7::bigint is null or time < $7) and ($8::bigint is null or id < $8)
         order by id desc limit $1`,
        [wanted + 1, source, domain, eventId, code, from, to, before].map((value) => value ?? null),
      );
      const refused = rows.slice(0, wanted);
      const last = refused.at(-1);
      return rows.length > wanted && last ? { refused, next: last.id } : { refused };
    },
    flush,
  };
}

/** Cut to a length, and without what PostgreSQL's text cannot hold. */
function storable(text: string, most: number): string {
  return text.slice(0, most).replace(/\0|\p{Surrogate}/gu, '\ufffd');
}
