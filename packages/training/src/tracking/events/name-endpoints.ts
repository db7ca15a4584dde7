import { EVENT_TYPES, EventsOfTask, type EventType, MultiTaskMetrics, TaskMetrics } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import type { Core } from '../core.ts';
import { type Endpoint, endpoint } from '../wire/endpoint.ts';
import { ApiError } from '../wire/errors.ts';
import { eventTypes } from './pages.ts';
import { requireOwner, requireOwners } from './scope.ts';

interface Name {
  owner: string;
  metric: string;
  variant: string;
}

const MOST_NAMES = 20_000;

/** The metrics and variants that were reported, in the order of their names. */
async function names(core: Core, ids: readonly string[], types: readonly EventType[]): Promise<Name[]> {
  const owners = sql`any(${[...ids]}::text[])`;
  const kinds = types.filter((type) => type !== 'training_stats_scalar' && type !== 'log');
  const parts = [
    sql`select s.owner, s.metric, s.variant from tracking.samples s
    where s.owner = ${owners} and s.type = any(${kinds}::text[])`,
  ];
  if (types.includes('training_stats_scalar'))
    parts.push(sql`select s.owner, s.metric, s.variant from tracking.series s where s.owner = ${owners}`);
  if (types.includes('log'))
    parts.push(
      sql`select l.task, l.metric, l.variant from tracking.logs l where l.task = ${owners} and l.metric <> ''`,
    );
  const { rows } =
    await sql<Name>`select distinct owner, metric, variant from (${sql.join(parts, sql` union all `)}) named
    order by metric, variant, owner limit ${MOST_NAMES + 1}`.execute(core.db);
  if (rows.length > MOST_NAMES)
    throw new ApiError('badValue', { limit: MOST_NAMES }, 'too many metrics: ask for fewer tasks');
  return rows;
}

function byMetric(rows: readonly Name[]): Map<string, Set<string>> {
  const metrics = new Map<string, Set<string>>();
  for (const { metric, variant } of rows) metrics.set(metric, (metrics.get(metric) ?? new Set()).add(variant));
  return metrics;
}

export function nameEndpoints(core: Core): Endpoint[] {
  const ofTask = (name: string, type: EventType) =>
    endpoint({
      name,
      body: EventsOfTask,
      run: async ({ task, model_events }) => {
        await requireOwner(core.db, task, model_events);
        const metrics = byMetric(await names(core, [task], [type]));
        return { metrics: Object.fromEntries([...metrics].map(([metric, variants]) => [metric, [...variants]])) };
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
        const found = await requireOwners(core.db, tasks, model_events);
        const rows = await names(core, tasks, eventTypes(event_type));
        const metrics = found.map(({ id }) => {
          const own = rows.filter(({ owner }) => owner === id);
          return { task: id, metrics: [...byMetric(own).keys()] };
        });
        return { metrics };
      },
    }),
    endpoint({
      name: 'events.get_multi_task_metrics',
      since: '2.28',
      body: MultiTaskMetrics,
      run: async ({ tasks, event_type, model_events }) => {
        await requireOwners(core.db, tasks, model_events);
        const types = event_type === undefined ? EVENT_TYPES : eventTypes(event_type);
        const metrics = byMetric(await names(core, tasks, types));
        return { metrics: [...metrics].map(([metric, variants]) => ({ metric, variants: [...variants] })) };
      },
    }),
  ];
}
