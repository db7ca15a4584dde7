import { sql } from 'kysely';
import type { Db } from '../core.ts';
import type { Sql } from '../query/entity.ts';
import { md5 } from '../store/ids.ts';
import { isShown, MOST_BYTES, SAMPLE_COLUMNS, type SampleEvent, type SampleType, toSampleEvent } from './samples.ts';

/**
 * The walk through the images or plots of a task one by one: through the names at one iteration, then to the next iteration.
 * An image stands for itself, by metric and variant; the plots of one metric and iteration are shown together.
 */

export interface Extent {
  readonly low: number;
  readonly high: number;
}

/** Where a walk stands. The variant is that of an image; plots have none. */
export interface Position {
  readonly iteration: number;
  readonly metric: string;
  readonly variant: string;
}

export interface History {
  readonly owner: string;
  readonly type: Extract<SampleType, 'training_debug_image' | 'plot'>;
  /** Only this metric is walked through; all of the task when absent. */
  readonly metric: string | undefined;
}

export interface Step {
  readonly events: SampleEvent[];
  readonly extent: Extent;
}

/** Plots of one metric and iteration that are shown together, as in the reference. */
const MOST_TOGETHER = 100;

type Row = Parameters<typeof toSampleEvent>[0] & Extent;

/**
 * The iterations from which there is something to show. Images that share a URL are one file, the newest of them: what
 * was there before is gone, and so is everything before the oldest file.
 */
function extents({ owner, type, metric }: History): Sql {
  const own = sql`s.owner = ${owner} and s.type = ${type} and ${isShown(type)}
    and ${metric === undefined ? sql`true` : sql`s.metric_hash = ${md5(metric)}`}`;
  if (type === 'plot')
    return sql`select s.metric_hash, null as variant_hash, min(s.iter) as low, max(s.iter) as high
      from tracking.samples s where ${own} group by s.metric_hash`;
  return sql`select metric_hash, variant_hash, min(last) as low, max(last) as high from (
      select s.metric_hash, s.variant_hash, max(s.iter) as last from tracking.samples s where ${own}
      group by s.metric_hash, s.variant_hash, s.payload ->> 'url') files
    group by metric_hash, variant_hash`;
}

/** The iterations of one metric (and variant) that can be walked to. */
export async function readExtent(
  db: Db,
  history: History,
  { metric, variant }: { metric: string; variant: string },
): Promise<Extent | undefined> {
  const { rows } = await sql<Extent>`select low, high from (${extents({ ...history, metric })}) e
    where metric_hash = ${md5(metric)} and coalesce(variant_hash, '') = ${history.type === 'plot' ? '' : md5(variant)}`.execute(
    db,
  );
  return rows[0];
}

/** The events of the place itself: at its iteration or the nearest before. */
export function stepTo(db: Db, history: History, to: Position): Promise<Step | undefined> {
  const variant = history.type === 'plot' ? sql`true` : sql`s.variant_hash = ${md5(to.variant)}`;
  return nearest(db, history, {
    condition: sql`s.metric_hash = ${md5(to.metric)} and ${variant} and s.iter <= ${to.iteration}::bigint`,
    earlier: true,
  });
}

/** The events after or before a place; `nextIteration` leaves out the other names of the same iteration. */
export function stepFrom(
  db: Db,
  history: History,
  from: Position,
  { earlier, nextIteration }: { earlier: boolean; nextIteration: boolean },
): Promise<Step | undefined> {
  const beyond = sql.raw(earlier ? '<' : '>');
  const names =
    history.type === 'plot'
      ? sql`s.metric ${beyond} ${from.metric}`
      : sql`(s.metric, s.variant) ${beyond} (${from.metric}, ${from.variant})`;
  const other = sql`s.iter ${beyond} ${from.iteration}::bigint`;
  const condition = nextIteration ? other : sql`(${other} or (s.iter = ${from.iteration}::bigint and ${names}))`;
  return nearest(db, history, { condition, earlier });
}

/** The first event of the walk that meets the condition, and with a plot those that are shown with it. */
async function nearest(
  db: Db,
  history: History,
  { condition, earlier }: { condition: Sql; earlier: boolean },
): Promise<Step | undefined> {
  const { owner, type, metric } = history;
  const direction = sql.raw(earlier ? 'desc' : 'asc');
  const only = metric === undefined ? sql`true` : sql`s.metric_hash = ${md5(metric)}`;
  const together =
    type === 'plot'
      ? sql`s.metric_hash = f.metric_hash`
      : sql`s.metric_hash = f.metric_hash and s.variant_hash = f.variant_hash and s.identity = f.identity`;
  const { rows } = await sql<Row>`
    with extent as materialized (${extents(history)}),
      first as (select s.iter, s.metric_hash, s.variant_hash, s.identity, e.low, e.high
        from tracking.samples s join extent e
          on e.metric_hash = s.metric_hash and (e.variant_hash is null or e.variant_hash = s.variant_hash)
        where s.owner = ${owner} and s.type = ${type} and s.iter >= e.low and ${isShown(type)} and ${only} and ${condition}
        order by s.iter ${direction}, s.metric ${direction}, s.variant ${direction}, s.identity limit 1)
    select ${SAMPLE_COLUMNS}, s.low, s.high from (
      select s.*, f.low, f.high, row_number() over w as place, sum(s.bytes) over w as up_to
      from first f join tracking.samples s
        on s.owner = ${owner} and s.type = ${type} and s.iter = f.iter and ${together}
      window w as (order by s.variant, s.ts, s.identity)) s
    where place = 1 or (place <= ${MOST_TOGETHER} and up_to <= ${MOST_BYTES}) order by place`.execute(db);
  const [first] = rows;
  if (!first) return undefined;
  return { events: rows.map(toSampleEvent), extent: { low: first.low, high: first.high } };
}
