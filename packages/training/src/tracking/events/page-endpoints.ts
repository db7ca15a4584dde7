import { DeleteEvents, DeleteModelEvents, ScalarMetricData, ScalarRaw, TaskEvents } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import type { Static } from 'typebox';
import { type Core, transaction } from '../core.ts';
import { type Endpoint, endpoint } from '../wire/endpoint.ts';
import { eventTypes, readPage, walkOf } from './pages.ts';
import { lockModel, lockTask, requireOwner } from './scope.ts';
import { removeEvents } from './write.ts';

const DEFAULT_BATCH = 500;
const LARGEST_BATCH = 10_000;
const RAW_BATCH = 10_000;

export function pageEndpoints(core: Core): Endpoint[] {
  return [
    endpoint({
      name: 'events.get_task_events',
      body: TaskEvents,
      run: async ({ task, event_type, batch_size, order, scroll_id, metrics, count_total = true, model_events }) => {
        await requireOwner(core.db, task, model_events);
        const limit = Math.min(batch_size ?? DEFAULT_BATCH, LARGEST_BATCH);
        const asked = { owner: task, types: eventTypes(event_type), metrics, limit, descending: order === 'desc' };
        const place = { scrollId: scroll_id, batchSize: batch_size };
        const walk = await walkOf(core.db, { ...asked, count: count_total }, place);
        const { events, ...rest } = await readPage(core.db, walk);
        return { events, returned: events.length, total: walk.total, ...rest };
      },
    }),
    endpoint({
      name: 'events.get_scalar_metric_data',
      body: ScalarMetricData,
      run: async ({ task, metric, scroll_id, no_scroll, model_events }) => {
        await requireOwner(core.db, task, model_events);
        const asked = { owner: task, types: eventTypes('training_stats_scalar'), metrics: [{ metric }] };
        const course = { limit: DEFAULT_BATCH, descending: true, count: true };
        const walk = await walkOf(core.db, { ...asked, ...course }, { scrollId: scroll_id, batchSize: undefined });
        const { events, ...rest } = await readPage(core.db, walk);
        return { events, returned: events.length, total: walk.total, ...(no_scroll ? {} : rest) };
      },
    }),
    endpoint({
      name: 'events.scalar_metrics_iter_raw',
      since: '2.16',
      body: ScalarRaw,
      run: (body) => raw(core, body),
    }),
    endpoint({
      name: 'events.delete_for_task',
      body: DeleteEvents,
      run: async ({ task, allow_locked }) => {
        await transaction(core, async (trx) => {
          await lockTask(trx, task, allow_locked);
          await removeEvents(trx, task);
          await sql`update tracking.tasks set log_lines = 0 where id = ${task}`.execute(trx);
        });
        return { deleted: true };
      },
    }),
    endpoint({
      name: 'events.delete_for_model',
      since: '2.22',
      body: DeleteModelEvents,
      run: async ({ model, allow_locked }) => {
        await transaction(core, async (trx) => {
          await lockModel(trx, model, allow_locked);
          await removeEvents(trx, model);
        });
        return { deleted: true };
      },
    }),
  ];
}

/** The points of a metric as they were reported, variant by variant. */
async function raw(core: Core, body: Static<typeof ScalarRaw>) {
  const { task, metric, key = 'iter', batch_size, count_total = false, scroll_id, model_events } = body;
  await requireOwner(core.db, task, model_events);
  const asked = { owner: task, types: eventTypes('training_stats_scalar'), metrics: [metric] };
  const course = { limit: batch_size ?? RAW_BATCH, descending: false, count: count_total };
  const walk = await walkOf(core.db, { ...asked, ...course }, { scrollId: scroll_id, batchSize: batch_size });
  const { events, ...rest } = await readPage(core.db, walk);
  const variants = new Map<string, { y: unknown[]; x: unknown[] }>();
  for (const { variant, value, iter, timestamp } of events) {
    const series = variants.get(String(variant)) ?? { y: [], x: [] };
    variants.set(String(variant), series);
    series.y.push(value);
    series.x.push(key === 'iter' ? iter : key === 'timestamp' ? timestamp : new Date(Number(timestamp)).toISOString());
  }
  return {
    variants: Object.fromEntries([...variants].map(([name, { y, x }]) => [name, { y, [key]: x }])),
    returned: events.length,
    total: walk.total,
    ...rest,
  };
}
