import type { WorkersStats } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import type { Static } from 'typebox';
import type { Core } from '../core.ts';
import { pointsOf, type Span, type SpanRequest, spanOf } from '../store/buckets.ts';
import { ApiError } from '../wire/errors.ts';

/** Workers report every half minute; points that stand closer would have gaps. */
export const LEAST_INTERVAL_SECONDS = 40;
const MOST_ROWS = 200_000;
const MOST_NUMBERS = 1_000_000;

type Aggregation = 'avg' | 'min' | 'max';
type Request = Static<typeof WorkersStats>;

interface Cell {
  worker: string;
  metric: string;
  /** The device, counted from 0, or `total`; empty where devices are taken together. */
  variant: string;
  at: number;
  avg: number;
  min: number;
  max: number;
}

interface Series {
  metric: string;
  variant: string;
  cells: Map<number, Cell>;
}

/** Series by worker. A point at which nothing was reported is 0, as in the charts of the API's own pages. */
export async function workerStats(core: Core, request: Request): Promise<object[]> {
  const span = spanOf(request, LEAST_INTERVAL_SECONDS);
  const dates = pointsOf(span);
  const wanted = aggregations(request);
  const main = seriesOf(await readCells(core, { request, span, split: request.split_by_variant === true }));
  const devices = request.split_by_resource
    ? seriesOf(await readCells(core, { request, span, split: true }))
    : new Map<string, Series[]>();
  const count = [...main.values(), ...devices.values()].flat().length;
  if (count * dates.length > MOST_NUMBERS) throw new ApiError('badValue', { series: count }, 'ask for less at once');
  return [...main].map(([worker, list]) => ({
    worker,
    metrics: list.map(({ metric, variant, cells }) => ({
      metric,
      ...(request.split_by_variant ? { variant } : {}),
      dates,
      stats: (wanted.get(metric) ?? []).map((aggregation) => ({
        aggregation,
        dates,
        values: valuesOf(cells, dates, aggregation),
        ...(request.split_by_resource
          ? {
              resource_series: (devices.get(worker) ?? [])
                .filter((one) => one.metric === metric && (!request.split_by_variant || one.variant === variant))
                .map((one) => ({ name: one.variant, values: valuesOf(one.cells, dates, aggregation) })),
            }
          : {}),
      })),
    })),
  }));
}

function aggregations({ items }: Request): Map<string, Aggregation[]> {
  const wanted = new Map<string, Aggregation[]>();
  for (const { key, aggregation, category } of items) {
    const list = wanted.get(key) ?? [];
    const one = aggregation ?? category ?? 'avg';
    wanted.set(key, list.includes(one) ? list : [...list, one]);
  }
  return wanted;
}

function valuesOf(cells: ReadonlyMap<number, Cell>, dates: readonly number[], aggregation: Aggregation): number[] {
  return dates.map((at) => cells.get(at)?.[aggregation] ?? 0);
}

function seriesOf(rows: readonly Cell[]): Map<string, Series[]> {
  const byWorker = new Map<string, Series[]>();
  for (const row of rows) {
    const list = byWorker.get(row.worker) ?? [];
    byWorker.set(row.worker, list);
    // The rows of one series follow each other.
    let series = list.at(-1);
    if (series?.metric !== row.metric || series.variant !== row.variant) {
      series = { metric: row.metric, variant: row.variant, cells: new Map() };
      list.push(series);
    }
    series.cells.set(row.at, row);
  }
  return byWorker;
}

interface Wanted {
  readonly request: Request;
  readonly span: Span;
  readonly split: boolean;
}

async function readCells(core: Core, { request, span, split }: Wanted): Promise<Cell[]> {
  const { items, worker_ids } = request;
  const keys = [...new Set(items.map(({ key }) => key))];
  const ofWorkers = worker_ids?.length ? sql`s.worker = any(${worker_ids}::text[])` : sql`true`;
  const { rows } = await sql<Cell>`select s.worker, m.key as metric, ${split ? sql`d.variant` : sql`''`} as variant,
      s.ts / ${span.step}::bigint * ${span.step}::bigint as at, avg(d.value) as avg, min(d.value) as min, max(d.value) as max
    from tracking.worker_stats s
      cross join unnest(${keys}::text[]) k (key)
      cross join lateral (select k.key, s.stats -> k.key as value) m
      cross join lateral (
        select (place - 1)::text as variant, (item #>> '{}')::double precision as value
          from jsonb_array_elements(case jsonb_typeof(m.value) when 'array' then m.value else '[]' end)
            with ordinality devices (item, place) where jsonb_typeof(item) = 'number'
        union all
        select 'total', (m.value #>> '{}')::double precision where jsonb_typeof(m.value) = 'number') d
    where s.ts between ${span.from} and ${span.to} and ${ofWorkers}
    group by 1, 2, 3, 4 order by 1, 2, length(${split ? sql`d.variant` : sql`''`}), 3, 4
    limit ${MOST_ROWS + 1}`.execute(core.db);
  if (rows.length > MOST_ROWS) throw new ApiError('badValue', { most: MOST_ROWS }, 'ask for less at once');
  return rows;
}

/** How many workers reported at each point, and how many of them were at work. */
export async function activityReport(core: Core, request: SpanRequest): Promise<object> {
  const span = spanOf(request, LEAST_INTERVAL_SECONDS);
  const { rows } = await sql<{ at: number; total: number; active: number }>`select
      ts / ${span.step}::bigint * ${span.step}::bigint as at, count(distinct worker) as total,
      count(distinct worker) filter (where task is not null) as active
    from tracking.worker_stats where ts between ${span.from} and ${span.to} group by 1`.execute(core.db);
  const byTime = new Map(rows.map((row) => [row.at, row]));
  const dates = pointsOf(span);
  const series = (field: 'total' | 'active') => ({ dates, counts: dates.map((at) => byTime.get(at)?.[field] ?? 0) });
  return { total: series('total'), active: series('active') };
}

/** The metrics that were reported, by category. */
export async function metricKeys(core: Core, workers: readonly string[] = []): Promise<object> {
  const condition = workers.length > 0 ? sql`worker = any(${[...workers]}::text[])` : sql`true`;
  const { rows } = await sql<{ metric: string }>`select distinct jsonb_object_keys(stats) as metric
    from tracking.worker_stats where ${condition} order by 1`.execute(core.db);
  if (rows.length === 0) throw new ApiError('noWorkerStats', { worker_ids: workers });
  const categories = new Map<string, string[]>();
  for (const { metric } of rows) {
    const name = metric.split('_', 1)[0] ?? metric;
    categories.set(name, [...(categories.get(name) ?? []), metric]);
  }
  return { categories: [...categories].map(([name, keys]) => ({ name, metric_keys: keys })) };
}
