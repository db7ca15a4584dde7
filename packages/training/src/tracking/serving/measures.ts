import { readStats } from '../workers/stats.ts';

/** What is kept of each report, and drawn over time. Those of the machine come from its statistics. */
export interface Measures {
  readonly [field: string]: number;
}

interface Report {
  readonly requests_num?: number;
  readonly requests_min?: number;
  readonly latency_ms?: number;
  readonly machine_stats?: Readonly<Record<string, unknown>>;
}

export function measuresOf(report: Report): Measures {
  const stats = readStats(report.machine_stats ?? {});
  const measures: Record<string, number> = {};
  const put = (field: string, value: number | undefined) => {
    if (value !== undefined && Number.isFinite(value)) measures[field] = value;
  };
  put('requests', report.requests_num);
  put('requests_min', report.requests_min);
  put('latency_ms', report.latency_ms);
  for (const device of ['cpu', 'gpu'] as const) {
    const usage = stats[`${device}_usage`];
    put(`${device}_util`, mean(usage));
    put(`${device}_count`, usage === undefined ? undefined : numbers(usage).length);
  }
  for (const [field, metric] of [
    ['ram', 'memory'],
    ['gpu_ram', 'gpu_memory'],
  ] as const) {
    const used = mean(stats[`${metric}_used`]);
    const free = mean(stats[`${metric}_free`]);
    put(`${field}_used`, used);
    put(`${field}_free`, free);
    if (used !== undefined || free !== undefined) put(`${field}_total`, (used ?? 0) + (free ?? 0));
  }
  put('network_rx', mean(stats['network_rx']));
  put('network_tx', mean(stats['network_tx']));
  return measures;
}

function numbers(value: number | (number | null)[]): number[] {
  return [value].flat().filter((item) => item !== null);
}

function mean(value: number | (number | null)[] | undefined): number | undefined {
  const all = value === undefined ? [] : numbers(value);
  return all.length === 0 ? undefined : all.reduce((sum, item) => sum + item, 0) / all.length;
}
