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
/** Bytes of one answer: figures may be large, and an answer is held in memory. */
export const MOST_BYTES = 33_554_432;
/** What belongs together is not divided, up to so many bytes. */
const MOST_ONE_ITERATION = 134_217_728;

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
      select placed.*, sum(placed.bytes) over (order by place) as up_to from placed
      where place > ${offset} and place <= ${offset + MOST})
    select ${SAMPLE_COLUMNS}, s.total from page s
    where up_to <= ${MOST_BYTES} or place = ${offset + 1} order by place`.execute(db);
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
  const iterations = await iterationsThatFit(db, wanted);
  const { rows } = await sql<Row>`with ${shown(wanted)}
    select ${SAMPLE_COLUMNS} from shown join tracking.samples s
      on s.owner = shown.owner and s.type = ${wanted.type} and s.identity = shown.identity
    where s.iter = any(${iterations}::bigint[])
    order by s.iter desc, s.metric, s.variant, s.ts desc, s.identity limit ${MOST}`.execute(db);
  const byIter = new Map<number, SampleEvent[]>();
  for (const row of rows) {
    const events = byIter.get(row.iter) ?? [];
    byIter.set(row.iter, events);
    events.push(toSampleEvent(row));
  }
  return [...byIter].map(([iter, events]) => ({ iter, events }));
}

/** As many iterations as were asked for, or as one answer holds: the walk goes on behind them. */
async function iterationsThatFit(db: Db, wanted: IterationsWanted): Promise<number[]> {
  const { rows } = await sql<{ iter: number; count: number; bytes: number }>`with ${shown(wanted)}
    select iter, count(*) as count, sum(bytes) as bytes from shown
    group by iter order by iter ${sql.raw(wanted.earlier ? 'desc' : 'asc')} limit ${wanted.iters}`.execute(db);
  const fitting: number[] = [];
  let [events, size] = [0, 0];
  for (const { iter, count, bytes } of rows) {
    events += count;
    size += bytes;
    if (fitting.length > 0 && (events > MOST || size > MOST_BYTES)) break;
    if (events > MOST || size > MOST_ONE_ITERATION)
      throw new ApiError(
        'badValue',
        { iter, events, bytes: size },
        'too much for one answer: name a metric or variants',
      );
    fitting.push(iter);
  }
  return fitting;
}

function shown({ owner, type, condition, bound }: IterationsWanted): Sql {
  const own = sql`s.owner = ${owner} and s.type = ${type} and ${condition}`;
  return sql`newest as (select distinct on (s.metric_hash, s.variant_hash) s.metric_hash, s.variant_hash, s.iter, ${URL} as url
        from tracking.samples s where ${own} and ${type === 'training_debug_image'} and ${URL} <> ''
        order by s.metric_hash, s.variant_hash, s.iter desc),
      gone as materialized (select s.metric_hash, s.variant_hash, max(s.iter) as iter
        from newest n join tracking.samples s on s.metric_hash = n.metric_hash and s.variant_hash = n.variant_hash
        where ${own} and s.iter < n.iter and ${URL} = n.url group by s.metric_hash, s.variant_hash),
      shown as (select s.owner, s.identity, s.iter, s.bytes from tracking.samples s
        where ${own} and ${bound} and ${isShown(type)} and not exists (select from gone g
          where g.metric_hash = s.metric_hash and g.variant_hash = s.variant_hash and s.iter <= g.iter))`;
}

const URL = sql`(s.payload ->> 'url')`;

/** An image without a URL cannot be shown. */
export function isShown(type: SampleType): Sql {
  return type === 'training_debug_image' ? sql`${URL} <> ''` : sql`true`;
}
