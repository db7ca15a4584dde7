import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Tables } from '../store/tables.ts';
import { startTracking, type TestServer } from '../testing/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTracking();
});
afterAll(() => server.stop());

const newest = async (action: string, body: object) => {
  const answer = await server.send(`/v2.34/${action}`, { raw: JSON.stringify(body) });
  const { meta, data } = JSON.parse(answer.text) as { meta: Record<string, number>; data: Record<string, unknown> };
  return { code: `${meta['result_code']}/${meta['result_subcode']}`, data };
};
const project = async (name: string, fields: object = {}) =>
  (await server.call<{ id: string }>('projects.create', { name, ...fields })).id;
const fields = { hyperparams: { Args: { 'lr.x': { value: '0.1' } } }, tags: ['b', "a'"] };

describe('tags and people', () => {
  test('tags are those of tasks and models that pass the filter', async () => {
    const task = await server.newTask({ tags: ['one'] });
    const { id: model } = await server.call<{ id: string }>('models.create', { name: 'm', uri: 'u', tags: ['one'] });
    const tags = (body: object = {}) => server.call<{ tags: string[] }>('organization.get_tags', body);
    expect(await tags()).toEqual({ tags: ['one'] });
    await server.call('tasks.edit', { task, tags: ['two'], system_tags: ['mark'] });
    expect(await tags({ include_system: true })).toEqual({ tags: ['one', 'two'], system_tags: ['mark'] });
    expect(await tags({ filter: { system_tags: ['__$not', 'mark'] } })).toEqual({ tags: ['one'] });
    expect(await tags({ filter: { tags: ['two'], system_tags: ['mark'] } })).toEqual({ tags: ['two'] });
    await server.call('models.delete', { model });
    expect(await tags()).toEqual({ tags: ['two'] });
    const own = await project('Tagged project', { tags: ['p'], system_tags: ['s'] });
    await project('Tagged project/below', { tags: ['q'] });
    expect(await server.call('projects.get_project_tags', { projects: [own] })).toEqual({
      tags: ['p', 'q'],
      system_tags: [],
    });
    const filtered = { projects: [own], include_system: true, filter: { tags: ['p'] } };
    expect(await server.call('projects.get_project_tags', filtered)).toEqual({ tags: ['p'], system_tags: ['s'] });
    await server.call('tasks.delete', { task, force: true });
  });

  test('everybody is of the one company', async () => {
    expect(await server.call('organization.get_user_companies')).toEqual({
      companies: [
        { id: 'ranloop', name: 'ranloop', allocated: 1, owners: [{ id: 'admin', name: 'admin', avatar: null }] },
      ],
    });
  });
});

describe('get_entities_count', () => {
  test('counts each kind by its own criteria, hidden ones only where they always are', async () => {
    const top = await project('Counted');
    const below = await project('Counted/below');
    await project('Counted/hidden', { system_tags: ['hidden'] });
    await project('Counted/.datasets/ds', { system_tags: ['dataset', 'hidden'] });
    await project('Counted/.pipelines/pl', { system_tags: ['pipeline', 'hidden'] });
    for (const [type, system_tags] of [
      ['training', []],
      ['training', ['hidden']],
      ['controller', ['pipeline', 'hidden']],
      ['data_processing', ['dataset', 'hidden']],
    ] as const)
      await server.newTask({ project: below, type, system_tags });
    await server.call('reports.create', { name: 'rep', project: below });
    await server.call('models.create', { name: 'm', uri: 'u', project: top, system_tags: ['hidden'] });
    const within = { project: [top] };
    const ask = {
      projects: { path: [top] },
      tasks: { project: [top], include_subprojects: true },
      models: within,
      pipelines: { path: [top], system_tags: ['pipeline'] },
      pipeline_runs: within,
      datasets: { path: [top], system_tags: ['dataset'] },
      dataset_versions: within,
      reports: within,
    };
    // Below: `below`, the two folders and `.reports` of it, which is hidden as what is in the folders.
    expect(await server.call('organization.get_entities_count', ask)).toEqual({
      projects: 3,
      tasks: 1,
      models: 1,
      pipelines: 1,
      pipeline_runs: 1,
      datasets: 1,
      dataset_versions: 1,
      reports: 1,
    });
    const all = await server.call('organization.get_entities_count', { ...ask, search_hidden: true });
    expect(all).toMatchObject({ projects: 7, tasks: 5 });
    expect(
      await server.call('organization.get_entities_count', { tasks: ask.tasks, search_hidden: true, limit: 2 }),
    ).toEqual({ tasks: 2 });
    expect(await server.call('organization.get_entities_count', { tasks: {}, active_users: ['nobody'] })).toEqual({
      tasks: 0,
    });
    expect(
      await server.call('organization.get_entities_count', { projects: { id: [top] }, active_users: ['admin'] }),
    ).toEqual({ projects: 1 });
    const partly = { projects: { id: [top] }, tasks: { name: '(' } };
    expect(await server.call('organization.get_entities_count', partly)).toEqual({
      projects: 1,
      errors: { tasks: expect.stringContaining('regular expression') },
    });
  });
});

describe('downloads', () => {
  const prepare = (body: object) => newest('organization.prepare_download_for_get_all', body);
  const fetchFile = (id: unknown) => server.send(`/v2.34/organization.download_for_get_all?prepare_id=${String(id)}`);

  test('are comma-separated values of what get_all_ex finds, named and translated', async () => {
    const own = await project('Café/ex "port"');
    await server.newTask({ name: '=1+1', project: own, ...fields });
    await server.newTask({ name: 'said "hi",\nthen', project: own, status: 'created' });
    const { code, data } = await prepare({
      entity_type: 'task',
      project: [own],
      order_by: ['name'],
      only_fields: ['name', 'status', 'project.name', 'hyperparams.Args.lr%2Ex.value', 'tags', 'last_iteration'],
      field_mappings: [
        { field: 'name', name: 'Name' },
        { field: 'status', values: [{ key: 'created', value: 'Draft' }] },
        { field: 'project.name' },
        { field: 'hyperparams.Args.lr%2Ex.value', name: 'lr' },
        { field: 'tags' },
        { field: 'last_iteration', values: [{ key: 0, value: 'none' }] },
      ],
    });
    expect(code).toBe('200/0');
    const { text, headers, status } = await fetchFile(data['prepare_id']);
    expect(status).toBe(200);
    expect(headers['content-type']).toMatch(/^text\/csv/);
    expect(headers['content-disposition']).toBe(
      `attachment; filename="clearml-ex _port_-tasks.csv"; filename*=UTF-8''clearml-ex%20%22port%22-tasks.csv`,
    );
    const cafe = 'Café/ex ""port""';
    const lines = [
      '"Name","status","project.name","lr","tags","last_iteration"',
      `"'=1+1","Draft","${cafe}","0.1","['a\\'', 'b']","none"`,
      `"said ""hi"",\nthen","Draft","${cafe}","","[]","none"`,
    ];
    const sortedTags = text.replace("['b', 'a\\'']", "['a\\'', 'b']");
    expect(sortedTags).toBe(`\uFEFF${lines.join('\r\n')}\r\n`);
    expect((await fetchFile(data['prepare_id'])).text).toBe(text);
  });

  test('of models work alike; an empty one has its header', async () => {
    await server.call('models.create', { name: 'ready model', uri: 'u', ready: true });
    const body = {
      entity_type: 'model',
      only_fields: ['name', 'ready'],
      field_mappings: [{ field: 'ready' }, { field: 'name' }],
    };
    const filled = await prepare({ ...body, name: '^ready model$' });
    const file = await fetchFile(filled.data['prepare_id']);
    expect(file.text).toBe('\uFEFF"ready","name"\r\n"True","ready model"\r\n');
    expect(file.headers['content-disposition']).toBe('attachment; filename="clearml-models.csv"');
    const empty = await prepare({ ...body, name: '^nothing$' });
    expect((await fetchFile(empty.data['prepare_id'])).text).toBe('\uFEFF"ready","name"\r\n');
  });

  test('are refused when names repeat or the request is wrong, and are gone after five minutes', async () => {
    const body = { entity_type: 'task', only_fields: ['name'], field_mappings: [{ field: 'name' }] };
    const refused = async (change: object) => (await prepare({ ...body, ...change })).code;
    expect(await refused({ field_mappings: [{ field: 'name' }, { field: 'id', name: 'name' }] })).toBe('400/12');
    const twice = [
      { key: 1, value: 'a' },
      { key: 1, value: 'b' },
    ];
    expect(await refused({ field_mappings: [{ field: 'name', values: twice }] })).toBe('400/12');
    expect(await refused({ entity_type: 'queue' })).toBe('400/12');
    expect(await refused({ name: '(' })).toBe('400/21');
    expect(await refused({ field_mappings: undefined })).toBe('400/11');
    expect(JSON.parse((await fetchFile('nothing')).text)).toMatchObject({
      meta: { result_code: 400, result_subcode: 10 },
    });
    const { data } = await prepare(body);
    await sql`update tracking.prepared_downloads set created = now() - interval '6 minutes'`.execute(
      server.database.room<Tables>('tracking'),
    );
    expect((await fetchFile(data['prepare_id'])).status).toBe(400);
  });

  test('of more tasks than one page are whole', async () => {
    const own = await project('Long export');
    await sql`insert into tracking.tasks (id, name, type, status, user_id, project, comment, tags, system_tags, created,
        status_changed, last_update, last_change, last_changed_by)
      select md5('export' || n), 'task ' || n, 'training', 'created', 'admin', ${own}, '', '{}', '{}', now(), now(), now(),
        now(), 'admin' from generate_series(1, 250) n`.execute(server.database.room<Tables>('tracking'));
    const { data } = await prepare({
      entity_type: 'task',
      project: own,
      only_fields: ['name'],
      field_mappings: [{ field: 'name' }],
    });
    const names = (await fetchFile(data['prepare_id'])).text.split('\r\n').slice(1, -1);
    expect(new Set(names).size).toBe(250);
  });
});

describe('get_project_usages', () => {
  const DAY = 86_400_000;
  /** A task as it would be after its run. */
  const ran = async (
    own: string,
    { from, to, queue, tags = [] }: { from: number; to?: number; queue?: string; tags?: string[] },
  ) => {
    const task = await server.newTask({ project: own, system_tags: tags });
    const [started, completed] = [new Date(from), to === undefined ? null : new Date(to)];
    await sql`update tracking.tasks set started = ${started}, completed = ${completed},
      status = ${completed ? 'completed' : 'in_progress'},
      execution = case when ${queue ?? ''} = '' then '{}'::jsonb else jsonb_build_object('queue', ${queue ?? ''}::text) end
      where id = ${task}`.execute(server.database.room<Tables>('tracking'));
  };

  test('sums the seconds of each day, by project, queue and user, in the zone asked for', async () => {
    const own = await project('Usage');
    const child = await project('Usage/child');
    const deep = await project('Usage/child/deep');
    const { id: queue } = await server.call<{ id: string }>('queues.create', { name: 'usage', display_name: 'Usage!' });
    // 10 May 22:00 to 11 May 03:00 in UTC; the zone is two hours ahead, so that all of it is on 11 May there.
    const night = Date.parse('2026-05-10T22:00:00Z');
    await ran(own, { from: night, to: night + 5 * 3_600_000, queue });
    await ran(deep, { from: night - DAY, to: night + 3_600_000, queue: 'gone' });
    await ran(child, { from: night, to: night + 60_000, tags: ['development'] });
    const ask = { projects: [own], from_date: '2026-05-10T12:00:00+02:00', to_date: '2026-05-12T12:00:00+02:00' };
    const { data } = await newest('organization.get_project_usages', ask);
    const dates = [0, 1, 2].map((day) => (Date.parse('2026-05-09T22:00:00Z') + day * DAY) / 1_000);
    expect(data).toEqual({
      projects: {
        total: [
          { id: own, name: 'Usage', duration: 18_000, gpu_usage: 18_000, gpu_artificial_weights: true },
          { id: child, name: 'Usage/child', duration: 90_000, gpu_usage: 90_000, gpu_artificial_weights: true },
        ],
        series: [
          {
            id: own,
            name: 'Usage',
            dates,
            duration: [0, 18_000, 0],
            gpu_usage: [0, 18_000, 0],
            gpu_artificial_weights: true,
          },
          {
            id: child,
            name: 'Usage/child',
            dates,
            duration: [86_400, 3_600, 0],
            gpu_usage: [86_400, 3_600, 0],
            gpu_artificial_weights: true,
          },
        ],
      },
      queues: {
        total: [
          { id: queue, name: 'Usage!', duration: 18_000, gpu_usage: 18_000, gpu_artificial_weights: true },
          { id: '_other_', name: 'other', duration: 90_000, gpu_usage: 90_000, gpu_artificial_weights: true },
        ],
        series: expect.any(Array),
      },
      users: {
        total: [{ id: 'admin', name: 'admin', duration: 108_000, gpu_usage: 108_000, gpu_artificial_weights: true }],
        series: expect.any(Array),
      },
    });
    // A worker says how many processors stand behind its queue; the deleted queue has none to say.
    await server.call('workers.register', {
      worker: 'w',
      queues: [queue],
      resources: { cpu_usage: 8, gpu_usage: 0.5 },
    });
    const weighed = await newest('organization.get_project_usages', {
      ...ask,
      breakdown_keys: ['queue'],
      usage_fields: ['duration', 'cpu_usage', 'gpu_usage'],
    });
    expect(weighed.data['queues']).toMatchObject({
      total: [
        { id: queue, name: 'Usage!', duration: 18_000, cpu_usage: 144_000, gpu_usage: 9_000 },
        { id: '_other_', cpu_usage: 90_000, cpu_artificial_weights: true, gpu_artificial_weights: true },
      ],
    });
    expect(JSON.stringify((weighed.data['queues'] as { total: object[] }).total[0])).not.toContain('artificial');
    const developed = await newest('organization.get_project_usages', {
      ...ask,
      include_development: true,
      breakdown_keys: ['project'],
      usage_fields: ['duration'],
    });
    expect(developed.data).toMatchObject({
      projects: {
        total: [
          { id: own, duration: 18_000 },
          { id: child, duration: 90_060 },
        ],
      },
    });
    const two = await newest('organization.get_project_usages', {
      ...ask,
      projects: [child, deep],
      breakdown_keys: ['project'],
    });
    expect(two.data).toMatchObject({ projects: { total: [{ id: child, duration: 90_000 }] } });
    const none = await newest('organization.get_project_usages', { ...ask, projects: [] });
    expect(none.data).toMatchObject({ projects: { total: [], series: [] }, users: { total: [] } });
  });

  test('counts what still runs up to now, and refuses periods that are none', async () => {
    const own = await project('Running usage');
    const since = Date.now() - 100_000;
    await ran(own, { from: since, queue: 'q' });
    const period = {
      from_date: new Date(since - DAY).toISOString(),
      to_date: new Date(Date.now() + DAY).toISOString(),
    };
    const { data } = await newest('organization.get_project_usages', { projects: [own], ...period });
    const [total] = (data['projects'] as { total: { duration: number }[] }).total;
    expect(total?.duration).toBeGreaterThanOrEqual(99);
    expect(total?.duration).toBeLessThan(1_000);
    const code = async (change: object) =>
      (await newest('organization.get_project_usages', { projects: [own], ...period, ...change })).code;
    expect(await code({ from_date: '2030-01-01', to_date: '2029-01-01' })).toBe('400/12');
    expect(await code({ from_date: 'yesterday' })).toBe('400/12');
    expect(await code({ from_date: '1900-01-01' })).toBe('400/16');
    expect(await code({ breakdown_keys: ['planet'] })).toBe('400/12');
    expect(await code({ projects: undefined })).toBe('400/11');
  });
});
