import {
  ClearScroll,
  LegacyImages,
  type MetricVariants,
  MultiTaskPlots,
  SamplesByMetric,
  TaskPlots,
  VectorHistogram,
} from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import type { Static } from 'typebox';
import type { Core } from '../core.ts';
import { type Endpoint, endpoint } from '../wire/endpoint.ts';
import { ApiError } from '../wire/errors.ts';
import { isObject } from '../wire/parameters.ts';
import { cursorNumbers, readCursor, writeCursor } from './cursor.ts';
import { newestSamples, type SampleEvent, type SamplePage, type SampleType, samplesByIteration } from './samples.ts';
import { metricCondition, nested, requireOwner, requireOwners } from './scope.ts';

/** Where the page behind the scroll id begins. */
function offsetOf(scrollId: string | undefined): number {
  return scrollId ? (cursorNumbers(readCursor(scrollId), 'at', 1)[0] ?? 0) : 0;
}

export function sampleEndpoints(core: Core): Endpoint[] {
  return [
    endpoint({
      name: 'events.get_task_plots',
      body: TaskPlots,
      run: async ({ task, iters = 1, metrics, no_scroll, scroll_id, model_events }) => {
        await requireOwner(core.db, task, model_events);
        const offset = offsetOf(scroll_id);
        const page = await newestSamples(core.db, { owners: [task], type: 'plot', metrics, iters, offset });
        return { plots: page.events, ...pageInfo(page, offset, no_scroll) };
      },
    }),
    endpoint({
      name: 'events.get_multi_task_plots',
      body: MultiTaskPlots,
      run: async (body) => {
        const {
          tasks,
          iters = 1,
          last_iters_per_task_metric = true,
          metrics,
          no_scroll,
          scroll_id,
          model_events,
        } = body;
        const found = await requireOwners(core.db, tasks, model_events);
        const ids = found.map(({ id }) => id);
        const offset = offsetOf(scroll_id);
        const per = last_iters_per_task_metric ? 'metric' : 'owner';
        const page = await newestSamples(core.db, { owners: ids, type: 'plot', metrics, iters, per, offset });
        const plots = nestPlots(page.events, new Map(found.map(({ id, name }) => [id, name])));
        return { plots, ...pageInfo(page, offset, no_scroll) };
      },
    }),
    byMetric(core, 'events.debug_images', 'training_debug_image'),
    byMetric(core, 'events.plots', 'plot'),
    endpoint({
      name: 'events.debug_images',
      body: LegacyImages,
      run: async ({ task, iters = 1, scroll_id, model_events }) => {
        await requireOwner(core.db, task, model_events);
        const offset = offsetOf(scroll_id);
        const wanted = { owners: [task], type: 'training_debug_image' as const, metrics: undefined, iters };
        const page = await newestSamples(core.db, { ...wanted, per: 'owner', offset });
        return { task, images: page.events, ...pageInfo(page, offset, false) };
      },
    }),
    // Scroll ids hold their whole state: there is nothing to release, and what was cleared may be used on.
    endpoint({
      name: 'events.clear_scroll',
      since: '2.18',
      body: ClearScroll,
      run: () => ({}),
    }),
    endpoint({
      name: 'events.vector_metrics_iter_histogram',
      body: VectorHistogram,
      run: async ({ task, metric, variant, model_events }) => {
        await requireOwner(core.db, task, model_events);
        const metrics = [{ metric, variants: [variant] }];
        const { events } = await newestSamples(core.db, {
          owners: [task],
          type: 'training_stats_vector',
          metrics,
          iters: 1_000,
        });
        events.reverse();
        return {
          metric,
          variant,
          vectors: events.map(({ value }) => value ?? []),
          iterations: events.map(({ iter }) => iter),
        };
      },
    }),
  ];
}

function pageInfo({ events, total }: SamplePage, offset: number, noScroll: boolean | undefined) {
  const scroll = noScroll ? {} : { scroll_id: writeCursor({ at: [offset + events.length] }) };
  return { returned: events.length, total, ...scroll };
}

/** `{metric: {variant: {task: {iter: {name, plots}}}}}` */
function nestPlots(events: readonly SampleEvent[], names: ReadonlyMap<string, string>) {
  const pairs = new Map<string, SampleEvent[]>();
  for (const event of events) {
    const pair = JSON.stringify([event.metric, event.variant]);
    pairs.set(pair, [...(pairs.get(pair) ?? []), event]);
  }
  return nested(
    [...pairs],
    ([pair]) => JSON.parse(pair) as [string, string],
    ([, group]) =>
      nested(
        [...new Map(group.map((event) => [`${event.task}/${event.iter}`, event])).values()],
        (event) => [event.task, String(event.iter)],
        (event) => ({
          name: names.get(event.task) ?? '',
          plots: group.filter(({ task, iter }) => task === event.task && iter === event.iter),
        }),
      ),
  );
}

function byMetric(core: Core, name: string, type: SampleType): Endpoint {
  return endpoint({ name, since: '2.7', body: SamplesByMetric, run: (body) => walk(core, type, body) });
}

/** Iterations of some tasks, newest first; the scroll id holds the span that was shown of each task. */
async function walk(core: Core, type: SampleType, body: Static<typeof SamplesByMetric>) {
  const { metrics, iters = 1, navigate_earlier = true, refresh, scroll_id, model_events } = body;
  const spans = scroll_id && !refresh ? readSpans(scroll_id) : new Map<string, [number, number]>();
  const byTask = new Map<string, MetricVariants[]>();
  const whole = new Set<string>();
  for (const { task, metric, variants } of metrics) {
    const wanted = byTask.get(task) ?? [];
    byTask.set(task, wanted);
    if (metric === undefined || metric === null) whole.add(task);
    else wanted.push({ metric, variants: variants ?? null });
  }
  // Asked for once without a metric, a task is shown with all it has.
  for (const task of whole) byTask.set(task, []);
  const found = await requireOwners(core.db, [...byTask.keys()], model_events);
  const answer = [];
  for (const { id } of found) {
    const span = spans.get(id);
    const bound = !span ? sql`true` : navigate_earlier ? sql`s.iter < ${span[0]}` : sql`s.iter > ${span[1]}`;
    const condition = metricCondition(byTask.get(id));
    // Before anything was shown there is nothing later: the walk begins at the newest.
    const earlier = navigate_earlier || !span;
    const iterations = await samplesByIteration(core.db, { owner: id, type, condition, iters, bound, earlier });
    const shown = iterations.map(({ iter }) => iter);
    if (shown.length > 0) spans.set(id, [Math.min(...shown), Math.max(...shown)]);
    answer.push({ task: id, iterations });
  }
  return { scroll_id: writeCursor({ spans: Object.fromEntries(spans) }), metrics: answer };
}

function readSpans(scrollId: string): Map<string, [number, number]> {
  const { spans } = readCursor(scrollId);
  if (!isObject(spans)) throw new ApiError('invalidScrollId', { scroll_id: scrollId });
  const entries = Object.entries(spans).map(([task, span]): [string, [number, number]] => {
    const [low, high] = Array.isArray(span) ? (span as unknown[]) : [];
    const [first, last] = cursorNumbers({ span: [low, high] }, 'span', 2);
    return [task, [first as number, last as number]];
  });
  return new Map(entries);
}
