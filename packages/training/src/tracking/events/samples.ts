import type { MetricVariants } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import type { Db } from '../core.ts';
import type { Sql } from '../query/entity.ts';
import { ApiError } from '../wire/errors.ts';
import { metricCondition } from './scope.ts';

export type SampleType = 'training_stats_vector' | 'training_debug_image' | 'plot';

/** A plot, debug image or vector as it goes on the wire. */
export interface SampleEvent {
  type: SampleType;
  task: string;
  metric: string;
  variant: string;
  iter: number;
  timestamp: number;
  worker: string;
  plot_str?: string;
  key?: string;
  url?: string;
  value?: number[];
}

interface Row {
  owner: string;
  type: SampleType;
  metric: string;
  variant: string;
  iter: number;
  ts: number;
  worker: string;
  payload: Record<string, unknown>;
}

export const SAMPLE_COLUMNS = sql`s.owner, s.type, s.metric, s.variant, s.iter, s.ts, s.worker, s.payload`;

export function toSampleEvent({ owner, type, metric, variant, iter, ts, worker, payload }: Row): SampleEvent {
  return { ...payload, type, task: owner, metric, variant, iter, timestamp: ts, worker };
}

const MOST = 10_000;
/** Bytes of payload in one answer, as they are stored: figures may be large, and an answer is held in memory. */
const MOST_BYTES = 33_554_432;

interface Newest {
  readonly owners: readonly string[];
  readonly type: SampleType;
  readonly metrics: readonly MetricVariants[] | undefined;
  /** How many iterations of each metric and variant. */
  readonly iters: number;
  /** Whose newest iterations: by default those of each metric and variant. */
  readonly per?: 'variant' | 'metric' | 'owner';
  /** How many events to skip: those of the pages before. */
  readonly offset?: number;
}

const GROUPS = {
  variant: 's.owner, s.metric_hash, s.variant_hash',
  metric: 's.owner, s.metric_hash',
  owner: 's.owner',
};

export interface SamplePage {
  readonly events: SampleEvent[];
  readonly total: number;
}

/** The newest iterations, as many as fit one answer, in the order of names. */
export async function newestSamples(db: Db, wanted: Newest): Promise<SamplePage> {
  const { owners, type, metrics, iters, per = 'variant', offset = 0 } = wanted;
  const order = sql`metric, variant, iter desc, ts, identity`;
  const { rows } = await sql<Row & { total: number }>`
    with newest as (
      select s.*, dense_rank() over (partition by ${sql.raw(GROUPS[per])} order by s.iter desc) as age
      from tracking.samples s
      where s.owner = any(${[...owners]}::text[]) and s.type = ${type} and ${metricCondition(metrics)}),
    placed as (
      select newest.*, count(*) over () as total, row_number() over (order by ${order}) as place
      from newest where age <= ${iters}),
    page as (
      select placed.*, sum(pg_column_size(payload)) over (order by place) as bytes from placed
      where place > ${offset} and place <= ${offset + MOST})
    select ${SAMPLE_COLUMNS}, s.total from page s
    where bytes <= ${MOST_BYTES} or place = ${offset + 1} order by place`.execute(db);
  return { events: rows.map(toSampleEvent), total: rows[0]?.total ?? offset };
}

interface IterationsWanted {
  readonly owner: string;
  readonly type: SampleType;
  readonly condition: Sql;
  readonly iters: number;
  readonly bound: Sql;
  readonly earlier: boolean;
}

/**
 * The events of the next `iters` iterations before or after a bound, newest first. Clients keep a number of image files and
 * write over the oldest: where the newest image of a variant has the URL of an earlier one, that and all before are gone.
 */
export async function samplesByIteration(
  db: Db,
  wanted: IterationsWanted,
): Promise<{ iter: number; events: SampleEvent[] }[]> {
  const { owner, type, condition, iters, bound, earlier } = wanted;
  const own = sql`s.owner = ${owner} and s.type = ${type} and ${condition}`;
  const { rows } = await sql<Row>`
    with newest as (select distinct on (s.metric_hash, s.variant_hash) s.metric_hash, s.variant_hash, s.iter, ${URL} as url
        from tracking.samples s where ${own} and ${type === 'training_debug_image'} and ${URL} <> ''
        order by s.metric_hash, s.variant_hash, s.iter desc),
      gone as materialized (select s.metric_hash, s.variant_hash, max(s.iter) as iter
        from newest n join tracking.samples s on s.metric_hash = n.metric_hash and s.variant_hash = n.variant_hash
        where ${own} and s.iter < n.iter and ${URL} = n.url group by s.metric_hash, s.variant_hash),
      shown as (select s.owner, s.identity, s.iter from tracking.samples s where ${own} and ${bound} and ${isShown(type)}
        and not exists (select from gone g where g.metric_hash = s.metric_hash and g.variant_hash = s.variant_hash
          and s.iter <= g.iter)),
      chosen as (select distinct iter from shown order by iter ${sql.raw(earlier ? 'desc' : 'asc')} limit ${iters}),
      page as (select s.*, row_number() over w as place, sum(pg_column_size(s.payload)) over w as bytes
        from chosen c join shown on shown.iter = c.iter
          join tracking.samples s on s.owner = shown.owner and s.type = ${type} and s.identity = shown.identity
        window w as (order by s.iter desc, s.metric, s.variant, s.ts desc, s.identity))
    select ${SAMPLE_COLUMNS}, bytes, place from page s where place <= ${MOST + 1} order by place`.execute(db);
  refuseUnbounded(rows);
  const byIter = new Map<number, SampleEvent[]>();
  for (const row of rows) {
    const events = byIter.get(row.iter) ?? [];
    byIter.set(row.iter, events);
    events.push(toSampleEvent(row));
  }
  return [...byIter].map(([iter, events]) => ({ iter, events }));
}

const URL = sql`(s.payload ->> 'url')`;

/** An image without a URL cannot be shown. */
export function isShown(type: SampleType): Sql {
  return type === 'training_debug_image' ? sql`${URL} <> ''` : sql`true`;
}

function refuseUnbounded(rows: readonly Row[]): void {
  const bytes = (rows as readonly (Row & { bytes?: number })[]).at(-1)?.bytes ?? 0;
  if (rows.length > MOST) throw new ApiError('badValue', { limit: MOST }, 'too many events: ask for fewer iterations');
  if (bytes > 4 * MOST_BYTES)
    throw new ApiError('badValue', { bytes, limit: 4 * MOST_BYTES }, 'too large an answer: ask for fewer iterations');
}
