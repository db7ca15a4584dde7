import { DeleteEvents, ScalarMetricData, ScalarRaw, TaskEvents } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import { type Core, transaction } from '../core.ts';
import { type Endpoint, endpoint } from '../wire/endpoint.ts';
import { ApiError } from '../wire/errors.ts';
import { countEvents, eventTypes, readPage } from './pages.ts';
import { requireOwner } from './scope.ts';
import { removeEvents } from './write.ts';

const DEFAULT_BATCH = 500;
const LARGEST_BATCH = 10_000;

export function pageEndpoints(core: Core): Endpoint[] {
  return [
    endpoint({
      name: 'events.get_task_events',
      body: TaskEvents,
      run: async ({
        task,
        event_type,
        batch_size = DEFAULT_BATCH,
        order,
        scroll_id,
        metrics,
        count_total,
        model_events,
      }) => {
        await requireOwner(core.db, task, model_events);
        const request = {
          owner: task,
          types: eventTypes(event_type),
          metrics,
          limit: Math.min(batch_size, LARGEST_BATCH),
          descending: order === 'desc',
          scrollId: scroll_id,
        };
        const { events, ...rest } = await readPage(core.db, request);
        const total = count_total === false ? {} : { total: await countEvents(core.db, request) };
        return { events, returned: events.length, ...rest, ...total };
      },
    }),
    endpoint({
      name: 'events.get_scalar_metric_data',
      body: ScalarMetricData,
      run: async ({ task, metric, scroll_id, no_scroll, model_events }) => {
        await requireOwner(core.db, task, model_events);
        const metrics = metric === undefined ? undefined : [{ metric }];
        const request = { owner: task, types: ['training_stats_scalar' as const], metrics };
        const page = { ...request, limit: LARGEST_BATCH, descending: false, scrollId: scroll_id };
        const { events, ...rest } = await readPage(core.db, page);
        const total = await countEvents(core.db, request);
        return { events, returned: events.length, total, ...(no_scroll ? {} : rest) };
      },
    }),
    endpoint({
      name: 'events.scalar_metrics_iter_raw',
      since: '2.16',
      body: ScalarRaw,
      run: async ({ task, metric, key = 'iter', batch_size = LARGEST_BATCH, count_total, scroll_id, model_events }) => {
        await requireOwner(core.db, task, model_events);
        const request = { owner: task, types: ['training_stats_scalar' as const], metrics: [metric] };
        const page = { ...request, limit: batch_size, descending: false, scrollId: scroll_id };
        const { events, ...rest } = await readPage(core.db, page);
        const field = key === 'iter' ? 'iter' : 'timestamp';
        const variants = new Map<string, { y: unknown[] } & Record<string, unknown[]>>();
        for (const event of events) {
          const name = String(event['variant']);
          const series = variants.get(name) ?? { y: [], [field]: [] };
          variants.set(name, series);
          series.y.push(event['value']);
          series[field]?.push(key === 'iso_time' ? new Date(Number(event['timestamp'])).toISOString() : event[field]);
        }
        const total = count_total ? { total: await countEvents(core.db, request) } : {};
        return { variants: Object.fromEntries(variants), returned: events.length, ...rest, ...total };
      },
    }),
    endpoint({
      name: 'events.delete_for_task',
      body: DeleteEvents,
      run: async ({ task, allow_locked }) => {
        await transaction(core, async (trx) => {
          const query = trx.selectFrom('tasks').select('status').where('id', '=', task).forUpdate();
          const found = await query.executeTakeFirst();
          const locked = found?.status === 'published' || found?.status === 'publishing';
          if (!found || (locked && !allow_locked)) throw new ApiError('invalidTaskId', { id: task });
          await removeEvents(trx, task);
          await sql`update tracking.tasks set log_lines = 0 where id = ${task}`.execute(trx);
        });
        return { deleted: true };
      },
    }),
  ];
}
