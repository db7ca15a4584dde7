import { EventsOfTask, TaskMetrics } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import type { Core } from '../core.ts';
import { type Endpoint, endpoint } from '../wire/endpoint.ts';
import { eventTypes } from './pages.ts';
import { owners, requireOwner } from './scope.ts';

interface Name {
  owner: string;
  metric: string;
  variant: string;
}

async function names(core: Core, ids: readonly string[], eventType: string): Promise<Name[]> {
  const [type] = eventTypes(eventType);
  if (type === 'log' || type === undefined) return [];
  const from =
    type === 'training_stats_scalar'
      ? sql`tracking.series s where s.owner = any(${[...ids]}::text[])`
      : sql`tracking.samples s where s.owner = any(${[...ids]}::text[]) and s.type = ${type}`;
  const { rows } = await sql<Name>`select distinct s.owner, s.metric, s.variant from ${from}
    order by s.metric, s.variant limit 20000`.execute(core.db);
  return rows;
}

function byMetric(rows: readonly Name[]): Map<string, string[]> {
  const metrics = new Map<string, string[]>();
  for (const { metric, variant } of rows) {
    const variants = metrics.get(metric) ?? [];
    metrics.set(metric, variants);
    if (!variants.includes(variant)) variants.push(variant);
  }
  return metrics;
}

const asList = (rows: readonly Name[]) => [...byMetric(rows)].map(([metric, variants]) => ({ metric, variants }));

export function nameEndpoints(core: Core): Endpoint[] {
  const ofTask = (name: string, type: string) =>
    endpoint({
      name,
      body: EventsOfTask,
      run: async ({ task, model_events }) => {
        await requireOwner(core.db, task, model_events);
        return { metrics: Object.fromEntries(byMetric(await names(core, [task], type))) };
      },
    });
  return [
    ofTask('events.get_scalar_metrics_and_variants', 'training_stats_scalar'),
    ofTask('events.get_vector_metrics_and_variants', 'training_stats_vector'),
    endpoint({
      name: 'events.get_task_metrics',
      since: '2.7',
      body: TaskMetrics,
      run: async ({ tasks, event_type, model_events }) => {
        const ids = (await owners(core.db, tasks, model_events)).map(({ id }) => id);
        const rows = await names(core, ids, event_type);
        return { metrics: ids.map((task) => ({ task, metrics: asList(rows.filter(({ owner }) => owner === task)) })) };
      },
    }),
    endpoint({
      name: 'events.get_multi_task_metrics',
      since: '2.28',
      body: TaskMetrics,
      run: async ({ tasks, event_type, model_events }) => {
        const ids = (await owners(core.db, tasks, model_events)).map(({ id }) => id);
        return { metrics: asList(await names(core, ids, event_type)) };
      },
    }),
  ];
}
