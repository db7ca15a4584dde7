import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTracking, type TestServer } from '../testing/server.ts';

/** Input that no client should send: a right answer or a coded error, never a fault, never a lost write. */

let server: TestServer;
beforeAll(async () => {
  server = await startTracking();
});
afterAll(() => server.stop());

const point = (task: string, iter: number, more: object = {}) => ({
  type: 'training_stats_scalar',
  task,
  metric: 'm',
  variant: 'v',
  iter,
  value: iter,
  ...more,
});

const READS = [
  'clear_task_log',
  'clear_scroll',
  'debug_images',
  'download_task_log',
  'get_debug_image_sample',
  'get_multi_task_metrics',
  'get_multi_task_plots',
  'get_plot_sample',
  'get_scalar_metric_data',
  'get_scalar_metrics_and_variants',
  'get_task_events',
  'get_task_latest_scalar_values',
  'get_task_log',
  'get_task_metrics',
  'get_task_plots',
  'get_task_single_value_metrics',
  'get_vector_metrics_and_variants',
  'multi_task_scalar_metrics_iter_histogram',
  'next_debug_image_sample',
  'next_plot_sample',
  'plots',
  'scalar_metrics_iter_histogram',
  'scalar_metrics_iter_raw',
  'vector_metrics_iter_histogram',
];

describe('odd requests', () => {
  test('are answered or refused, whatever the fields and scroll ids hold', async () => {
    const task = await server.newTask();
    const more = (iter: number) => [
      point(task, iter),
      { ...point(task, iter), type: 'plot', plot_str: '{}' },
      { ...point(task, iter), type: 'training_debug_image', url: `u${iter}` },
      { ...point(task, iter), type: 'training_stats_vector', values: [1] },
      { ...point(task, iter), type: 'log', msg: 'x' },
    ];
    await server.batch([0, 1, 2].flatMap(more));
    const number = fc.oneof(
      fc.integer({ min: -3, max: 3 }),
      fc.constantFrom(2 ** 53, -(2 ** 53), 1e308, -1e308, 1.5, 2 ** 31, 2 ** 63),
    );
    const name = fc.oneof(
      fc.constantFrom('m', 'v', '', '__proto__', '$a.b', 'constructor'),
      fc.string({ unit: 'binary' }),
    );
    const state = fc.record(
      {
        task: fc.constant(task),
        owner: fc.constant(task),
        type: fc.oneof(fc.constantFrom('plot', 'training_debug_image'), number),
        types: fc.constantFrom(['log'], ['plot'], ['training_stats_scalar'], 'plot', [1]),
        metrics: fc.constantFrom([{ metric: 'm' }], [{ metric: 1 }], {}),
        metric: name,
        variant: name,
        current: fc.boolean(),
        iteration: number,
        limit: number,
        descending: fc.boolean(),
        earlier: fc.boolean(),
        total: fc.oneof(number, fc.constant(null)),
        after: fc.oneof(fc.tuple(number, number), fc.tuple(number, fc.constant('f'.repeat(32))), fc.anything()),
        places: fc.oneof(
          fc.constantFrom([null], ['end'], [[1, 1]], [[0, 'f'.repeat(32)]]),
          fc.array(fc.tuple(number, number), { maxLength: 2 }),
        ),
        at: fc.tuple(number),
        spans: fc.oneof(fc.dictionary(fc.constant(task), fc.tuple(number, number)), fc.anything()),
      },
      { requiredKeys: [] },
    );
    const scroll = state.map((value) => Buffer.from(JSON.stringify(value)).toString('base64url'));
    const metric = fc.record(
      { metric: name, variants: fc.oneof(fc.array(name, { maxLength: 2 }), fc.constant(null)) },
      { requiredKeys: ['metric'] },
    );
    const field = (given: fc.Arbitrary<unknown>) =>
      fc.oneof({ weight: 6, arbitrary: given }, { weight: 1, arbitrary: fc.anything() });
    const body = fc.record(
      {
        task: field(fc.constant(task)),
        tasks: field(fc.constant([task])),
        metric: field(fc.oneof(name, metric)),
        variant: field(name),
        metrics: field(
          fc.oneof(fc.array(metric, { maxLength: 2 }), fc.constant([{ task, metric: 'm' }]), fc.constant([{ task }])),
        ),
        scroll_id: field(fc.oneof(scroll, fc.string())),
        iteration: field(number),
        iters: field(number),
        samples: field(number),
        key: field(fc.constantFrom('iter', 'timestamp', 'iso_time')),
        batch_size: field(number),
        order: field(fc.constantFrom('asc', 'desc')),
        event_type: field(fc.constantFrom('log', 'plot', 'training_debug_image', '*', 'training stats scalar')),
        from_timestamp: field(number),
        threshold_sec: field(number),
        include_metrics: field(fc.array(name, { maxLength: 2 })),
        line_format: field(fc.oneof(fc.constant('{msg}'), fc.string())),
        line_type: field(fc.constantFrom('json', 'text')),
        refresh: fc.boolean(),
        navigate_earlier: fc.boolean(),
        next_iteration: fc.boolean(),
        navigate_current_metric: fc.boolean(),
        no_scroll: fc.boolean(),
        count_total: fc.boolean(),
        model_events: field(fc.constant(false)),
      },
      { requiredKeys: ['task', 'tasks', 'metric', 'metrics', 'variant'] },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...READS),
        fc.constantFrom('2.1', '2.14', '2.34'),
        body,
        async (action, version, fields) => {
          const { status } = await server.send(`/v${version}/events.${action}`, { raw: JSON.stringify(fields) });
          expect(status).toBeLessThan(500);
        },
      ),
      { numRuns: 400 },
    );
  });

  test('of sizes beyond the limits are refused by name', async () => {
    const task = await server.newTask();
    expect(await server.refusal('events.scalar_metrics_iter_histogram', { task, samples: 0 })).toBe('400/12');
    expect(await server.refusal('events.scalar_metrics_iter_histogram', { task, samples: 6_001 })).toBe('400/12');
    expect(await server.refusal('events.scalar_metrics_iter_histogram', { task, key: 'wall' })).toBe('400/12');
    expect(await server.refusal('events.multi_task_scalar_metrics_iter_histogram', { tasks: [] })).toBe('400/12');
    expect(await server.refusal('events.multi_task_scalar_metrics_iter_histogram', { tasks: [task, 'none'] })).toBe(
      '400/101',
    );
    expect(await server.refusal('events.get_task_log', {})).toBe('400/11');
  });
});

describe('odd events', () => {
  test('a batch of many megabytes in one event is kept whole', async () => {
    const task = await server.newTask();
    const figure = randomBytes(11_000_000).toString('base64');
    const { data } = await server.batch([{ ...point(task, 0), type: 'plot', plot_str: figure }]);
    expect(data).toMatchObject({ added: 1 });
    const { plots } = await server.call<{ plots: { plot_str: string }[] }>('events.get_task_plots', { task });
    expect(plots[0]?.plot_str === figure).toBe(true);
  });

  test('names with NUL, half surrogates and a megabyte of text are found again under what they became', async () => {
    const task = await server.newTask();
    const long = 'ü'.repeat(500_000);
    const names = ['a\u0000b', 'c\ud800d', long];
    const kinds = [{}, { type: 'plot', plot_str: 'p\u0000' }, { type: 'log', msg: 'l\u0000' }];
    const events = names.flatMap((name) =>
      kinds.map((kind) => point(task, 1, { metric: name, variant: name, ...kind })),
    );
    expect((await server.batch(events)).data).toMatchObject({ added: 9 });
    for (const name of names) {
      const metrics = [{ metric: name, variants: [name] }];
      const became = name.replace('\u0000', '\uFFFD').replace('\ud800', '\uFFFD');
      const curves = await server.call<Record<string, object>>('events.scalar_metrics_iter_histogram', {
        task,
        metrics,
      });
      expect(Object.keys(curves)).toEqual([became]);
      expect(await server.call('events.get_task_plots', { task, metrics })).toMatchObject({
        plots: [{ plot_str: 'p\uFFFD' }],
      });
      expect(await server.call('events.get_task_log', { task, metrics })).toMatchObject({
        events: [{ msg: 'l\uFFFD', metric: became }],
      });
    }
  });

  test('points of a series with a very long name come in pages that fit into memory', async () => {
    const task = await server.newTask();
    const metric = 'x'.repeat(5_000_000);
    await server.batch([point(task, 0, { metric })]);
    for (let iter = 1; iter < 9; iter += 1) await server.batch([point(task, iter, { metric })]);
    const found: number[] = [];
    let scroll: object = {};
    for (;;) {
      type Page = { events: { iter: number }[]; returned: number; scroll_id: string };
      const page = await server.call<Page>('events.get_task_events', { task, ...scroll });
      if (page.returned === 0) break;
      expect(page.returned).toBeLessThan(9);
      found.push(...page.events.map(({ iter }) => iter));
      scroll = { scroll_id: page.scroll_id };
    }
    expect(found).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test('figures that compress well do not fill the memory', async () => {
    const task = await server.newTask();
    const figure = 'x'.repeat(12_000_000);
    for (const variant of ['a', 'b', 'c', 'd', 'e', 'f'])
      await server.batch([point(task, 0, { type: 'plot', variant, plot_str: figure })]);
    expect(await server.call('events.get_task_plots', { task })).toMatchObject({ returned: 2, total: 6 });
    type Page = { metrics: { iterations: { events: object[] }[] }[] };
    const all = await server.call<Page>('events.plots', { metrics: [{ task }] });
    expect(all.metrics[0]?.iterations[0]?.events).toHaveLength(6);
    for (const variant of ['g', 'h', 'i', 'j', 'k', 'l'])
      await server.batch([point(task, 0, { type: 'plot', variant, plot_str: figure })]);
    expect(await server.refusal('events.plots', { metrics: [{ task }] })).toBe('400/16');
  });

  test('many reasons in one batch are told up to a number', async () => {
    const task = await server.newTask();
    const unknown = Array.from({ length: 300 }, (_, at) => point(`unknown ${at} ${'y'.repeat(1_000)}`, 0));
    const { data } = await server.batch([...unknown, point(task, 0)]);
    expect(data).toMatchObject({ added: 1, errors: 300 });
    const info = data['errors_info'] as Record<string, number>;
    expect(Object.keys(info)).toHaveLength(101);
    expect(Object.values(info).reduce((a, b) => a + b)).toBe(300);
  });

  test('a batch that is sent again after a retry changes nothing but the log', async () => {
    const task = await server.newTask();
    const events = [point(task, 1), point(task, 2), point(task, 1, { type: 'plot', plot_str: '{}' })];
    for (let turn = 0; turn < 3; turn += 1) expect((await server.batch(events)).data).toMatchObject({ added: 3 });
    expect(await server.call('events.get_task_events', { task })).toMatchObject({ returned: 3, total: 3 });
  });

  test('what is written while events are deleted is there or not, and reads go on', async () => {
    const task = await server.newTask();
    const write = async () => {
      for (let round = 0; round < 6; round += 1) {
        const { meta } = await server.batch(Array.from({ length: 300 }, (_, iter) => point(task, iter + round * 300)));
        expect(meta.result_code).toBe(200);
      }
    };
    const remove = async () => {
      for (let round = 0; round < 6; round += 1) await server.call('events.delete_for_task', { task });
    };
    const read = async () => {
      for (let round = 0; round < 6; round += 1) {
        await server.call('events.scalar_metrics_iter_histogram', { task, samples: 10 });
        await server.call('events.get_task_events', { task });
      }
    };
    await Promise.all([write(), remove(), read(), write()]);
    await server.call('events.delete_for_task', { task });
    await server.batch([point(task, 5)]);
    expect(await server.call('events.get_task_events', { task })).toMatchObject({ returned: 1, total: 1 });
  });
});
