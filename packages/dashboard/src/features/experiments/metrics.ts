import type { LastMetric, Task } from '../../api/tracking.ts';

const SEPARATOR = ' / ';

function* lastMetrics(task: Task): Generator<LastMetric & { path: string }> {
  for (const [metricHash, variants] of Object.entries(task.last_metrics ?? {}))
    for (const [variantHash, last] of Object.entries(variants))
      yield { ...last, path: `last_metrics.${metricHash}.${variantHash}.value` };
}

const fullName = ({ metric, variant }: { metric: string; variant: string }) => `${metric}${SEPARATOR}${variant}`;

/** What can be chosen for the metric column: all that the shown tasks reported, machine monitoring last. */
export function metricNames(tasks: readonly Task[]): string[] {
  const names = new Set<string>();
  for (const task of tasks) for (const last of lastMetrics(task)) names.add(fullName(last));
  return [...names].sort(
    (a, b) => Number(a.startsWith(':monitor:')) - Number(b.startsWith(':monitor:')) || a.localeCompare(b),
  );
}

export function lastValue(task: Task, name: string): number | undefined {
  for (const last of lastMetrics(task)) if (fullName(last) === name) return last.value;
  return undefined;
}

/** The field to sort by, which names metric and variant by their hashes; known once a shown task reported them. */
export function metricPath(tasks: readonly Task[], name: string): string | undefined {
  for (const task of tasks) for (const last of lastMetrics(task)) if (fullName(last) === name) return last.path;
  return undefined;
}
