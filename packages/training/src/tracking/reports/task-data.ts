import { checker } from '@ranloop/contracts/schema';
import { type Query, ReportsTaskData } from '@ranloop/contracts/tracking';
import type { Core } from '../core.ts';
import { eventEndpoints } from '../events/index.ts';
import { listModels } from '../models/readers.ts';
import { forVersion } from '../models/versions.ts';
import { listTasks } from '../tasks/index.ts';
import { type Call, createRegistry } from '../wire/endpoint.ts';
import type { Parameters } from '../wire/parameters.ts';

/** As many tasks as the calls about events take at once. */
const AT_ONCE = 100;
/** As many pairs of task and metric as events.debug_images takes at once. */
const MOST_PAIRS = 1_000;

type Nested = Record<string, Record<string, object>>;

/** Tasks (or models) with what their reports embed: the events are those that the calls about events give. */
export function createTaskData(core: Core) {
  const registry = createRegistry(eventEndpoints(core));
  const check = checker(ReportsTaskData);
  return async (body: Query, call: Call) => {
    const parts = check(body, 'reports.get_task_data');
    const { model_events = false } = parts;
    const { tasks, ...rest } = await (model_events
      ? models(core, body, call)
      : listTasks(core, body, { joined: true, call }));
    const ids = tasks.map(({ id }) => String(id));
    const ask = async (name: string, request: Parameters) => {
      const found = registry.find({ name, version: undefined });
      return (await found.run({ one: { ...defined(request), model_events } }, call)) as Parameters;
    };
    return { tasks, ...rest, ...(await gather(parts, ids, ask)) };
  };
}

async function models(core: Core, body: Query, call: Call) {
  const { documents, ...rest } = await listModels(core, body, true);
  return { tasks: forVersion(documents, call), ...rest };
}

type Ask = (name: string, request: Parameters) => Promise<Parameters>;

async function gather(parts: ReportsTaskData, ids: readonly string[], ask: Ask) {
  const { debug_images, plots, scalar_metrics_iter_histogram: curves, single_value_metrics: values } = parts;
  const lists = async (name: string, key: string, requests: Parameters[]) => {
    const answers: unknown[] = [];
    for (const request of requests) answers.push(...((await ask(name, request))[key] as unknown[]));
    return answers;
  };
  const nested = async (name: string, key: string, options: Parameters) => {
    const whole: Nested = {};
    for (const tasks of slices(ids, AT_ONCE)) merge(whole, (await ask(name, { ...options, tasks }))[key] as Nested);
    return whole;
  };
  return {
    ...(debug_images
      ? { debug_images: await lists('events.debug_images', 'metrics', imageRequests(ids, debug_images)) }
      : {}),
    ...(plots ? { plots: await nested('events.get_multi_task_plots', 'plots', { ...plots, no_scroll: true }) } : {}),
    ...(curves
      ? {
          scalar_metrics_iter_histogram: await nested(
            'events.multi_task_scalar_metrics_iter_histogram',
            'metrics',
            curves,
          ),
        }
      : {}),
    ...(values
      ? {
          single_value_metrics: await lists(
            'events.get_task_single_value_metrics',
            'tasks',
            slices(ids, AT_ONCE).map((tasks) => ({ ...values, tasks })),
          ),
        }
      : {}),
  };
}

function imageRequests(ids: readonly string[], { iters, metrics = [] }: { iters?: number; metrics?: object[] }) {
  const size = Math.max(1, Math.min(AT_ONCE, Math.floor(MOST_PAIRS / Math.max(1, metrics.length))));
  return slices(ids, size).map((tasks) => ({
    iters,
    metrics: tasks.flatMap((task) => (metrics.length > 0 ? metrics.map((one) => ({ ...one, task })) : [{ task }])),
  }));
}

function slices<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));
}

/** Names come from clients: they are defined, so that `__proto__` is one like any other. */
function merge(whole: Nested, part: Nested): void {
  for (const [metric, variants] of Object.entries(part)) {
    const own = Object.hasOwn(whole, metric) ? whole[metric] : undefined;
    const merged = Object.entries(variants).map(([variant, tasks]) => {
      const before = own && Object.hasOwn(own, variant) ? own[variant] : {};
      return [variant, { ...before, ...tasks }];
    });
    const value = Object.fromEntries([...Object.entries(own ?? {}), ...merged]);
    Object.defineProperty(whole, metric, { value, enumerable: true, configurable: true, writable: true });
  }
}

const defined = (request: Parameters): Parameters =>
  Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined));
