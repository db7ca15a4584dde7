import { type Hours, spanOf } from './queues.ts';
import { type Ref, track } from './tracking.ts';

export interface WorkerState {
  id: string;
  key: string;
  ip?: string;
  user?: Ref;
  register_time?: string;
  /** Seconds of silence after which the server forgets the worker. */
  register_timeout?: number;
  last_activity_time?: string;
  last_report_time?: string;
  tags?: string[];
  task?: { id: string; name: string; running_time?: number; last_iteration?: number };
  project?: { id: string; name: string };
  queues?: { id: string; name: string; num_tasks?: number }[];
}

export async function listWorkers(signal?: AbortSignal): Promise<WorkerState[]> {
  const { workers } = await track<{ workers: WorkerState[] }>('workers.get_all', { last_seen: 0 }, signal);
  return workers;
}

export interface MachineCurve {
  metric: string;
  /** `total`, or the number of the device. */
  variant: string;
  /** Epoch milliseconds. */
  dates: number[];
  values: (number | null)[];
}

/** The order in which they are drawn; the unit of each is the one that agents report in. */
const MACHINE_KEYS = [
  'cpu_usage',
  'gpu_usage',
  'memory_used',
  'memory_free',
  'gpu_memory_used',
  'gpu_memory_free',
  'network_rx',
  'network_tx',
] as const;

interface WireStats {
  workers: {
    metrics: { metric: string; variant?: string; stats: { dates: number[]; values: number[] }[] }[];
  }[];
}

/** What the machine of a worker did; a time at which it did not report is null. */
export async function machineCurves(worker: string, span: Hours, signal?: AbortSignal): Promise<MachineCurve[]> {
  const { workers } = await track<WireStats>(
    'workers.get_stats',
    {
      ...spanOf(span),
      worker_ids: [worker],
      split_by_variant: true,
      items: MACHINE_KEYS.map((key) => ({ key, aggregation: 'avg' })),
    },
    signal,
  );
  const curves = (workers[0]?.metrics ?? []).flatMap(({ metric, variant = 'total', stats }) =>
    stats.map(({ dates, values }) => ({ metric, variant, dates, values })),
  );
  // The API says 0 where nothing was reported. A machine that runs uses memory, so all zeros are silence.
  const silent = curves[0]?.dates.map((_, at) => curves.every(({ values }) => values[at] === 0)) ?? [];
  return curves.map((curve) => ({ ...curve, values: curve.values.map((value, at) => (silent[at] ? null : value)) }));
}

interface Counts {
  dates: number[];
  counts: number[];
}

export const activity = (span: Hours, signal?: AbortSignal) =>
  track<{ total: Counts; active: Counts }>('workers.get_activity_report', spanOf(span), signal);
