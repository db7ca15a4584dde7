import type { ServingHistory } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import type { Static } from 'typebox';
import type { Core } from '../core.ts';
import { pointsOf, spanOf } from '../store/buckets.ts';
import { ApiError } from '../wire/errors.ts';
import { LEAST_INTERVAL_SECONDS } from '../workers/charts.ts';

type Request = Static<typeof ServingHistory>;
type Metric = NonNullable<Request['metric_type']>;

/** Instances add up but where each has a rate of its own. */
const CHARTS: Readonly<Record<Metric, { title: string; total: 'sum' | 'mean' }>> = {
  requests: { title: 'Number of Requests', total: 'sum' },
  requests_min: { title: 'Requests per Minute', total: 'sum' },
  latency_ms: { title: 'Average Latency (ms)', total: 'mean' },
  cpu_count: { title: 'CPU Count', total: 'sum' },
  gpu_count: { title: 'GPU Count', total: 'sum' },
  cpu_util: { title: 'Average CPU Load (%)', total: 'mean' },
  gpu_util: { title: 'Average GPU Utilization (%)', total: 'mean' },
  ram_total: { title: 'RAM Total (GB)', total: 'sum' },
  ram_used: { title: 'RAM Used (GB)', total: 'sum' },
  ram_free: { title: 'RAM Free (GB)', total: 'sum' },
  gpu_ram_total: { title: 'GPU RAM Total (GB)', total: 'sum' },
  gpu_ram_used: { title: 'GPU RAM Used (GB)', total: 'sum' },
  gpu_ram_free: { title: 'GPU RAM Free (GB)', total: 'sum' },
  network_rx: { title: 'Network Throughput RX (MBps)', total: 'sum' },
  network_tx: { title: 'Network Throughput TX (MBps)', total: 'sum' },
};

const MOST_ROWS = 200_000;
const MOST_NUMBERS = 1_000_000;

interface Cell {
  container: string;
  at: number;
  value: number | null;
}

/** One chart of an endpoint: at each point the mean of what an instance reported, and all instances together. */
export async function metricsHistory(core: Core, request: Request): Promise<object> {
  const span = spanOf(request, LEAST_INTERVAL_SECONDS);
  const metric = request.metric_type ?? 'requests';
  const { title, total } = CHARTS[metric];
  const { rows } = await sql<Cell>`select container, ts / ${span.step}::bigint * ${span.step}::bigint as at,
      avg((stats ->> ${metric})::double precision) as value
    from tracking.serving_stats where md5(endpoint_url) = md5(${request.endpoint_url}::text)
      and endpoint_url = ${request.endpoint_url} and ts between ${span.from} and ${span.to}
    group by 1, 2 order by 1, 2 limit ${MOST_ROWS + 1}`.execute(core.db);
  const instances = byContainer(rows);
  // An endpoint of which nothing is known in this span has no points rather than zeros.
  const dates = instances.size === 0 ? [] : pointsOf(span);
  if (rows.length > MOST_ROWS || instances.size * dates.length > MOST_NUMBERS)
    throw new ApiError('badValue', { instances: instances.size }, 'ask for less at once');
  const charts = request.instance_charts === false ? [] : [...instances];
  return {
    computed_interval: span.step / 1000,
    total: { title, dates, values: totals(instances, dates, total) },
    instances: Object.fromEntries(
      charts.map(([container, values]) => [
        container,
        { title: container, dates, values: dates.map((at) => rounded(values.get(at) ?? 0)) },
      ]),
    ),
  };
}

type Instances = ReadonlyMap<string, ReadonlyMap<number, number>>;

function byContainer(rows: readonly Cell[]): Instances {
  const instances = new Map<string, Map<number, number>>();
  for (const { container, at, value } of rows) {
    const values = instances.get(container) ?? new Map<number, number>();
    instances.set(container, values);
    if (value !== null) values.set(at, value);
  }
  return instances;
}

function totals(instances: Instances, dates: readonly number[], how: 'sum' | 'mean'): number[] {
  return dates.map((at) => {
    const values = [...instances.values()].flatMap((one) => one.get(at) ?? []);
    const sum = values.reduce((all, value) => all + value, 0);
    return rounded(how === 'sum' || values.length === 0 ? sum : sum / values.length);
  });
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
