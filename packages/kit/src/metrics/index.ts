import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Prometheus metrics of one process part; a room asks for its instruments once, when it is created. */
export interface Metrics {
  counter(name: string, help: string, labels?: readonly string[]): Counter;
  gauge(name: string, help: string, labels?: readonly string[]): Gauge;
  histogram(name: string, help: string, options?: { labels?: readonly string[]; buckets?: number[] }): Histogram;
  /** The sum of a counter or gauge over the label sets that match; 0 when nobody made it. */
  total(name: string, labels?: Readonly<Record<string, string>>): Promise<number>;
  /** Text exposition format. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** Instruments asked for twice under one name are the same instrument, so two hosts may share a room's metrics. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const known = <T>(name: string, make: () => T): T => (registry.getSingleMetric(name) as T | undefined) ?? make();
  const registers = [registry];
  return {
    counter: (name, help, labels = []) =>
      known(name, () => new Counter({ name, help, labelNames: [...labels], registers })),
    gauge: (name, help, labels = []) =>
      known(name, () => new Gauge({ name, help, labelNames: [...labels], registers })),
    histogram: (name, help, { labels = [], buckets } = {}) =>
      known(
        name,
        () => new Histogram({ name, help, labelNames: [...labels], registers, ...(buckets ? { buckets } : {}) }),
      ),
    async total(name, labels = {}) {
      const metric = registry.getSingleMetric(name);
      if (!metric) return 0;
      const wanted = Object.entries(labels);
      return (await metric.get()).values
        .filter((entry) => wanted.every(([label, value]) => (entry.labels as Record<string, unknown>)[label] === value))
        .reduce((sum, { value }) => sum + value, 0);
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
