import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTracking, type TestServer } from '../testing/server.ts';

let server: TestServer;
let plain: Record<string, string>;
beforeAll(async () => {
  server = await startTracking();
  const body = { name: 'plain', company: 'ranloop', email: 'p@x' };
  const { id } = await server.call<{ id: string }>('auth.create_user', body);
  plain = { 'X-ClearML-Impersonate-As': id };
});
afterAll(() => server.stop());

/** The calls of API 2.34 by the version that brought them. The runtime properties of workers are beyond it. */
const CALLS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  auth: {
    2.1: 'create_credentials create_user edit_user fixed_users_mode get_credentials get_token_for_user login revoke_credentials validate_token',
    2.2: 'logout',
    2.19: 'edit_credentials',
  },
  login: { 2.9: 'supported_modes', 2.13: 'logout' },
  debug: { 2.9: 'ping' },
  queues: {
    2.4: 'add_task create delete get_all get_all_ex get_by_id get_default get_next_task get_queue_metrics move_task_backward move_task_forward move_task_to_back move_task_to_front remove_task update',
    2.13: 'add_or_update_metadata delete_metadata',
    2.15: 'get_num_entries peek_task',
    2.31: 'clear_queue',
  },
  server: { 2.1: 'config endpoints get_stats info', 2.4: 'report_stats_option' },
  serving: {
    2.31: 'container_status_report get_endpoint_details get_endpoint_metrics_history get_endpoints get_loading_instances register_container unregister_container',
  },
  storage: { 2.22: 'get_settings', 2.31: 'reset_settings set_settings' },
  users: {
    2.1: 'create delete get_all get_all_ex get_by_id get_current_user get_preferences set_preferences update',
  },
  workers: {
    2.4: 'get_activity_report get_all get_metric_keys get_stats register status_report unregister',
    '2.10': 'get_runtime_properties set_runtime_properties',
    2.26: 'get_count',
  },
};

describe('the server', () => {
  test('tells its versions, more of them to newer clients, and an id that stays', async () => {
    const info = async (version: string) => server.call(`${version}/server.info`);
    const first = { version: '2.3.0', build: '1', commit: '' };
    expect(await info('v2.1')).toEqual(first);
    const { uid } = await info('v2.8');
    expect(uid).toMatch(/^[0-9a-f]{32}$/);
    expect(await info('v2.8')).toEqual({ ...first, uid });
    expect(await server.call('server.info', {}, plain)).toEqual({ ...first, uid, api_version: '2.34' });
    const { meta } = await server.envelope('v2.9/server.info');
    expect(meta.endpoint).toMatchObject({ requested_version: '2.9', actual_version: '2.8' });
  });

  test('describes its endpoints and its configuration to managers', async () => {
    const { endpoints } = await server.call<{ endpoints: Record<string, object[]> }>('server.endpoints');
    expect(endpoints['server.info']?.map((one) => (one as { min_version: string }).min_version)).toEqual([
      '2.12',
      '2.8',
      '2.1',
    ]);
    expect(endpoints['queues.add_task']).toMatchObject([{ required_fields: ['queue', 'task'], authorize: true }]);
    expect(endpoints['debug.ping']).toMatchObject([{ authorize: false }]);
    expect(await server.call('server.config', { path: 'tracking.statisticsDays' })).toEqual({ statisticsDays: 31 });
    expect(await server.call('server.config', { path: 'company' })).toEqual({ id: 'ranloop', name: 'ranloop' });
    expect(await server.call('server.config')).toMatchObject({ tracking: { lostTaskSeconds: 600 } });
    for (const path of ['nothing', 'tracking.__proto__', 'company.id.x', 'constructor'])
      expect(await server.refusal('server.config', { path })).toBe('400/16');
    for (const action of ['server.endpoints', 'server.config', 'server.get_stats'])
      expect(await server.refusal(action, {}, plain)).toBe('403/20');
  });

  test('has every call of these services from the version of the API on that brought it', async () => {
    const { endpoints } = await server.call<{ endpoints: Record<string, { min_version: string }[]> }>(
      'server.endpoints',
    );
    const first = Object.entries(endpoints).map(([name, all]) => [name, all.at(-1)?.min_version] as const);
    const found = new Map<string, string[]>();
    for (const [name, version = ''] of first) {
      const [service = '', action = ''] = name.split('.');
      if (service in CALLS) found.set(`${service} ${version}`, [...(found.get(`${service} ${version}`) ?? []), action]);
    }
    const expected = Object.entries(CALLS).flatMap(([service, versions]) =>
      Object.entries(versions).map(
        ([version, names]) => [`${service} ${version}`, names.split(' ').toSorted()] as const,
      ),
    );
    expect(Object.fromEntries([...found].map(([key, names]) => [key, names.toSorted()]))).toEqual(
      Object.fromEntries(expected),
    );
  });

  test('counts what it holds and what its agents did', async () => {
    const task = await server.newTask();
    await server.call('tasks.started', { task });
    const report = { worker: 'counted', timestamp: Date.now(), task };
    await server.call('workers.status_report', { ...report, machine_stats: { cpu_usage: [10, 30], memory_used: 5 } });
    const stats = await server.call('server.get_stats', { interval: 60 });
    expect(stats).toMatchObject({
      company_id: 'ranloop',
      server: { version: '2.3.0', queues: { count: 2 }, users: { count: 2 }, experiments: { count: 1 } },
      agents: [
        {
          uuid: 'counted',
          resources: {
            interval_sec: 60,
            cpu_usage: { min: 10, max: 30, avg: 20 },
            memory_used: { min: 5, max: 5, avg: 5 },
          },
          experiments: { count: 1, avg_iterations: 0 },
        },
      ],
    });
  });

  test('keeps the choice about reports, though it sends none', async () => {
    expect(await server.call('v2.4/server.report_stats_option')).toEqual({
      supported: false,
      enabled: false,
      current_version: '2.3.0',
    });
    const chosen = await server.call('v2.4/server.report_stats_option', { enabled: true });
    expect(chosen).toMatchObject({ enabled: true, enabled_user: 'admin', enabled_version: '2.3.0' });
    expect(chosen['enabled_time']).toMatch(/^\d{4}-.*\+00:00$/);
    expect(await server.call('v2.4/server.report_stats_option', {}, plain)).toEqual(chosen);
    await server.call('v2.4/server.report_stats_option', { enabled: false });
    expect(await server.call('v2.4/server.report_stats_option')).toMatchObject({ enabled: false });
  });

  test('echoes a ping without credentials', async () => {
    const { text } = await server.send('/v2.9/debug.ping', { raw: '{"a":[1,null]}', headers: { authorization: '' } });
    expect(JSON.parse(text).data).toEqual({ a: [1, null] });
  });
});

describe('storage settings', () => {
  const empty = {
    aws: { key: '', secret: '', region: '', token: '', use_credentials_chain: false, buckets: [] },
    google: { project: '', credentials_json: '', buckets: [] },
    azure: { containers: [] },
  };
  const get = async (headers: Record<string, string> = {}) => {
    const { settings, ...flat } = await server.call<{ settings: Record<string, unknown> }>(
      'storage.get_settings',
      {},
      headers,
    );
    expect(flat).toEqual(settings);
    return settings;
  };
  const set = (body: object) => server.call('v2.31/storage.set_settings', body);

  test('have defaults, are replaced part by part, and reset', async () => {
    expect(await get()).toEqual(empty);
    expect(await server.call('v2.31/storage.reset_settings', { keys: ['aws'] })).toEqual({ updated: 0 });
    const bucket = { bucket: 'b', key: 'k', secret: 's', verify: false, unknown: 1, acl: null };
    expect(await set({ aws: { key: 'K', secret: 'S', buckets: [bucket] } })).toEqual({ updated: 1 });
    const aws = {
      ...empty.aws,
      key: 'K',
      secret: 'S',
      buckets: [
        {
          bucket: 'b',
          key: 'k',
          secret: 's',
          verify: false,
          multipart: true,
          secure: true,
          use_credentials_chain: false,
        },
      ],
    };
    expect(await get()).toEqual({ ...empty, aws, last_update: expect.stringMatching(/^\d{4}-/) });
    const azure = { containers: [{ account_name: 'a', account_key: 'x', container_name: 'c' }] };
    const google = { project: 'p', credentials_json: '{"type":"service_account"}', buckets: [] };
    await set({ azure, google });
    expect(await get()).toMatchObject({ aws, azure, google });
    await set({ aws: { region: 'eu' } });
    expect(await get()).toMatchObject({ aws: { ...empty.aws, region: 'eu' }, azure, google });
    expect(await server.call('v2.31/storage.reset_settings', { keys: ['aws', 'google'] })).toEqual({ updated: 1 });
    expect(await get()).toMatchObject({ ...empty, azure });
  });

  test('show their secrets to managers only, who alone set them', async () => {
    await set({
      aws: { key: 'K', secret: 'SECRET', token: 'SECRET', buckets: [{ bucket: 'b', secret: 'SECRET' }] },
      google: { credentials_json: '"SECRET"', buckets: [{ bucket: 'g', credentials_json: '"SECRET"' }] },
      azure: { containers: [{ account_name: 'a', account_key: 'SECRET' }] },
    });
    const shown = await get(plain);
    expect(JSON.stringify(shown)).not.toContain('SECRET');
    expect(shown).toMatchObject({
      aws: { key: 'K', buckets: [{ bucket: 'b' }] },
      google: { buckets: [{ bucket: 'g' }] },
    });
    expect(await server.refusal('v2.31/storage.set_settings', { aws: { key: 'x' } }, plain)).toBe('403/20');
    expect(await server.refusal('v2.31/storage.reset_settings', { keys: ['aws'] }, plain)).toBe('403/20');
  });

  test('refuse nothing at all, credentials that are no JSON, and parts that there are not', async () => {
    const refusal = (body: object) => server.refusal('v2.31/storage.set_settings', body);
    expect(await refusal({})).toBe('400/12');
    expect(await refusal({ google: { credentials_json: '{' } })).toBe('400/12');
    expect(await refusal({ google: { buckets: [{ credentials_json: 'x' }] } })).toBe('400/12');
    expect(await refusal({ aws: { buckets: 1 } })).toBe('400/12');
    expect(await server.refusal('v2.31/storage.reset_settings', { keys: ['disk'] })).toBe('400/12');
  });
});
