import type { EventType, MetricVariants } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import type { Db } from '../core.ts';
import { linesAfter, toLogEvent } from './log-lines.ts';
import { MOST_BYTES, SAMPLE_COLUMNS, type SampleType, toSampleEvent } from './samples.ts';
import { metricCondition } from './scope.ts';

/** The key of an event within its type: iteration and series, iteration and identity, or time and number of the line. */
export type PlaceKey = readonly [number, number | string];

export interface PageRequest {
  readonly owner: string;
  readonly metrics: readonly MetricVariants[] | undefined;
  readonly limit: number;
  readonly descending: boolean;
}

/** The next events of one type, each with its key, in the order of the walk. */
export interface Part {
  readonly events: readonly { readonly key: PlaceKey; readonly event: Record<string, unknown> }[];
  /** Nothing of this type lies behind them. */
  readonly ended: boolean;
}
type Reader = (db: Db, request: PageRequest, at: { type: EventType; after: PlaceKey | undefined }) => Promise<Part>;

const order = (descending: boolean) => sql.raw(descending ? 'desc' : 'asc');

/** Each series gives its next points from its own index, then the nearest of all are taken. */
const scalars: Reader = async (db, { owner, metrics, limit: asked, descending }, { after }) => {
  const limit = Math.min(asked, await pointsThatFit(db, owner, metrics));
  const direction = order(descending);
  // Of the iteration where the last page ended, the series before and up to the last one are done.
  const bound = !after
    ? sql`true`
    : descending
      ? sql`p.iter <= ${after[0]}::bigint - (case when s.id < ${after[1]}::bigint then 0 else 1 end)`
      : sql`p.iter >= ${after[0]}::bigint + (case when s.id > ${after[1]}::bigint then 0 else 1 end)`;
  const { rows } = await sql<{ series: number; iter: number } & Record<string, unknown>>`
    select s.id as series, p.iter, s.metric, s.variant, p.ts as timestamp, tracking.finite(p.value) as value
    from tracking.series s cross join lateral (select p.iter, p.ts, p.value from tracking.scalars p
      where p.series = s.id and ${bound} order by p.iter ${direction} limit ${limit}) p
    where s.owner = ${owner} and ${metricCondition(metrics)}
    order by p.iter ${direction}, s.id ${direction} limit ${limit}`.execute(db);
  const events = rows.map(({ series, ...row }) => ({
    key: [row.iter, series] as const,
    event: { type: 'training_stats_scalar', task: owner, ...row },
  }));
  return { events, ended: rows.length < limit };
};

/** Each point repeats the names of its series, and names may be a megabyte long. */
async function pointsThatFit(db: Db, owner: string, metrics: PageRequest['metrics']): Promise<number> {
  const { rows } = await sql<{ longest: number | null }>`
    select max(octet_length(s.metric) + octet_length(s.variant)) as longest from tracking.series s
    where s.owner = ${owner} and ${metricCondition(metrics)}`.execute(db);
  return Math.max(1, Math.floor(MOST_BYTES / ((rows[0]?.longest ?? 0) + BYTES_OF_A_POINT)));
}

/** About what the rest of it takes; pages of ordinary names come out as long as they may be asked for. */
const BYTES_OF_A_POINT = 120;

const samples: Reader = async (db, { owner, metrics, limit, descending }, { type, after }) => {
  const direction = order(descending);
  const bound = after
    ? sql`(s.iter, s.identity) ${sql.raw(descending ? '<' : '>')} (${after[0]}::bigint, ${String(after[1])})`
    : sql`true`;
  const { rows } = await sql<{ iter: number; identity: string; count: number } & Parameters<typeof toSampleEvent>[0]>`
    select ${SAMPLE_COLUMNS}, s.identity, s.count from (
      select page.*, count(*) over () as count, row_number() over w as place, sum(page.bytes) over w as up_to
      from (select s.* from tracking.samples s
        where s.owner = ${owner} and s.type = ${type} and ${metricCondition(metrics)} and ${bound}
        order by s.iter ${direction}, s.identity ${direction} limit ${limit}) page
      window w as (order by iter ${direction}, identity ${direction})) s
    where up_to <= ${MOST_BYTES} or place = 1 order by place`.execute(db);
  const events = rows.map((row) => ({ key: [row.iter, row.identity] as const, event: { ...toSampleEvent(row) } }));
  const found = rows[0]?.count ?? 0;
  return { events, ended: rows.length === found && found < limit };
};

const logs: Reader = async (db, { owner, metrics, limit, descending }, { after }) => {
  const behind = after && ([after[0], Number(after[1])] as const);
  const lines = await linesAfter(db, { task: owner, limit, earlier: descending, metrics, after: behind });
  const events = lines.map((line) => ({ key: [line.timestamp, line.id] as const, event: toLogEvent(owner, line) }));
  // A page that is short by its bytes looks like the last one: only an empty one is.
  return { events, ended: events.length === 0 };
};

export const READERS: Readonly<Record<EventType, Reader>> = {
  training_stats_scalar: scalars,
  training_stats_vector: samples,
  training_debug_image: samples,
  plot: samples,
  log: logs,
} satisfies Record<EventType | SampleType, Reader>;
