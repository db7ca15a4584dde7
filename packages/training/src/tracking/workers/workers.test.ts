import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startTracking, type TestServer } from '../testing/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTracking({ watchdogSeconds: 1 });
});
afterAll(() => server.stop());

interface Listed {
  id: string;
  tags: string[];
  system_tags: string[];
}
const list = async (query: object = {}) => (await server.call<{ workers: Listed[] }>('workers.get_all', query)).workers;
const ids = async (query: object) => (await list(query)).map(({ id }) => id);
const count = async (query: object = {}) =>
  (await server.call<{ count: number }>('v2.26/workers.get_count', query)).count;
/** Lets time pass for a worker. */
const age = (worker: string, seconds: number) =>
  server.database.pool.query(
    `update tracking.workers set last_activity_time = last_activity_time - make_interval(secs => $2),
      expires = expires - make_interval(secs => $2) where id = $1`,
    [worker, seconds],
  );
const as = (user: string) => ({ 'X-ClearML-Impersonate-As': user });

describe('workers', () => {
  test('are there until they say goodbye or were silent for longer than their timeout', async () => {
    await server.call('workers.register', { worker: 'silent', timeout: 3 });
    expect(await ids({ worker_pattern: 'silent' })).toEqual(['silent']);
    await age('silent', 3);
    expect(await ids({ worker_pattern: 'silent' })).toEqual([]);
    await server.call('workers.register', { worker: 'silent', timeout: 0 });
    await age('silent', 590);
    expect(await ids({ worker_pattern: 'silent' })).toEqual(['silent']);
    await server.call('workers.status_report', { worker: 'silent', timestamp: Date.now() });
    await age('silent', 590);
    expect(await ids({ worker_pattern: 'silent' })).toEqual(['silent']);
    await server.call('workers.unregister', { worker: 'silent' });
    await server.call('workers.unregister', { worker: 'silent', queues: [] });
    expect(await ids({ worker_pattern: 'silent' })).toEqual([]);
    expect(await server.refusal('workers.register', { worker: 'silent', timeout: -1 })).toBe('400/1002');
    expect(await server.refusal('workers.register', { worker: 'silent', queues: ['nothing'] })).toBe('400/701');
    expect(await server.refusal('workers.register', {})).toBe('400/11');
    const resources = { cpu_usage: -1 };
    expect(await server.refusal('workers.register', { worker: 'silent', resources })).toBe('400/12');
  });

  test('that were not heard of lately are left out when that is asked for', async () => {
    for (const worker of ['seen one', 'seen two'])
      await server.call('workers.register', { worker, system_tags: ['seen'], timeout: 100_000 });
    await age('seen one', 5);
    await age('seen two', 4_000);
    expect(await count({ system_tags: ['seen'], last_seen: 4 })).toBe(0);
    expect(await count({ system_tags: ['seen'], last_seen: 60 })).toBe(1);
    expect(await count({ system_tags: ['seen'] })).toBe(2);
    expect(await count()).toBeGreaterThanOrEqual(2);
    // An hour when nothing is said; 0 and null take the filter away.
    expect(await ids({ system_tags: ['seen'] })).toEqual(['seen one']);
    expect(await ids({ system_tags: ['seen'], last_seen: 0 })).toEqual(['seen one', 'seen two']);
    expect(await ids({ system_tags: ['seen'], last_seen: null })).toEqual(['seen one', 'seen two']);
  });

  test('are found by any of the tags, by none of those with a dash, and by a pattern', async () => {
    await server.call('workers.register', { worker: 'host%1:gpu0', tags: ['app', 'x'], system_tags: ['sys'] });
    await server.call('workers.register', { worker: 'host_1:gpu1', tags: ['other'] });
    const found = (query: object) => ids({ worker_pattern: 'host*', ...query });
    expect(await found({})).toEqual(['host%1:gpu0', 'host_1:gpu1']);
    expect(await found({ tags: ['app', 'test'] })).toEqual(['host%1:gpu0']);
    expect(await found({ tags: ['test'] })).toEqual([]);
    expect(await found({ tags: ['-app'] })).toEqual(['host_1:gpu1']);
    expect(await found({ tags: ['x', '-app'] })).toEqual([]);
    expect(await found({ tags: ['app'], system_tags: ['-sys'] })).toEqual([]);
    expect(await found({ tags: [], system_tags: ['sys'] })).toEqual(['host%1:gpu0']);
    expect(await ids({ worker_pattern: 'host%?:*' })).toEqual(['host%1:gpu0']);
    expect(await ids({ worker_pattern: '*:gpu1' })).toEqual(['host_1:gpu1']);
    expect(await count({ worker_pattern: 'host?1*' })).toBe(2);
    // Keys that the API does not have are ignored.
    expect(await found({ pattern: {}, seconds: 'x' })).toHaveLength(2);
    expect(await list({ worker_pattern: 'host%*' })).toMatchObject([{ tags: ['app', 'x'], system_tags: ['sys'] }]);
  });

  test('show what they do: the task with its project, the queues with what comes next', async () => {
    const { id: queue } = await server.call<{ id: string }>('queues.create', { name: 'watched', display_name: 'W' });
    const { id: project } = await server.call('projects.create', { name: 'worked on' });
    const next = await server.newTask({ name: 'comes next' });
    await server.call('tasks.enqueue', { task: next, queue });
    const task = await server.newTask({ name: 'under way', project });
    await server.call('tasks.started', { task });
    // What agents send: nulls, a key that is not in the schema, queues with every report.
    const report = {
      worker: 'busy:0',
      timestamp: Date.now(),
      queues: [queue],
      machine_stats: null,
      tags: null,
      is_daemon: true,
    };
    await server.call('workers.status_report', { ...report, task, queue });
    expect(await list({ worker_pattern: 'busy:0' })).toMatchObject([
      {
        key: 'worker_ranloop_admin_busy:0',
        company: { id: 'ranloop', name: 'ranloop' },
        user: { id: 'admin', name: 'admin' },
        ip: '127.0.0.1',
        task: { id: task, name: 'under way', last_iteration: 0 },
        project: { id: project, name: 'worked on' },
        queue: { id: queue, name: 'watched' },
        queues: [{ id: queue, display_name: 'W', num_tasks: 1, next_task: { id: next, name: 'comes next' } }],
      },
    ]);
    const { task: seen } = await server.call<{ task: object }>('tasks.get_by_id', { task });
    expect(seen).toMatchObject({ last_worker: 'busy:0', last_changed_by: 'admin' });
    await server.call('workers.status_report', { ...report, queues: undefined });
    const [idle] = await list({ worker_pattern: 'busy:0' });
    expect(idle).not.toHaveProperty('task');
    expect(idle).not.toHaveProperty('queue');
    expect(idle).toMatchObject({ queues: [{ id: queue }] });
    expect(await server.refusal('workers.status_report', { ...report, task: 'nobody' })).toBe('400/101');
  });

  test('of two users may bear the same name', async () => {
    const body = { name: 'other', company: 'ranloop', email: 'o@x' };
    const { id } = await server.call<{ id: string }>('auth.create_user', body);
    await server.call('workers.register', { worker: 'shared', tags: ['mine'] });
    await server.call('workers.register', { worker: 'shared', tags: ['theirs'] }, as(id));
    await server.call('workers.status_report', { worker: 'shared', timestamp: 1, tags: ['new'] }, as(id));
    expect((await list({ worker_pattern: 'shared' })).map(({ tags }) => tags[0]).toSorted()).toEqual(['mine', 'new']);
    await server.call('workers.unregister', { worker: 'shared' }, as(id));
    expect(await list({ worker_pattern: 'shared' })).toMatchObject([{ tags: ['mine'] }]);
  });
});

/** A time that is a multiple of all the intervals here: 1 600 000 200 s = 40 s x 40 000 005 = 200 s x 8 000 001. */
const START = 1_600_000_200;

async function report(worker: string, second: number, machine_stats: unknown, task?: string): Promise<void> {
  const timestamp = (START + second) * 1000;
  await server.call('workers.status_report', { worker, timestamp, machine_stats, ...(task ? { task } : {}) });
}

interface Stats {
  workers: {
    worker: string;
    metrics: {
      metric: string;
      variant?: string;
      dates: number[];
      stats: {
        aggregation: string;
        dates: number[];
        values: number[];
        resource_series?: { name: string; values: number[] }[];
      }[];
    }[];
  }[];
}
const stats = (fields: object) =>
  server.call<Stats>('workers.get_stats', { from_date: START, to_date: START + 120, interval: 1, ...fields });

describe('statistics of workers', () => {
  beforeAll(async () => {
    const task = await server.newTask();
    await server.call('tasks.started', { task });
    await report('s1', 0, { cpu_usage: [10, 20], memory_used: 50 }, task);
    await report('s1', 39, { cpu_usage: [30, 60], memory_used: 70 }, task);
    await report('s1', 80, { cpu_usage: [5, null], memory_used: 0 });
    await report('s2', 40, { cpu_usage: [5], gpu_usage: [1], memory_free: 30 });
  });

  test('are given by worker and metric, in points of at least 40 seconds', async () => {
    const { workers } = await stats({
      worker_ids: ['s1', 's2'],
      items: [
        { key: 'cpu_usage', aggregation: 'avg' },
        { key: 'cpu_usage', aggregation: 'max' },
        { key: 'memory_used', category: 'min' },
        { key: 'nothing' },
      ],
    });
    const dates = [START, START + 40, START + 80].map((second) => second * 1000);
    // (10 + 20 + 30 + 60) / 4 = 30; where nothing was reported there is 0.
    expect(workers).toEqual([
      {
        worker: 's1',
        metrics: [
          {
            metric: 'cpu_usage',
            dates,
            stats: [
              { aggregation: 'avg', dates, values: [30, 0, 5] },
              { aggregation: 'max', dates, values: [60, 0, 5] },
            ],
          },
          { metric: 'memory_used', dates, stats: [{ aggregation: 'min', dates, values: [50, 0, 0] }] },
        ],
      },
      {
        worker: 's2',
        metrics: [
          {
            metric: 'cpu_usage',
            dates,
            stats: [
              { aggregation: 'avg', dates, values: [0, 5, 0] },
              { aggregation: 'max', dates, values: [0, 5, 0] },
            ],
          },
        ],
      },
    ]);
    const nobody = await stats({ worker_ids: ['nobody'], items: [{ key: 'cpu_usage' }] });
    expect(nobody).toEqual({ workers: [] });
  });

  test('are split by device, as variants or beside the whole', async () => {
    const ask = { worker_ids: ['s1'], items: [{ key: 'cpu_usage' }, { key: 'memory_used' }] };
    const split = await stats({ ...ask, split_by_variant: true });
    const series = split.workers[0]?.metrics.map(({ metric, variant, stats: [first] }) => [
      metric,
      variant,
      ...(first?.values ?? []),
    ]);
    expect(series).toEqual([
      ['cpu_usage', '0', 20, 0, 5],
      ['cpu_usage', '1', 40, 0, 0],
      ['memory_used', 'total', 60, 0, 0],
    ]);
    const beside = await stats({ ...ask, split_by_resource: true });
    expect(beside.workers[0]?.metrics[0]?.stats).toMatchObject([
      {
        aggregation: 'avg',
        values: [30, 0, 5],
        resource_series: [
          { name: '0', values: [20, 0, 5] },
          { name: '1', values: [40, 0, 0] },
        ],
      },
    ]);
  });

  test('an interval that gives too many points is made longer', async () => {
    const { workers } = await stats({
      from_date: START - 4_000_000,
      to_date: START + 200,
      worker_ids: ['s2'],
      items: [{ key: 'cpu_usage', aggregation: 'max' }],
    });
    const [metric] = workers[0]?.metrics ?? [];
    // 4 000 200 s / 2000 points.
    expect((metric?.dates[1] ?? 0) - (metric?.dates[0] ?? 0)).toBe(2_001_000);
    expect(metric?.dates.length).toBeLessThanOrEqual(2_000);
  });

  test('name their metrics by category', async () => {
    expect(await server.call('workers.get_metric_keys', { worker_ids: ['s1', 's2'] })).toEqual({
      categories: [
        { name: 'cpu', metric_keys: ['cpu_usage'] },
        { name: 'gpu', metric_keys: ['gpu_usage'] },
        { name: 'memory', metric_keys: ['memory_free', 'memory_used'] },
      ],
    });
    expect(await server.refusal('workers.get_metric_keys', { worker_ids: ['nobody'] })).toBe('400/1005');
  });

  test('tell how many workers were there and how many at work', async () => {
    const span = { from_date: START, to_date: START + 120, interval: 2 };
    const dates = [START, START + 40, START + 80].map((second) => second * 1000);
    expect(await server.call('workers.get_activity_report', span)).toEqual({
      total: { dates, counts: [1, 1, 1] },
      active: { dates, counts: [1, 0, 0] },
    });
    const unaligned = await server.call<{ total: { dates: number[] } }>('workers.get_activity_report', {
      ...span,
      from_date: START + 39,
      to_date: START + 39 + 400,
    });
    expect(unaligned.total.dates).toHaveLength(10);
  });

  test('refuse what is no span and no metric list', async () => {
    const refusal = (fields: object) =>
      server.refusal('workers.get_stats', {
        from_date: 1,
        to_date: 2,
        interval: 1,
        items: [{ key: 'cpu_usage' }],
        ...fields,
      });
    expect(await refusal({ to_date: 1 })).toBe('400/16');
    expect(await refusal({ items: [] })).toBe('400/12');
    expect(await refusal({ items: [{ key: 'cpu_usage', aggregation: 'sum' }] })).toBe('400/12');
    expect(await refusal({ interval: 0 })).toBe('400/12');
    expect(await server.refusal('workers.get_activity_report', { from_date: 2, to_date: 1, interval: 1 })).toBe(
      '400/16',
    );
  });

  test('take seconds for milliseconds, odd numbers for none, and names of objects for names', async () => {
    const odd =
      '{"cpu_usage":["5",null,7,{},NaN],"memory_used":Infinity,"__proto__":{"x":1},"toString":4,"gpu_usage":[]}';
    const raw = `{"worker":"__proto__","timestamp":${START},"machine_stats":${odd}}`;
    expect((await server.send('/workers.status_report', { raw })).status).toBe(200);
    const found = await stats({ worker_ids: ['__proto__'], items: [{ key: 'cpu_usage' }], split_by_variant: true });
    expect(found.workers[0]?.metrics).toMatchObject([{ variant: '2', stats: [{ values: [7, 0, 0] }] }]);
    expect(await server.call('workers.get_metric_keys', { worker_ids: ['__proto__'] })).toEqual({
      categories: [{ name: 'cpu', metric_keys: ['cpu_usage'] }],
    });
    expect(await ids({ worker_pattern: '__proto__' })).toEqual(['__proto__']);
    const refusal = (fields: object) => server.refusal('workers.status_report', { worker: 'odd', ...fields });
    expect(await refusal({ timestamp: -1 })).toBe('400/16');
    expect(await refusal({ timestamp: 1e300 })).toBe('400/16');
    expect(await refusal({ timestamp: 'now' })).toBe('400/12');
    expect(await refusal({})).toBe('400/11');
    expect(await refusal({ timestamp: 1, machine_stats: [] })).toBe('400/12');
    expect(await ids({ worker_pattern: 'odd' })).toEqual([]);
    const { text } = await server.send('/workers.register', { raw: '{"worker":"nul\\u0000l","tags":["\\u0000"]}' });
    expect(JSON.parse(text).meta.result_code).toBe(200);
    expect(await ids({ worker_pattern: 'nul*' })).toEqual(['nul\uFFFDl']);
  });

  test('are forgotten after the days that they are kept', async () => {
    await report('old', 0, { cpu_usage: [1] });
    await server.database.pool.query(
      `update tracking.worker_stats set received = now() - interval '32 days' where worker = 'old'`,
    );
    await vi.waitFor(
      async () => expect(await server.refusal('workers.get_metric_keys', { worker_ids: ['old'] })).toBe('400/1005'),
      { timeout: 10_000 },
    );
  });
});

describe('runtime properties', () => {
  const set = (runtime_properties: object[]) =>
    server.call('workers.set_runtime_properties', { worker: 'p', runtime_properties });
  const get = async () => (await server.call('workers.get_runtime_properties', { worker: 'p' }))['runtime_properties'];

  test('hold until they expire or are taken away', async () => {
    expect(await get()).toEqual([]);
    expect(await set([{ key: 'max_num_instances', value: '3' }])).toEqual({
      added: ['max_num_instances'],
      removed: [],
      errors: [],
    });
    await set([{ key: 'force', value: 'off', expiry: 86_400 }]);
    expect(await get()).toEqual([
      { key: 'force', value: 'off', expiry: 86_400 },
      { key: 'max_num_instances', value: '3' },
    ]);
    await server.database.pool.query(
      `update tracking.worker_properties set expires = expires - interval '1 day' where key = 'force'`,
    );
    expect(await get()).toEqual([{ key: 'max_num_instances', value: '3' }]);
    expect(await set([{ key: 'max_num_instances', expiry: 0 }])).toMatchObject({ removed: ['max_num_instances'] });
    expect(await get()).toEqual([]);
  });
});
