import type { QueuesMetrics } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import type { Static } from 'typebox';
import type { Core, Db } from '../core.ts';
import { spanOf } from '../store/buckets.ts';
import { ApiError } from '../wire/errors.ts';
import { QUEUES } from './entity.ts';

/** A queue that did not change is measured this often, so that charts show how its tasks wait. */
const REFRESH_SECONDS = 300;
/** Points before the span are given as well: a queue that changes seldom would have none. */
const BEFORE_MS = 3_600_000;
const MOST_QUEUES = 10_000;
const MOST_ROWS = 200_000;

/** Notes how long the queues are and how many seconds their tasks have waited on the average. */
export async function recordLengths(db: Db, queues: readonly string[]): Promise<void> {
  await sql`insert into tracking.queue_metrics (queue, ts, waiting, length)
    select q.id, ${Math.floor(Date.now() / 1000) * 1000}::bigint,
      coalesce(avg(greatest(0, extract(epoch from clock_timestamp() - e.added))), 0), count(e.task)
    from tracking.queues q left join tracking.queue_entries e on e.queue = q.id
    where q.id = any(${[...queues]}::text[]) group by q.id order by q.id
    on conflict (queue, ts) do update set waiting = excluded.waiting, length = excluded.length
    where (excluded.waiting, excluded.length) > (queue_metrics.waiting, queue_metrics.length)`.execute(db);
}

export async function refreshQueueMetrics(core: Core): Promise<void> {
  const { rows } = await sql<{ id: string }>`select q.id from tracking.queues q
    where not exists (select 1 from tracking.queue_metrics m
      where m.queue = q.id and m.ts > ${Date.now() - REFRESH_SECONDS * 1000}) limit ${MOST_QUEUES}`.execute(core.db);
  await recordLengths(
    core.db,
    rows.map(({ id }) => id),
  );
}

export async function dropOldQueueMetrics(core: Core): Promise<void> {
  const oldest = Date.now() - core.config.statisticsDays * 86_400_000;
  await sql`delete from tracking.queue_metrics where ts < ${oldest}`.execute(core.db);
}

interface Point {
  queue: string;
  at: number;
  waiting: number;
  length: number;
}

/** Of several measurements between two dates the one with the longest wait counts. Dates are epoch milliseconds. */
export async function queueMetrics(core: Core, request: Static<typeof QueuesMetrics>): Promise<object[]> {
  const span = spanOf(request);
  const each = (request.queue_ids?.length ?? 0) > 0;
  const chosen = each ? sql`q.id = any(${request.queue_ids ?? []}::text[])` : sql`true`;
  const shown = each || request.search_hidden ? sql`true` : sql`not q.system_tags @> ${[QUEUES.hiddenTag]}::text[]`;
  const ids = await sql<{ id: string }>`select q.id from tracking.queues q where ${chosen} and ${shown}
    limit ${MOST_QUEUES}`.execute(core.db);
  const queues = ids.rows.map(({ id }) => id);
  if (request.refresh) await recordLengths(core.db, queues);
  const { rows } =
    await sql<Point>`select distinct on (1, 2) ts / ${span.step}::bigint * ${span.step}::bigint as at, queue,
      waiting, length from tracking.queue_metrics
    where queue = any(${queues}::text[]) and ts between ${span.from - BEFORE_MS} and ${span.to}
    order by 1, 2, waiting desc, length desc limit ${MOST_ROWS + 1}`.execute(core.db);
  if (rows.length > MOST_ROWS) throw new ApiError('badValue', { most: MOST_ROWS }, 'ask for less at once');
  if (each) return [...byQueue(rows)].map(([queue, points]) => wireSeries(queue, points));
  return queues.length > 0 ? [wireSeries('total', totals(rows))] : [];
}

function wireSeries(queue: string, points: readonly Omit<Point, 'queue'>[]) {
  return {
    queue,
    dates: points.map(({ at }) => at),
    avg_waiting_times: points.map(({ waiting }) => waiting),
    queue_lengths: points.map(({ length }) => length),
  };
}

function byQueue(points: readonly Point[]): Map<string, Point[]> {
  const queues = new Map<string, Point[]>();
  for (const point of points) {
    const list = queues.get(point.queue) ?? [];
    list.push(point);
    queues.set(point.queue, list);
  }
  return queues;
}

/** All queues together: lengths add up, waits weigh by length. A queue that was not measured is as it was before. */
function totals(points: readonly Point[]): Omit<Point, 'queue'>[] {
  const latest = new Map<string, Point>();
  const result = new Map<number, Omit<Point, 'queue'>>();
  let length = 0;
  let waited = 0;
  for (const point of points) {
    const before = latest.get(point.queue);
    latest.set(point.queue, point);
    length += point.length - (before?.length ?? 0);
    waited += point.waiting * point.length - (before ? before.waiting * before.length : 0);
    result.set(point.at, { at: point.at, length, waiting: length === 0 ? 0 : Math.max(0, waited / length) });
  }
  return [...result.values()];
}
