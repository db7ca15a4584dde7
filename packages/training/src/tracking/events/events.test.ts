import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTracking, type TestServer } from '../testing/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTracking();
});
afterAll(() => server.stop());

interface Curve {
  x: number[];
  y: (number | null)[];
}
type Curves = Record<string, Record<string, Curve>>;

const scalar = (task: string, iter: number, value: unknown, more: object = {}) => ({
  type: 'training_stats_scalar',
  task,
  metric: 'm',
  variant: 'v',
  iter,
  value,
  ...more,
});
const curveOf = async (task: string, options: object = {}) =>
  (await server.call<Curves>('events.scalar_metrics_iter_histogram', { task, ...options }))['m']?.['v'];

describe('scalars', () => {
  test('of one iteration overwrite each other, within a batch and between batches', async () => {
    const task = await server.newTask();
    await server.batch([scalar(task, 1, 10), scalar(task, 1, 11), scalar(task, 2, 20)]);
    await server.batch([scalar(task, 2, 21)]);
    expect(await curveOf(task)).toEqual({ name: 'v', x: [1, 2], y: [11, 21] });
  });

  test('hold NaN and the infinities as Python writes them, and give null for them', async () => {
    const task = await server.newTask();
    const line = (iter: number, value: string) =>
      `{"type":"training_stats_scalar","task":"${task}","metric":"m","variant":"v","iter":${iter},"value":${value}}`;
    const raw = [line(0, 'NaN'), line(1, '-Infinity'), line(2, '1.5')].join('\n');
    const { text } = await server.send('/events.add_batch', { raw });
    expect(JSON.parse(text).data.added).toBe(3);
    expect(await curveOf(task)).toMatchObject({ x: [0, 1, 2], y: [null, null, 1.5] });
    const { task: found } = await server.call<{ task: { last_metrics: object } }>('tasks.get_by_id', { task });
    expect(Object.values(Object.values(found.last_metrics)[0])[0]).toMatchObject({
      value: 1.5,
      min_value: 1.5,
      count: 1,
    });
  });

  test('take iterations from -2^53 to 2^53 exactly, and refuse those beyond', async () => {
    const task = await server.newTask();
    const edge = 2 ** 53;
    const { data } = await server.batch([scalar(task, -edge, 1), scalar(task, edge, 2), scalar(task, edge * 2, 3)]);
    expect(data).toMatchObject({ added: 2, errors: 1, errors_info: { 'Iteration is out of range': 1 } });
    expect(await curveOf(task)).toMatchObject({ x: [-edge, edge], y: [1, 2] });
  });

  test('are sampled so that no minimum or maximum is lost', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 30, maxLength: 300 }),
        fc.integer({ min: 2, max: 20 }),
        async (values, samples) => {
          const task = await server.newTask();
          await server.batch(values.map((value, iter) => scalar(task, iter * 3, value)));
          const curve = (await curveOf(task, { samples })) as { x: number[]; y: number[] };
          expect(curve.x.length).toBeLessThanOrEqual(samples);
          expect(Math.min(...curve.y)).toBe(Math.min(...values));
          expect(Math.max(...curve.y)).toBe(Math.max(...values));
          expect(curve.x).toEqual(curve.x.toSorted((a, b) => a - b));
          for (const [at, x] of curve.x.entries()) expect(curve.y[at]).toBe(values[x / 3]);
        },
      ),
      { numRuns: 15 },
    );
  });

  test('keep any name, also those that objects have by themselves', async () => {
    const task = await server.newTask();
    const names = ['__proto__', 'constructor', 'a.b$c', 'ü/∑ ', ''];
    await server.batch(names.map((metric) => scalar(task, 0, 1, { metric, variant: metric })));
    const { text } = await server.send('/events.scalar_metrics_iter_histogram', { raw: JSON.stringify({ task }) });
    const pairs = Object.entries(JSON.parse(text).data as Curves).map(([metric, variants]) => [
      metric,
      Object.keys(variants),
    ]);
    expect(pairs.toSorted()).toEqual(names.map((name) => [name, [name]]).toSorted());
  });

  test('a name of a megabyte is a name', async () => {
    const task = await server.newTask();
    const metric = 'x'.repeat(1_000_000);
    expect((await server.batch([scalar(task, 0, 1, { metric })])).data).toMatchObject({ added: 1 });
    const found = await server.call<{ metrics: object }>('events.get_scalar_metrics_and_variants', { task });
    expect(Object.keys(found.metrics)).toEqual([metric]);
  });

  test('single values stand apart from the curves', async () => {
    const task = await server.newTask({ name: 'single' });
    await server.batch([scalar(task, -2147483648, 0.9, { metric: 'Summary', variant: 'accuracy', timestamp: 1_000 })]);
    expect(await server.call('events.scalar_metrics_iter_histogram', { task })).toEqual({});
    expect(await server.call('events.get_task_single_value_metrics', { tasks: [task] })).toEqual({
      tasks: [
        {
          task,
          task_name: 'single',
          values: [{ metric: 'Summary', variant: 'accuracy', value: 0.9, timestamp: 1_000 }],
        },
      ],
    });
  });

  test('by time are averaged where two fall into one millisecond', async () => {
    const task = await server.newTask();
    await server.batch([
      scalar(task, 0, 1, { timestamp: 5 }),
      scalar(task, 1, 3, { timestamp: 5 }),
      scalar(task, 2, 7, { timestamp: 9 }),
    ]);
    expect(await curveOf(task, { key: 'timestamp' })).toMatchObject({ x: [5, 9], y: [2, 7] });
    expect(await curveOf(task, { key: 'iso_time' })).toMatchObject({
      x: ['1970-01-01T00:00:00.005Z', '1970-01-01T00:00:00.009Z'],
    });
  });

  test('of several tasks come side by side', async () => {
    const [one, two] = [await server.newTask({ name: 'task one' }), await server.newTask({ name: 'task two' })];
    await server.batch([scalar(one, 0, 1), scalar(two, 0, 2)]);
    expect(await server.call('events.multi_task_scalar_metrics_iter_histogram', { tasks: [one, two] })).toEqual({
      metrics: {
        m: { v: { [one]: { name: 'task one', x: [0], y: [1] }, [two]: { name: 'task two', x: [0], y: [2] } } },
      },
    });
  });

  test('are paged by scroll_id until an empty page', async () => {
    const task = await server.newTask();
    await server.batch(Array.from({ length: 25 }, (_, iter) => scalar(task, iter, iter)));
    const body = { task, event_type: 'training_stats_scalar', batch_size: 10 };
    const found: unknown[] = [];
    let scroll: object = {};
    for (;;) {
      const page = await server.call<{
        events: { iter: number }[];
        returned: number;
        total: number;
        scroll_id: string;
      }>('events.get_task_events', { ...body, ...scroll });
      expect(page.total).toBe(25);
      if (page.returned === 0) break;
      found.push(...page.events.map(({ iter }) => iter));
      scroll = { scroll_id: page.scroll_id };
    }
    expect(found).toEqual(Array.from({ length: 25 }, (_, iter) => iter));
  });

  test('lift last_iteration, but those of the machine do not', async () => {
    const task = await server.newTask();
    await server.batch([scalar(task, 7, 1), scalar(task, 99, 1, { metric: ':monitor:machine' })]);
    const { task: found } = await server.call<{ task: object }>('tasks.get_by_id', { task });
    expect(found).toMatchObject({ last_iteration: 7 });
  });
});

describe('the log', () => {
  test('is walked backwards and forwards without losing lines of one millisecond', async () => {
    const task = await server.newTask();
    const line = (timestamp: number, msg: string) => ({ type: 'log', task, timestamp, level: 'INFO', msg });
    await server.batch([line(1, 'a'), line(2, 'b'), line(2, 'c'), line(2, 'd'), line(3, 'e')]);
    const read = async (options: object) => {
      const { events, total } = await server.call<{ events: { msg: string }[]; total: number }>('events.get_task_log', {
        task,
        ...options,
      });
      expect(total).toBe(5);
      return events.map(({ msg }) => msg).join('');
    };
    expect(await read({ batch_size: 2 })).toBe('edcb');
    expect(await read({ batch_size: 2, from_timestamp: 2 })).toBe('a');
    expect(await read({ batch_size: 2, order: 'asc' })).toBe('bcde');
    expect(await read({ batch_size: 2, navigate_earlier: false })).toBe('abcd');
    expect(await read({ navigate_earlier: false, from_timestamp: 2 })).toBe('e');
  });

  test('of long lines comes in pages that fit into memory, and still none is lost', async () => {
    const task = await server.newTask();
    const long = 'x'.repeat(12_000_000);
    for (const timestamp of [1, 2, 3, 4])
      await server.batch([{ type: 'log', task, timestamp, msg: `${timestamp}${long}` }]);
    const read = async (from?: number) => {
      const body = { task, ...(from === undefined ? {} : { from_timestamp: from }) };
      const { events } = await server.call<{ events: { msg: string; timestamp: number }[] }>(
        'events.get_task_log',
        body,
      );
      return events.map(({ timestamp }) => timestamp);
    };
    expect(await read()).toEqual([4, 3]);
    expect(await read(3)).toEqual([2, 1]);
  });

  test('takes the worker from the header and any level in lowercase', async () => {
    const task = await server.newTask();
    const raw = JSON.stringify({ type: 'log', task, level: 'DEBUG', msg: 'x\u0000y' });
    await server.send('/events.add_batch', { raw, headers: { 'x-clearml-worker': 'host:0' } });
    const { events } = await server.call<{ events: object[] }>('events.get_task_log', { task });
    expect(events).toMatchObject([{ worker: 'host:0', level: 'debug', msg: 'x\uFFFDy' }]);
  });
});

describe('plots and debug images', () => {
  test('the newest iterations of each metric and variant are given', async () => {
    const task = await server.newTask();
    const plot = (iter: number, variant: string) => ({
      type: 'plot',
      task,
      metric: 'p',
      variant,
      iter,
      plot_str: `{"n":${iter}}`,
    });
    await server.batch([plot(1, 'a'), plot(2, 'a'), plot(1, 'b'), plot(2, 'a')]);
    const { plots, returned } = await server.call<{ plots: object[]; returned: number }>('events.get_task_plots', {
      task,
    });
    expect(returned).toBe(2);
    expect(plots).toMatchObject([
      { type: 'plot', variant: 'a', iter: 2, plot_str: '{"n":2}' },
      { variant: 'b', iter: 1 },
    ]);
  });

  test('more figures than one answer holds are scrolled', async () => {
    const task = await server.newTask();
    // Random text does not compress: three of these are more than 32 MiB.
    const figure = () => randomBytes(9_000_000).toString('base64');
    for (const variant of ['a', 'b', 'c', 'd'])
      await server.batch([{ type: 'plot', task, metric: 'p', variant, iter: 0, plot_str: figure() }]);
    const found: string[] = [];
    let scroll: object = {};
    for (;;) {
      const page = await server.call<{
        plots: { variant: string }[];
        returned: number;
        total: number;
        scroll_id: string;
      }>('events.get_task_plots', { task, ...scroll });
      if (page.returned === 0) break;
      expect(page.returned).toBeLessThan(4);
      found.push(...page.plots.map(({ variant }) => variant));
      scroll = { scroll_id: page.scroll_id };
    }
    expect(found.toSorted()).toEqual(['a', 'b', 'c', 'd']);
  });

  test('images are walked iteration by iteration', async () => {
    const task = await server.newTask();
    const image = (iter: number) => ({
      type: 'training_debug_image',
      task,
      metric: 'i',
      variant: 'v',
      iter,
      key: 'k',
      url: `u${iter}`,
    });
    await server.batch([image(0), image(1), image(2)]);
    const metrics = [{ task, metric: 'i' }];
    const first = await server.call<{ scroll_id: string; metrics: unknown }>('events.debug_images', {
      metrics,
      iters: 2,
    });
    expect(first.metrics).toMatchObject([{ task, iterations: [{ iter: 2, events: [{ url: 'u2' }] }, { iter: 1 }] }]);
    const next = await server.call('events.debug_images', { metrics, iters: 2, scroll_id: first.scroll_id });
    expect(next['metrics']).toMatchObject([{ task, iterations: [{ iter: 0 }] }]);
    expect(await server.refusal('events.debug_images', { metrics, scroll_id: 'x' })).toBe('400/1104');
  });
});

describe('batches', () => {
  test('that are empty or broken are refused by number', async () => {
    const code = async (raw: string) => {
      const { meta } = JSON.parse((await server.send('/events.add_batch', { raw })).text);
      return `${meta.result_code}/${meta.result_subcode}`;
    };
    expect(await code('')).toBe('400/17');
    expect(await code('{"type":"log"}\n[1]')).toBe('400/18');
    expect(await code('{"type":"log"}\n{oops')).toBe('400/18');
    expect(await code('{"type":"log"}')).toBe('400/131');
  });

  test('do not reach a published task unless they may', async () => {
    const task = await server.newTask();
    await server.call('tasks.started', { task });
    await server.call('tasks.stopped', { task });
    await server.call('tasks.publish', { task });
    const refused = await server.batch([scalar(task, 0, 1, { allow_locked: false })]);
    expect(refused.meta.result_subcode).toBe(131);
    const { data } = await server.batch([scalar(task, 0, 1, { allow_locked: true })]);
    expect(data).toMatchObject({ added: 1 });
    const mixed = await server.batch([scalar(task, 0, 1, { allow_locked: true }), scalar(task, 1, 1)]);
    expect([mixed.meta.result_code, mixed.meta.result_subcode]).toEqual([400, 12]);
  });

  test('of many writers on shared tasks are all counted', async () => {
    const tasks = await Promise.all(Array.from({ length: 4 }, () => server.newTask()));
    const writes = Array.from({ length: 12 }, (_, writer) =>
      server.batch(
        // Every writer names the tasks in an order of its own.
        Array.from({ length: 40 }, (_, at) => scalar(tasks[(at * (writer + 1)) % 4] as string, writer * 100 + at, 1)),
      ),
    );
    for (const { data } of await Promise.all(writes)) expect(data['added']).toBe(40);
    const { tasks: found } = await server.call<{
      tasks: { last_metrics: Record<string, Record<string, { count: number }>> }[];
    }>('tasks.get_all', { id: tasks, only_fields: ['last_metrics'] });
    const counts = found.flatMap(({ last_metrics }) => Object.values(last_metrics).flatMap((m) => Object.values(m)));
    expect(counts.reduce((sum, { count }) => sum + count, 0)).toBe(12 * 40);
  });

  test('events of models are kept with the model', async () => {
    const { id: model } = await server.call<{ id: string }>('models.create', { name: 'm', uri: 'u', ready: false });
    await server.batch([{ ...scalar(model, 3, 4), model_event: true }]);
    const body = { task: model, model_events: true };
    expect(await server.call('events.scalar_metrics_iter_histogram', body)).toMatchObject({
      m: { v: { x: [3], y: [4] } },
    });
    expect(await server.call('models.get_by_id', { model })).toMatchObject({ model: { last_iteration: 3 } });
  });

  test('no event, however odd, makes a batch fail as a fault', async () => {
    const task = await server.newTask();
    const odd = fc.record(
      {
        type: fc.oneof(
          fc.constantFrom('log', 'plot', 'training_stats_scalar', 'training_debug_image', 'training_stats_vector'),
          fc.string(),
        ),
        task: fc.oneof(fc.constant(task), fc.anything()),
        metric: fc.oneof(fc.string({ unit: 'binary' }), fc.anything()),
        iter: fc.oneof(fc.double(), fc.maxSafeInteger(), fc.string()),
        timestamp: fc.oneof(fc.double(), fc.string()),
        value: fc.oneof(fc.double(), fc.string()),
        msg: fc.string({ unit: 'binary' }),
        plot_str: fc.string(),
        values: fc.array(fc.double()),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(odd, { minLength: 1, maxLength: 5 }), async (events) => {
        const { meta, data } = await server.batch(events);
        expect(meta.result_code).toBeLessThan(500);
        if (meta.result_code === 200) expect(Number(data['added']) + Number(data['errors'])).toBe(events.length);
      }),
      { numRuns: 80 },
    );
  });
});
