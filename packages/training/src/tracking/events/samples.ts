import type { MetricVariants } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import type { Db } from '../core.ts';
import type { Sql } from '../query/entity.ts';
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
  /** How many events to skip: those of the pages before. */
  readonly offset?: number;
}

export interface SamplePage {
  readonly events: SampleEvent[];
  readonly total: number;
}

/** The newest iterations of every metric and variant, as many as fit one answer. */
export async function newestSamples(db: Db, { owners, type, metrics, iters, offset = 0 }: Newest): Promise<SamplePage> {
  const order = sql`metric_hash, variant_hash, iter desc, ts, identity`;
  const { rows } = await sql<Row & { total: number }>`
    with newest as (
      select s.*, dense_rank() over (partition by s.owner, s.metric_hash, s.variant_hash order by s.iter desc) as age
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

/** The events of the next `iters` iterations before or after a bound, newest first. */
export async function samplesByIteration(
  db: Db,
  wanted: IterationsWanted,
): Promise<{ iter: number; events: SampleEvent[] }[]> {
  const { owner, type, condition, iters, bound, earlier } = wanted;
  const { rows } = await sql<Row>`
    with chosen as (select distinct s.iter from tracking.samples s
      where s.owner = ${owner} and s.type = ${type} and ${condition} and ${bound}
      order by s.iter ${sql.raw(earlier ? 'desc' : 'asc')} limit ${iters})
    select ${SAMPLE_COLUMNS} from tracking.samples s join chosen c on c.iter = s.iter
    where s.owner = ${owner} and s.type = ${type} and ${condition}
    order by s.iter desc, s.metric, s.variant, s.ts desc limit ${MOST}`.execute(db);
  const byIter = new Map<number, SampleEvent[]>();
  for (const row of rows) {
    const events = byIter.get(row.iter) ?? [];
    byIter.set(row.iter, events);
    events.push(toSampleEvent(row));
  }
  return [...byIter].map(([iter, events]) => ({ iter, events }));
}
