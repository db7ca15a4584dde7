import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTracking, type TestServer } from '../testing/server.ts';

/** What the reference server's own clients rely on, endpoint by endpoint. */

let server: TestServer;
beforeAll(async () => {
  server = await startTracking();
});
afterAll(() => server.stop());

interface Event {
  iter: number;
  metric: string;
  variant: string;
  url?: string;
  plot_str?: string;
}
type Call = Record<string, unknown>;
interface Sample extends Call {
  event: Event | null;
  events: Event[];
  scroll_id: string;
}

const count = (to: number) => Array.from({ length: to }, (_, at) => at);
const hash = (text: string) => createHash('md5').update(text).digest('hex');
const event = (type: string, task: string, iter: number, more: object = {}) => ({
  worker: 'test',
  type,
  task,
  iter,
  timestamp: 1_700_000_000_000 + iter,
  metric: 'Metric1',
  variant: 'Variant1',
  ...more,
});
const scalars = (task: string, iters: readonly number[], more: object = {}) =>
  iters.map((iter) => event('training_stats_scalar', task, iter, { value: iter, ...more }));

describe('names of metrics', () => {
  test('are given by task for one type of events, and together for several tasks', async () => {
    const [one, two] = [await server.newTask(), await server.newTask()];
    await server.batch([
      event('training_debug_image', one, 1),
      event('training_debug_image', one, 1, { metric: 'Metric2' }),
      event('log', one, 1, { metric: 'Metric2' }),
      event('training_debug_image', two, 1, { metric: 'Metric0' }),
    ]);
    const tasks = [one, two];
    const ofType = async (event_type: string) =>
      (await server.call('events.get_task_metrics', { tasks, event_type }))['metrics'];
    expect(await ofType('training_debug_image')).toEqual([
      { task: one, metrics: ['Metric1', 'Metric2'] },
      { task: two, metrics: ['Metric0'] },
    ]);
    expect(await ofType('log')).toEqual([
      { task: one, metrics: ['Metric2'] },
      { task: two, metrics: [] },
    ]);
    const { text } = await server.send('/v2.28/events.get_multi_task_metrics', { raw: JSON.stringify({ tasks }) });
    expect(JSON.parse(text).data.metrics).toEqual(
      ['Metric0', 'Metric1', 'Metric2'].map((metric) => ({ metric, variants: ['Variant1'] })),
    );
    expect(await server.refusal('events.get_task_metrics', { tasks: [one, 'none'], event_type: 'log' })).toBe(
      '400/101',
    );
  });

  test('of curves come in order, also where they arrive in another', async () => {
    const task = await server.newTask();
    await server.batch(['b', 'c', 'a'].flatMap((metric) => scalars(task, [0], { metric, variant: `${metric}1` })));
    const { text } = await server.send('/events.scalar_metrics_iter_histogram', { raw: JSON.stringify({ task }) });
    expect(Object.keys(JSON.parse(text).data)).toEqual(['a', 'b', 'c']);
  });
});

describe('scalars', () => {
  test('a short curve without peaks is averaged in slices from the lower edge', async () => {
    const task = await server.newTask();
    await server.batch(scalars(task, count(100)));
    const curve = async (samples?: number) => {
      const data = await server.call<Record<string, Record<string, object>>>('events.scalar_metrics_iter_histogram', {
        task,
        samples,
      });
      return data['Metric1']?.['Variant1'];
    };
    expect(await curve()).toMatchObject({ x: count(100), y: count(100) });
    expect(await curve(100)).toMatchObject({ x: count(100), y: count(100) });
    expect(await curve(10)).toMatchObject({
      x: count(10).map((at) => at * 10),
      y: count(10).map((at) => at * 10 + 4.5),
    });
  });

  test('raw points are paged; the scroll id remembers size and total', async () => {
    const task = await server.newTask();
    await server.batch(scalars(task, count(100)));
    const metric = { metric: 'Metric1', variants: ['Variant1'] };
    type Page = {
      returned: number;
      total: number | null;
      scroll_id: string;
      variants: Record<string, { iter: number[]; y: number[] }>;
    };
    let page = await server.call<Page>('events.scalar_metrics_iter_raw', {
      task,
      metric,
      batch_size: 15,
      count_total: true,
    });
    const [iters, values]: [number[], number[]] = [[], []];
    let calls = 0;
    for (; page.returned > 0; calls += 1) {
      expect(page.total).toBe(100);
      iters.push(...(page.variants['Variant1']?.iter ?? []));
      values.push(...(page.variants['Variant1']?.y ?? []));
      page = await server.call<Page>('events.scalar_metrics_iter_raw', { task, metric, scroll_id: page.scroll_id });
    }
    expect(calls).toBe(7);
    expect(iters).toEqual(count(100));
    expect(values).toEqual(count(100));
    expect(await server.refusal('events.scalar_metrics_iter_raw', { task, metric, scroll_id: 'e30' })).toBe('400/1104');
  });

  test('single values are raw points, no part of the curve, and the last value when they come last', async () => {
    const task = await server.newTask({ name: 'with single' });
    const single = -(2 ** 31);
    await server.batch(
      scalars(
        task,
        count(10).map((iter) => iter || single),
      ).map((one, at) => ({ ...one, value: at })),
    );
    const metrics = [{ metric: 'Metric1', variants: ['Variant1'] }];
    const raw = await server.call('events.scalar_metrics_iter_raw', { task, metric: metrics[0], count_total: true });
    expect(raw).toMatchObject({
      returned: 10,
      total: 10,
      variants: { Variant1: { iter: [single, 1, 2, 3, 4, 5, 6, 7, 8, 9], y: count(10) } },
    });
    const values = async (more: object = {}) =>
      (await server.call('events.get_task_single_value_metrics', { tasks: [task], ...more }))['tasks'];
    const expected = { task, task_name: 'with single', values: [{ metric: 'Metric1', variant: 'Variant1', value: 0 }] };
    expect(await values()).toMatchObject([expected]);
    expect(await values({ metrics })).toMatchObject([expected]);
    expect(await values({ metrics: [{ metric: 'none' }] })).toEqual([]);
    await server.call('events.add', event('training_stats_scalar', task, single, { value: 1_000 }));
    expect(await values()).toMatchObject([{ values: [{ value: 1_000 }] }]);
    const { task: found } = await server.call<{ task: Call }>('tasks.get_by_id', { task });
    expect(found).toMatchObject({ last_metrics: { [hash('Metric1')]: { [hash('Variant1')]: { value: 1_000 } } } });
  });

  test('statistics run over batches, also of a variant that is null', async () => {
    const task = await server.newTask();
    const events = scalars(task, count(100), { variant: null });
    await server.batch(events.slice(0, 50));
    await server.batch(events.slice(50));
    const { task: found } = await server.call<{ task: Call }>('tasks.get_by_id', { task });
    const last = { value: 99, max_value: 99, max_value_iteration: 99, min_value: 0, min_value_iteration: 0 };
    const rest = { first_value: 0, first_value_iteration: 0, count: 100, mean_value: 49.5 };
    expect(found).toMatchObject({ last_metrics: { [hash('Metric1')]: { [hash('')]: { ...last, ...rest } } } });
    expect(await server.call('events.get_task_latest_scalar_values', { task })).toMatchObject({ last_iter: 99 });
  });

  test('metric data is walked from the newest iteration', async () => {
    const task = await server.newTask();
    await server.batch([...scalars(task, count(600)), ...scalars(task, [1], { metric: 'other' })]);
    const first = await server.call<{ events: Event[]; scroll_id: string }>('events.get_scalar_metric_data', {
      task,
      metric: 'Metric1',
    });
    expect(first).toMatchObject({ returned: 500, total: 600 });
    expect(first.events[0]?.iter).toBe(599);
    const next = await server.call<{ events: Event[] }>('events.get_scalar_metric_data', {
      task,
      metric: 'Metric1',
      scroll_id: first.scroll_id,
    });
    expect(next).toMatchObject({ returned: 100 });
    expect(next.events.at(-1)?.iter).toBe(0);
  });
});

test('events of all types are walked by iteration, the log last, in either order', async () => {
  const task = await server.newTask();
  const types = ['training_stats_scalar', 'plot', 'training_debug_image'];
  const events = count(6).map((iter) =>
    event(types[iter % 3] as string, task, iter, { value: 1, plot_str: '{}', url: 'u' }),
  );
  await server.batch([...events, event('plot', task, 0, { plot_str: '{}' }), event('log', task, 9, { msg: 'x' })]);
  const walk = async (order: string, batch_size: number) => {
    const seen: number[] = [];
    let scroll: object = { order, batch_size };
    for (;;) {
      const page = await server.call<{ events: Event[]; returned: number; total: number; scroll_id: string }>(
        'events.get_task_events',
        { task, ...scroll },
      );
      expect(page.total).toBe(8);
      if (page.returned === 0) return seen;
      seen.push(...page.events.map(({ iter }) => iter));
      scroll = { scroll_id: page.scroll_id };
    }
  };
  for (const size of [1, 3, 7, 8, 100]) {
    expect(await walk('asc', size)).toEqual([0, 0, 1, 2, 3, 4, 5, 9]);
    expect(await walk('desc', size)).toEqual([5, 4, 3, 2, 1, 0, 0, 9]);
  }
});

describe('batches with errors', () => {
  test('tell each reason, and fail when nothing was added', async () => {
    const task = await server.newTask();
    const events = [
      event('unknown type', task, 1),
      event('training_debug_image', task, 1, { task: null }),
      event('training_debug_image', 'Invalid task', 1),
    ];
    const refused = await server.batch(events);
    expect([refused.meta.result_code, refused.meta.result_subcode]).toEqual([400, 131]);
    const { data } = await server.batch([...events, event('training_debug_image', task, 1)]);
    expect(data).toEqual({
      added: 1,
      errors: 3,
      errors_info: {
        'Invalid event type unknown_type': 1,
        "Event must have a 'task' field": 1,
        'Invalid task id Invalid task': 1,
      },
    });
    expect((await server.call<{ events: Event[] }>('events.get_task_events', { task })).events).toHaveLength(1);
  });

  test('that mix tasks and models under one id are refused', async () => {
    const task = await server.newTask();
    const mixed = await server.batch([event('plot', task, 1), event('plot', task, 2, { model_event: true })]);
    expect([mixed.meta.result_code, mixed.meta.result_subcode]).toEqual([400, 12]);
  });

  test('of a model hold no log lines', async () => {
    const { id } = await server.call<{ id: string }>('models.create', { name: 'm', uri: 'u', ready: false });
    expect(await server.refusal('events.add', { ...event('log', id, 0), model_event: true })).toBe('400/131');
    await server.batch(scalars(id, [0, 1], { model_event: true }));
    const all = { task: id, model_events: true };
    expect(await server.call('events.get_task_events', all)).toMatchObject({ returned: 2, total: 2 });
    expect(await server.call('events.delete_for_model', { model: id })).toEqual({ deleted: true });
    expect(await server.call('events.get_task_events', all)).toMatchObject({ returned: 0, total: 0 });
    await server.call('models.set_ready', { model: id });
    expect(await server.refusal('events.delete_for_model', { model: id })).toBe('400/201');
    expect(await server.call('events.delete_for_model', { model: id, allow_locked: true })).toEqual({ deleted: true });
  });
});

describe('the log', () => {
  const lines = (task: string, to: number, more: object = {}) =>
    count(to).map((iter) =>
      event('log', task, iter, { msg: `line ${iter}`, metric: undefined, variant: undefined, ...more }),
    );

  test('is filtered by metric, and cleared but for some metrics', async () => {
    const task = await server.newTask();
    await server.batch([...lines(task, 10), ...lines(task, 2, { metric: 'metric', variant: 'variant' })]);
    const total = async (more: object = {}) => (await server.call('events.get_task_log', { task, ...more }))['total'];
    expect(await total()).toBe(12);
    expect(await total({ metrics: [{ metric: 'metric' }] })).toBe(2);
    expect(await total({ metrics: [{ metric: 'metric', variants: ['other'] }] })).toBe(0);
    const { events } = await server.call<{ events: Event[] }>('events.get_task_log', {
      task,
      metrics: [{ metric: 'metric' }],
    });
    expect(events.map(({ iter }) => iter)).toEqual([1, 0]);
    expect(await server.call('events.clear_task_log', { task, exclude_metrics: ['metric'] })).toEqual({ deleted: 10 });
    expect(await total()).toBe(2);
    // The lines are years old, and the last ones of them go.
    expect(await server.call('events.clear_task_log', { task, include_metrics: ['none'] })).toEqual({ deleted: 0 });
    expect(await server.call('events.clear_task_log', { task, threshold_sec: 60 })).toEqual({ deleted: 2 });
    expect(await total()).toBe(0);
    await server.batch([{ ...lines(task, 1)[0], timestamp: undefined }]);
    expect(await server.call('events.clear_task_log', { task, threshold_sec: 3_600 })).toEqual({ deleted: 0 });
    expect(await total()).toBe(1);
  });

  test('is walked by a scroll id in versions below 2.9', async () => {
    const task = await server.newTask();
    await server.batch(lines(task, 5));
    const walk = async (version: string, body: object) => {
      const pages: string[] = [];
      let scroll: object = {};
      for (;;) {
        const raw = JSON.stringify({ task, ...body, ...scroll });
        const { data } = JSON.parse((await server.send(`/v${version}/events.get_task_log`, { raw })).text);
        expect(data.total).toBe(5);
        pages.push(data.events.map(({ iter }: Event) => iter).join(''));
        if (data.returned === 0) return pages;
        scroll = { scroll_id: data.scroll_id };
      }
    };
    expect(await walk('2.1', { batch_size: 2 })).toEqual(['10', '32', '4', '']);
    expect(await walk('2.8', { batch_size: 2, order: 'asc' })).toEqual(['01', '23', '4', '']);
    expect(await walk('2.1', { batch_size: 2, from: 'tail' })).toEqual(['43', '21', '0', '']);
    expect(await walk('1.5', { batch_size: 3 })).toEqual(['432', '10', '']);
  });

  test('is downloaded whole, as JSON or in a format of lines', async () => {
    const task = await server.newTask();
    await server.batch(lines(task, 2_500, { level: 'INFO' }));
    const download = (body: object) =>
      server.send('/events.download_task_log', { raw: JSON.stringify({ task, ...body }) });
    const json = await download({});
    expect(json.headers['content-disposition']).toBe(`attachment; filename="task_${task}.log"`);
    const read = json.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(read).toHaveLength(2_500);
    expect(read[2_499]).toMatchObject({ asctime: 1_700_000_002_499, worker: 'test', level: 'info', msg: 'line 2499' });
    const text = await download({ line_type: 'text', line_format: '{{{level}}} {msg} {worker}' });
    expect(text.text.split('\n').slice(0, 2)).toEqual(['{info} line 0 test', '{info} line 1 test']);
    expect(
      await server.refusal('events.download_task_log', { task, line_type: 'text', line_format: '{nothing}' }),
    ).toBe('400/16');
    expect(await server.refusal('events.download_task_log', { task, line_type: 'text', line_format: '{msg' })).toBe(
      '400/16',
    );
    expect(await server.refusal('events.download_task_log', { task: 'none' })).toBe('400/101');
  });
});

describe('debug images one by one', () => {
  const image = (task: string, iter: number, more: object = {}) => event('training_debug_image', task, iter, more);
  const read = (action: string, body: object) => server.call<Sample>(`events.${action}`, body);

  test('begin at the newest; files that were written over are gone', async () => {
    const task = await server.newTask();
    const body = { task, metric: 'Metric1', variant: 'Variant1' };
    expect(await read('get_debug_image_sample', body)).toMatchObject({
      event: null,
      min_iteration: null,
      max_iteration: null,
    });
    await server.batch(count(10).map((iter) => image(task, iter, { url: `url ${iter % 4}` })));
    const newest = await read('get_debug_image_sample', body);
    expect(newest).toMatchObject({ event: { iter: 9, url: 'url 1' }, min_iteration: 6, max_iteration: 9 });
    const { scroll_id } = newest;
    expect(await read('get_debug_image_sample', { ...body, iteration: 8, scroll_id })).toMatchObject({
      event: { iter: 8 },
    });
    expect((await read('get_debug_image_sample', { ...body, iteration: 5 })).event).toBe(null);
    const other = { ...body, metric: 'Metric2', scroll_id };
    expect(await server.refusal('events.get_debug_image_sample', other)).toBe('400/1104');
    expect(await server.refusal('events.next_debug_image_sample', { task: await server.newTask(), scroll_id })).toBe(
      '400/1104',
    );
  });

  test('go through the variants of an iteration, then to the next', async () => {
    const task = await server.newTask();
    const names = ['Variant1', 'Variant2'];
    await server.batch(
      count(2).flatMap((iter) => names.map((variant) => image(task, iter, { variant, url: `${variant} ${iter}` }))),
    );
    let at = await read('get_debug_image_sample', { task, metric: 'Metric1', variant: 'Variant1' });
    const go = async (more: object = {}) => {
      at = await read('next_debug_image_sample', { task, scroll_id: at.scroll_id, ...more });
      return at.event?.url ?? null;
    };
    expect(at.event?.url).toBe('Variant1 1');
    expect(await go({ navigate_earlier: false })).toBe('Variant2 1');
    expect(await go({ navigate_earlier: false })).toBe(null);
    expect([await go(), await go(), await go(), await go()]).toEqual(['Variant1 1', 'Variant2 0', 'Variant1 0', null]);
    expect(await go({ navigate_earlier: false, next_iteration: true })).toBe('Variant1 1');
  });

  test('are walked in pages of iterations that are still there', async () => {
    const task = await server.newTask();
    const unique = { Variant1: 7, Variant2: 4 };
    await server.batch(
      count(10).flatMap((iter) =>
        Object.entries(unique).map(([variant, files]) =>
          image(task, iter, { variant, url: `${variant} ${iter % files}` }),
        ),
      ),
    );
    type Page = { scroll_id: string; metrics: { iterations: { iter: number; events: Event[] }[] }[] };
    const metrics = [{ task, metric: 'Metric1' }];
    const shown = (page: Page) =>
      page.metrics[0]?.iterations.map(({ iter, events }) => `${iter}:${events.length}`).join(' ');
    const page = (more: object = {}) => server.call<Page>('events.debug_images', { metrics, iters: 5, ...more });
    const first = await page();
    expect(shown(first)).toBe('9:2 8:2 7:2 6:2 5:1');
    const second = await page({ scroll_id: first.scroll_id });
    expect(shown(second)).toBe('4:1 3:1');
    const third = await page({ scroll_id: second.scroll_id });
    expect(shown(third)).toBe('');
    expect(shown(await page({ scroll_id: third.scroll_id, navigate_earlier: false }))).toBe('9:2 8:2 7:2 6:2 5:1');
    expect(shown(await page({ scroll_id: third.scroll_id, refresh: true }))).toBe('9:2 8:2 7:2 6:2 5:1');
  });

  test('come as a list in versions below 2.7', async () => {
    const task = await server.newTask();
    await server.batch([
      image(task, 0, { url: 'a' }),
      image(task, 1, { url: 'b' }),
      image(task, 1, { url: 'c', variant: 'w' }),
    ]);
    const { text } = await server.send('/v2.1/events.debug_images', { raw: JSON.stringify({ task }) });
    expect(JSON.parse(text).data).toMatchObject({ task, images: [{ url: 'b' }, { url: 'c' }], returned: 2, total: 2 });
  });
});

describe('plots', () => {
  const plot = (task: string, iter: number, more: object = {}) =>
    event('plot', task, iter, { plot_str: `${iter}`, ...more });
  const read = async (action: string, body: object) => server.call<Sample>(`events.${action}`, body);

  test('of one metric and iteration are shown together', async () => {
    const task = await server.newTask();
    const body = { task, metric: 'Metric1' };
    expect(await read('get_plot_sample', body)).toMatchObject({ events: [], min_iteration: null, max_iteration: null });
    await server.batch(
      count(10).map((at) => plot(task, Math.floor(at / 2), { variant: `Variant${at % 2}`, plot_str: `${at}` })),
    );
    const newest = await read('get_plot_sample', body);
    expect(newest).toMatchObject({
      events: [{ plot_str: '8' }, { plot_str: '9' }],
      min_iteration: 0,
      max_iteration: 4,
    });
    const third = await read('get_plot_sample', { ...body, iteration: 3, scroll_id: newest.scroll_id });
    expect(third.events.map(({ plot_str }) => plot_str)).toEqual(['6', '7']);
  });

  test('are walked within a metric or through all', async () => {
    const task = await server.newTask();
    const names = [
      ['A', 'a'],
      ['A', 'b'],
      ['B', 'c'],
      ['B', 'd'],
    ] as const;
    await server.batch(
      count(2).flatMap((iter) => names.map(([metric, variant]) => plot(task, iter, { metric, variant }))),
    );
    let at: Sample;
    const shown = () => at.events.map(({ metric, variant, iter }) => `${metric}${variant}${iter}`).join(' ');
    const go = async (more: object = {}) => {
      at = await read('next_plot_sample', { task, scroll_id: at.scroll_id, ...more });
      return shown();
    };
    const later = { navigate_earlier: false };
    at = await read('get_plot_sample', { task, metric: 'A' });
    expect(shown()).toBe('Aa1 Ab1');
    expect([await go(later), await go(), await go()]).toEqual(['', 'Aa0 Ab0', '']);
    at = await read('get_plot_sample', { task, metric: 'A', navigate_current_metric: false });
    expect([await go(later), await go(), await go()]).toEqual(['Bc1 Bd1', 'Aa1 Ab1', 'Bc0 Bd0']);
    expect([await go({ next_iteration: true }), await go({ next_iteration: true, ...later })]).toEqual(['', 'Aa1 Ab1']);
    expect(await go({ next_iteration: true, ...later })).toBe('');
  });

  test('of several tasks are the newest of each metric, or of each task', async () => {
    const [one, two] = [await server.newTask({ name: 'task one' }), await server.newTask({ name: 'task two' })];
    await server.batch([
      plot(one, 1, { metric: 'A', variant: 'AX', plot_str: '1A' }),
      plot(one, 2, { metric: 'B', variant: 'BX', plot_str: '2B' }),
      plot(one, 3, { metric: 'B', variant: 'BX', plot_str: '3B' }),
      plot(one, 2, { metric: 'B', variant: 'BY', plot_str: 'older than the newest of B' }),
      plot(two, 2, { metric: 'A', variant: 'AY', plot_str: '2A' }),
    ]);
    const tasks = [one, two];
    const figure = (name: string, plot_str: string) => ({ name, plots: [{ plot_str }] });
    const { plots } = await server.call<{ plots: object }>('events.get_multi_task_plots', { tasks });
    expect(plots).toMatchObject({
      A: { AX: { [one]: { 1: figure('task one', '1A') } }, AY: { [two]: { 2: figure('task two', '2A') } } },
      B: { BX: { [one]: { 3: figure('task one', '3B') } } },
    });
    expect(JSON.stringify(plots)).not.toContain('older');
    const body = { tasks, last_iters_per_task_metric: false };
    const newest = await server.call<{ plots: object }>('events.get_multi_task_plots', body);
    expect(Object.keys(newest.plots)).toEqual(['A', 'B']);
    expect(JSON.stringify(newest.plots)).not.toContain('1A');
    const onlyA = await server.call<{ plots: object }>('events.get_multi_task_plots', {
      tasks,
      metrics: [{ metric: 'A' }],
    });
    expect(Object.keys(onlyA.plots)).toEqual(['A']);
    expect(await server.refusal('events.get_multi_task_plots', { tasks: [one, 'none'] })).toBe('400/101');
  });

  test('vectors come by iteration', async () => {
    const task = await server.newTask();
    await server.batch(count(3).map((iter) => event('training_stats_vector', task, iter, { values: [iter, 1] })));
    const body = { task, metric: 'Metric1', variant: 'Variant1' };
    expect(await server.call('events.vector_metrics_iter_histogram', body)).toEqual({
      metric: 'Metric1',
      variant: 'Variant1',
      iterations: [0, 1, 2],
      vectors: [
        [0, 1],
        [1, 1],
        [2, 1],
      ],
    });
    expect(await server.call('events.get_vector_metrics_and_variants', { task })).toEqual({
      metrics: { Metric1: ['Variant1'] },
    });
  });

  test('scroll ids that were cleared cost nothing', async () => {
    expect(await server.call('events.clear_scroll', { scroll_id: 'x' })).toEqual({});
  });
});
