import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startTracking, type TestServer } from '../testing/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTracking({ watchdogSeconds: 1 });
});
afterAll(() => server.stop());

const at = (action: string) => `v2.31/serving.${action}`;
const container = (container_id: string, fields: object = {}) => ({
  container_id,
  endpoint_name: 'my endpoint',
  model_name: 'my model',
  ...fields,
});
const endpointsOf = async (url: string) =>
  (await server.call<{ endpoints: { url: string }[] }>(at('get_endpoints'))).endpoints.filter((one) => one.url === url);
const date = expect.stringMatching(/^\d{4}-.*\+00:00$/);

describe('serving containers', () => {
  test('load until they have a URL, and serve under it until they leave', async () => {
    const url = 'http://serve/1';
    const fields = {
      model_source: 's3//my_bucket',
      model_version: '3.1.0',
      preprocess_artifact: 'some string',
      input_type: 'float',
      input_size: 9_000_000,
      tags: { any: 'thing' },
    };
    const details = {
      endpoint: 'my endpoint',
      model: 'my model',
      model_source: 's3//my_bucket',
      model_version: '3.1.0',
      preprocess_artifact: 'some string',
      input_type: 'float',
      input_size: 9_000_000,
    };
    // Counts come with reports; in a registration they are keys like any unknown one.
    expect(await server.call(at('register_container'), container('c1', { ...fields, uptime_sec: 'x' }))).toEqual({});
    expect(await server.call(at('get_loading_instances'))).toEqual({
      instances: [{ id: 'c1', ...details, age_sec: 0, last_update: date }],
    });
    expect(await server.refusal(at('container_status_report'), container('c1', fields))).toBe('400/12');
    expect(await server.refusal(at('get_endpoint_details'), { endpoint_url: url })).toBe('400/1052');
    const reference = [{ type: 'model', value: 'id' }];
    const report = (id: string, times: number) =>
      server.call(
        at('container_status_report'),
        container(id, {
          ...fields,
          endpoint_url: url,
          uptime_sec: 1_000 * times,
          requests_num: 1_000 * times,
          requests_min: 5.126 * times,
          latency_ms: 100.4 * times,
          machine_stats: { cpu_usage: [10, 20], memory_used: 50 },
          reference,
        }),
      );
    await report('c1', 1);
    await report('c2', 2);
    expect(await server.call(at('get_loading_instances'))).toEqual({ instances: [] });
    expect(await endpointsOf(url)).toEqual([
      {
        endpoint: 'my endpoint',
        model: 'my model',
        url,
        instances: 2,
        uptime_sec: 2_000,
        requests: 3_000,
        requests_min: 7.69,
        latency_ms: 151,
        last_update: date,
      },
    ]);
    const shown = await server.call(at('get_endpoint_details'), { endpoint_url: url });
    expect(shown).toEqual({
      ...details,
      url,
      uptime_sec: 2_000,
      last_update: date,
      instances: [
        {
          id: 'c1',
          uptime_sec: 1_000,
          requests: 1_000,
          requests_min: 5.126,
          latency_ms: 100,
          last_update: date,
          reference,
        },
        {
          id: 'c2',
          uptime_sec: 2_000,
          requests: 2_000,
          requests_min: 10.252,
          latency_ms: 201,
          last_update: date,
          reference,
        },
      ],
    });
    for (const container_id of ['c1', 'c2', 'c2']) await server.call(at('unregister_container'), { container_id });
    expect(await endpointsOf(url)).toEqual([]);
    expect(await server.refusal(at('get_endpoint_details'), { endpoint_url: url })).toBe('400/1052');
  });

  test('are forgotten when they were silent for longer than their timeout', async () => {
    const url = 'http://serve/2';
    const age = () =>
      server.database.pool.query(
        `update tracking.serving_containers set expires = expires - interval '90 seconds' where id = 'quiet'`,
      );
    await server.call(at('register_container'), container('quiet', { endpoint_url: url, timeout: 100 }));
    await age();
    expect(await endpointsOf(url)).toMatchObject([{ instances: 1, requests: 0 }]);
    expect((await endpointsOf(url))[0]).not.toHaveProperty('latency_ms');
    await server.call(at('container_status_report'), container('quiet', { endpoint_url: url }));
    await age();
    expect(await endpointsOf(url)).toHaveLength(1);
    await age();
    expect(await endpointsOf(url)).toEqual([]);
  });

  test('must be named, and speak of references that exist', async () => {
    expect(await server.refusal(at('register_container'), { endpoint_name: 'e', model_name: 'm' })).toBe('400/11');
    expect(await server.refusal(at('register_container'), container('c', { timeout: 0 }))).toBe('400/12');
    const reference = [{ type: 'what', value: 'x' }];
    expect(await server.refusal(at('register_container'), container('c', { reference }))).toBe('400/12');
    expect(await server.refusal('v2.30/serving.get_endpoints')).toBe('404/0');
  });

  test('survive odd names and statistics', async () => {
    const raw = `{"container_id":"__proto__","endpoint_name":"\\u0000","endpoint_url":"http://\\u0000","model_name":"m",
      "machine_stats":{"cpu_usage":[null,"1",NaN],"memory_used":"x","__proto__":1},"requests_num":null,"latency_ms":NaN}`;
    const { text } = await server.send('/serving.container_status_report', { raw });
    expect(JSON.parse(text).meta.result_code).toBeLessThan(500);
    const ok = raw.replace('"latency_ms":NaN', '"latency_ms":1');
    expect((await server.send('/serving.container_status_report', { raw: ok })).status).toBe(200);
    expect(await endpointsOf('http://\uFFFD')).toMatchObject([{ instances: 1, latency_ms: 1 }]);
  });
});

describe('the history of an endpoint', () => {
  const url = 'http://serve/history';
  /** A multiple of 40 s and of 100 s. */
  const START = 1_600_000_200;
  const insert = (id: string, second: number, stats: object) =>
    server.database.pool.query(`insert into tracking.serving_stats values ($1, $2, $3, $4)`, [
      id,
      url,
      (START + second) * 1000,
      JSON.stringify(stats),
    ]);
  const history = (fields: object = {}) =>
    server.call(at('get_endpoint_metrics_history'), {
      endpoint_url: url,
      from_date: START,
      to_date: START + 120,
      interval: 1,
      ...fields,
    });
  const dates = [START, START + 40, START + 80].map((second) => second * 1000);

  beforeAll(async () => {
    await insert('a', 0, { requests: 10, latency_ms: 100 });
    await insert('a', 20, { requests: 20, latency_ms: 200 });
    await insert('b', 39, { requests: 7, latency_ms: 50 });
    await insert('b', 80, { requests: 8.126 });
  });

  test('adds up counts and takes the mean of rates, of each instance and of all', async () => {
    expect(await history()).toEqual({
      computed_interval: 40,
      total: { title: 'Number of Requests', dates, values: [22, 0, 8.13] },
      instances: {
        a: { title: 'a', dates, values: [15, 0, 0] },
        b: { title: 'b', dates, values: [7, 0, 8.13] },
      },
    });
    expect(await history({ metric_type: 'latency_ms', instance_charts: false })).toEqual({
      computed_interval: 40,
      total: { title: 'Average Latency (ms)', dates, values: [100, 0, 0] },
      instances: {},
    });
    expect(await history({ interval: 100, to_date: START + 200 })).toMatchObject({
      computed_interval: 100,
      total: { values: [22.56, 0] },
    });
    expect(await history({ endpoint_url: 'http://none' })).toEqual({
      computed_interval: 40,
      total: { title: 'Number of Requests', dates: [], values: [] },
      instances: {},
    });
  });

  test('is made of what containers report, the state of their machines included', async () => {
    const mine = 'http://serve/charts';
    for (const [id, times] of [
      ['m1', 1],
      ['m2', 2],
    ] as const)
      await server.call(
        at('container_status_report'),
        container(id, {
          endpoint_url: mine,
          requests_num: 1_000 * times,
          requests_min: 5 * times,
          latency_ms: 100 * times,
          machine_stats: {
            cpu_usage: [10, 20],
            memory_used: 50,
            gpu_usage: [40, 60, 80],
            gpu_memory_free: [1, 2],
            network_rx: 3,
          },
        }),
      );
    const now = Date.now() / 1000;
    const expected: [string, string, number][] = [
      ['requests', 'Number of Requests', 3_000],
      ['requests_min', 'Requests per Minute', 15],
      ['latency_ms', 'Average Latency (ms)', 150],
      ['cpu_count', 'CPU Count', 4],
      ['gpu_count', 'GPU Count', 6],
      ['cpu_util', 'Average CPU Load (%)', 15],
      ['gpu_util', 'Average GPU Utilization (%)', 60],
      ['ram_total', 'RAM Total (GB)', 100],
      ['ram_used', 'RAM Used (GB)', 100],
      ['ram_free', 'RAM Free (GB)', 0],
      ['gpu_ram_total', 'GPU RAM Total (GB)', 3],
      ['gpu_ram_used', 'GPU RAM Used (GB)', 0],
      ['gpu_ram_free', 'GPU RAM Free (GB)', 3],
      ['network_rx', 'Network Throughput RX (MBps)', 6],
      ['network_tx', 'Network Throughput TX (MBps)', 0],
    ];
    for (const [metric_type, title, value] of expected) {
      const span = { from_date: now - 60, to_date: now + 41, interval: 1, metric_type };
      const { total, instances } = await server.call<{
        total: { title: string; values: number[] };
        instances: object;
      }>(at('get_endpoint_metrics_history'), { endpoint_url: mine, ...span });
      expect(total.title).toBe(title);
      expect(total.values).toContain(value);
      expect(Object.keys(instances)).toEqual(['m1', 'm2']);
    }
  });

  test('refuses spans that are none and charts that there are not', async () => {
    const refusal = (fields: object) =>
      server.refusal(at('get_endpoint_metrics_history'), {
        endpoint_url: url,
        from_date: 1,
        to_date: 2,
        interval: 1,
        ...fields,
      });
    expect(await refusal({ to_date: 1 })).toBe('400/16');
    expect(await refusal({ metric_type: 'what' })).toBe('400/12');
    expect(await refusal({ interval: 0 })).toBe('400/12');
  });

  test('is kept for as many days as statistics are', async () => {
    const old = 'http://serve/old';
    await server.database.pool.query(`insert into tracking.serving_stats values ('x', $1, $2, '{"requests":1}')`, [
      old,
      Date.now() - 32 * 86_400_000,
    ]);
    const now = Date.now() / 1000;
    const kept = async () => {
      const span = { from_date: now - 40 * 86_400, to_date: now, interval: 86_400 };
      const { instances } = await server.call(at('get_endpoint_metrics_history'), { endpoint_url: old, ...span });
      return Object.keys(instances as object);
    };
    await vi.waitFor(async () => expect(await kept()).toEqual([]), { timeout: 10_000 });
  });
});
