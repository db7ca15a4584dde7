import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTracking, type TestServer } from '../testing/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTracking();
});
afterAll(() => server.stop());

type Row = Record<string, unknown> & { id: string };
const create = async (fields: object = {}) =>
  (await server.call<{ id: string }>('models.create', { name: 'test', uri: 'file:///a', labels: {}, ...fields })).id;
const get = async (model: string) => (await server.call<{ model: Row }>('models.get_by_id', { model })).model;
const getTask = async (task: string) =>
  (
    await server.call<{ task: Row & { models: { input: object[]; output: { model: string }[] } } }>('tasks.get_by_id', {
      task,
    })
  ).task;
const envelopeAt = async (version: string, action: string, body: object) =>
  JSON.parse((await server.send(`/v${version}/${action}`, { raw: JSON.stringify(body) })).text) as {
    meta: { result_code: number; result_subcode: number };
    data: Row & { created: boolean; model: Row; models: Row[] };
  };
const codeAt = async (version: string, action: string, body: object) => {
  const { meta } = await envelopeAt(version, action, body);
  return `${meta.result_code}/${meta.result_subcode}`;
};

/** A task that runs and has one output model, made as old clients made it. */
async function taskAndModel(fields: object = {}) {
  const task = await server.newTask(fields);
  await server.call('tasks.started', { task });
  const { data } = await envelopeAt('2.9', 'models.update_for_task', { task, uri: 'file:///b' });
  return { task, model: data.id };
}

describe('update_for_task', () => {
  test('makes the output model of a task from what the task says, and then changes it', async () => {
    const project = (await server.call<{ id: string }>('projects.create', { name: 'For task' })).id;
    const input = await create();
    const task = await server.newTask({
      name: 'maker',
      project,
      execution: { framework: 'Caffe', model_labels: { cat: 1 }, model_desc: { design: 'net' } },
      models: { input: [{ name: 'in', model: input }] },
    });
    const body = { task, uri: 'file:///b', iteration: 999 };
    const { data: made } = await envelopeAt('2.13', 'models.update_for_task', body);
    expect(made.created).toBe(true);
    expect(await get(made.id)).toMatchObject({
      name: 'maker',
      comment: `Created by task \`maker\` (${task})`,
      project,
      framework: 'Caffe',
      labels: { cat: 1 },
      design: { design: 'net' },
      parent: input,
      ready: false,
      task,
    });
    const { data: again } = await envelopeAt('2.9', 'models.update_for_task', {
      task,
      uri: 'file:///c',
      iteration: 888,
    });
    expect([again.id, again.created]).toEqual([made.id, false]);
    expect((await get(made.id))['uri']).toBe('file:///c');
    expect(await getTask(task)).toMatchObject({ last_iteration: 999, models: { output: [{ model: made.id }] } });
    const { data: found } = await envelopeAt('2.13', 'models.get_by_task_id', { task });
    expect(found.model.id).toBe(made.id);
    const { data: other } = await envelopeAt('2.9', 'models.update_for_task', { task, override_model_id: input });
    expect(other).toMatchObject({ id: input, created: true });
    expect((await getTask(task)).models.output).toMatchObject([{ model: input }]);
  });

  test('is gone for clients after 2.13, wants one of uri and model, and a task that may still change', async () => {
    const task = await server.newTask();
    for (const action of ['models.update_for_task', 'models.get_by_task_id']) {
      expect(await codeAt('2.14', action, { task, uri: 'u' })).toBe('301/1');
      expect((await server.send(`/${action}`, { raw: JSON.stringify({ task, uri: 'u' }) })).status).toBe(301);
    }
    expect(await codeAt('2.9', 'models.update_for_task', { task })).toBe('400/11');
    expect(await codeAt('2.9', 'models.update_for_task', { task, uri: 'u', override_model_id: 'x' })).toBe('400/11');
    expect(await codeAt('2.9', 'models.update_for_task', { task, override_model_id: 'nothing' })).toBe('400/201');
    expect(await codeAt('2.9', 'models.update_for_task', { task: 'nobody', uri: 'u' })).toBe('400/101');
    expect(await codeAt('2.9', 'models.get_by_task_id', { task })).toBe('400/122');
    await server.call('tasks.started', { task });
    await server.call('tasks.failed', { task });
    expect(await codeAt('2.9', 'models.update_for_task', { task, uri: 'u' })).toBe('400/110');
  });
});

describe('publishing', () => {
  test('takes the task along unless told not to, and waits for one that runs unless forced', async () => {
    const { task, model } = await taskAndModel();
    expect(await server.refusal('models.set_ready', { model })).toBe('400/110');
    expect((await get(model))['ready']).toBe(false);
    expect(await server.call('models.set_ready', { model, publish_task: false })).toEqual({ updated: 1 });
    expect((await getTask(task))['status']).toBe('in_progress');
    const forced = await taskAndModel();
    await server.call('models.set_ready', { model: forced.model, force_publish_task: true });
    expect((await getTask(forced.task))['status']).toBe('published');
    const stopped = await taskAndModel();
    await server.call('tasks.stopped', { task: stopped.task });
    expect(await server.call('models.set_ready', { model: stopped.model })).toMatchObject({
      updated: 1,
      published_task: { id: stopped.task, data: { updated: 1 } },
    });
    expect(await server.refusal('models.set_ready', { model: stopped.model })).toBe('400/203');
    const many = await taskAndModel();
    const answer = await server.call('models.publish_many', { ids: [many.model, model], publish_tasks: false });
    expect(answer).toMatchObject({
      succeeded: [{ id: many.model, updated: 1 }],
      failed: [{ id: model, error: { codes: [400, 203] } }],
    });
  });
});

describe('deletion', () => {
  test('is remembered by tasks that use the model and by a published maker, and forgotten by others', async () => {
    const running = await taskAndModel();
    expect(await server.call('models.delete', { model: running.model })).toEqual({ deleted: true, url: 'file:///b' });
    expect((await getTask(running.task)).models.output).toEqual([]);
    const done = await taskAndModel();
    await server.call('tasks.stopped', { task: done.task });
    await server.call('tasks.publish', { task: done.task, publish_model: false });
    expect(await server.refusal('models.delete', { model: done.model })).toBe('400/206');
    const user = await server.newTask({ models: { input: [{ name: 'in', model: done.model }] } });
    expect(await server.refusal('models.delete', { model: done.model })).toBe('400/205');
    const { succeeded } = await server.call<{ succeeded: object[] }>('models.delete_many', {
      ids: [done.model],
      force: true,
    });
    expect(succeeded).toEqual([{ id: done.model, deleted: true, url: 'file:///b' }]);
    expect(await server.refusal('models.get_by_id', { model: done.model })).toBe('400/201');
    const mark = `__DELETED__${done.model}`;
    expect((await getTask(done.task)).models.output).toMatchObject([{ model: mark }]);
    expect((await getTask(user)).models.input).toMatchObject([{ name: 'in', model: mark }]);
  });
});

describe('metadata', () => {
  const item = (key: string, value: string, type = 'str') => ({ key, type, value });

  test('come as a map or a list, are merged, replaced and deleted', async () => {
    const model = await create({ metadata: { a: item('a', '1') } });
    const shown = async () =>
      (await server.call<{ models: Row[] }>('models.get_all_ex', { id: [model] })).models[0]?.['metadata'];
    expect(await shown()).toEqual({ a: item('a', '1') });
    await server.call('models.update', { model, metadata: [item('x', '1'), item('y', '2')] });
    expect(await shown()).toEqual({ x: item('x', '1'), y: item('y', '2') });
    await server.call('models.add_or_update_metadata', { model, metadata: [item('y', '10', 'int'), item('z.$', '3')] });
    expect(await shown()).toEqual({ x: item('x', '1'), y: item('y', '10', 'int'), 'z.$': item('z.$', '3') });
    expect(await server.call('models.delete_metadata', { model, keys: ['y', 'z.$'] })).toEqual({ updated: 1 });
    await server.call('models.add_or_update_metadata', { model, metadata: [item('q', '0')], replace_metadata: true });
    expect(await shown()).toEqual({ q: item('q', '0') });
    await server.call('models.edit', { model, metadata: { k: item('k', 'v') } });
    expect(await shown()).toEqual({ k: item('k', 'v') });
    const { data } = await envelopeAt('2.13', 'models.get_by_id', { model });
    expect(data.model['metadata']).toEqual([item('k', 'v')]);
    const { models } = await server.call<{ models: Row[] }>('models.get_all_ex', {
      id: [model],
      only_fields: ['metadata.k'],
    });
    expect(models).toEqual([{ id: model, metadata: { k: item('k', 'v') } }]);
  });

  test('keys and values of a project are listed for filters, with and without those below', async () => {
    const project = (await server.call<{ id: string }>('projects.create', { name: 'Meta parent' })).id;
    const below = (await server.call<{ id: string }>('projects.create', { name: 'Meta parent/below' })).id;
    await create({ project, metadata: { k1: item('k1', '10'), k2: item('k2', 'b') } });
    await create({ project: below, metadata: { k1: item('k1', '9'), k3: item('k3', '') } });
    const keys = (body: object) => server.call('projects.get_model_metadata_keys', { project, ...body });
    expect(await keys({})).toEqual({ keys: ['k1', 'k2', 'k3'], total: 3, remaining: 0 });
    expect(await keys({ include_subprojects: false })).toEqual({ keys: ['k1', 'k2'], total: 2, remaining: 0 });
    expect(await keys({ page: 0, page_size: 2 })).toEqual({ keys: ['k1', 'k2'], total: 3, remaining: 1 });
    expect(await keys({ page: 1, page_size: 2 })).toEqual({ keys: ['k3'], total: 3, remaining: 0 });
    const root = await server.call<{ keys: string[] }>('projects.get_model_metadata_keys', {
      include_subprojects: false,
    });
    expect(root.keys).not.toContain('k2');
    expect(await server.call('projects.get_model_metadata_values', { projects: [project], key: 'k1' })).toEqual({
      total: 2,
      values: ['9', '10'],
    });
    expect(await server.call('projects.get_model_metadata_values', { projects: [], key: 'k2' })).toEqual({
      total: 1,
      values: ['b'],
    });
    expect(await server.call('projects.get_model_metadata_values', { key: 'nowhere' })).toEqual({
      total: 0,
      values: [],
    });
  });
});

describe('what is read', () => {
  test('labels are counted, references joined, and the projects below included when asked for', async () => {
    const project = (await server.call<{ id: string }>('projects.create', { name: 'Stats' })).id;
    const below = (await server.call<{ id: string }>('projects.create', { name: 'Stats/below' })).id;
    const two = await create({ project, labels: { hello: 1, world: 2 }, framework: 'B' });
    const none = await create({ project: below, framework: 'A' });
    const list = async (body: object) => (await server.call<{ models: Row[] }>('models.get_all_ex', body)).models;
    expect((await list({ id: [two] }))[0]).not.toHaveProperty('stats');
    const counted = await list({
      project: [project],
      include_subprojects: true,
      include_stats: true,
      order_by: ['name'],
    });
    expect(new Map(counted.map((model) => [model.id, model['stats']]))).toEqual(
      new Map([
        [two, { labels_count: 2 }],
        [none, { labels_count: 0 }],
      ]),
    );
    expect((await list({ project: [project] })).map(({ id }) => id)).toEqual([two]);
    const { models } = await server.call<{ models: Row[] }>('models.get_by_id_ex', {
      id: [none],
      only_fields: ['project.name'],
    });
    expect(models).toEqual([{ id: none, project: { id: below, name: 'Stats/below' } }]);
    expect(await server.refusal('models.get_by_id_ex', { only_fields: ['name'] })).toBe('400/11');
    expect(await server.call('models.get_frameworks', { projects: [project] })).toEqual({ frameworks: ['A', 'B'] });
    expect(await server.refusal('models.create', { name: 'x', uri: 'u', labels: { a: 'text' } })).toBe('400/12');
    expect(await server.refusal('models.create', { name: 'x', uri: 'u', tags: ['__$not'] })).toBe('400/16');
  });

  test('an iteration raises that of the task, and what is kept of the old file goes with a new uri', async () => {
    const task = await server.newTask();
    const model = await create({ tags: ['b', 'a', 'b'] });
    await server.call('models.update', { model, task, iteration: 1000, ui_cache: { shown: true } });
    expect(await get(model)).toMatchObject({ ui_cache: { shown: true }, tags: ['a', 'b'] });
    await server.call('models.update', { model, task, iteration: 500 });
    expect((await getTask(task))['last_iteration']).toBe(1000);
    await server.call('models.edit', { model, uri: 'file:///new' });
    expect(await get(model)).not.toHaveProperty('ui_cache');
  });

  test('public models are read but not changed, until they are private again', async () => {
    const model = await create();
    expect(await server.refusal('models.make_private', { ids: [model] })).toBe('400/201');
    expect(await server.call('models.make_public', { ids: [model] })).toEqual({ updated: 1 });
    expect((await get(model))['company']).toBe('');
    expect(await server.refusal('models.update', { model, name: 'changed' })).toBe('400/201');
    expect(await server.refusal('models.delete', { model, force: true })).toBe('400/201');
    expect(await server.call('models.get_all_ex', { id: [model], allow_public: false })).toEqual({ models: [] });
    expect(await server.call('models.make_private', { ids: [model] })).toEqual({ updated: 1 });
    await server.call('models.update', { model, name: 'changed' });
    const made = await create({ public: true });
    expect(await server.refusal('models.edit', { model: made, name: 'changed' })).toBe('400/201');
  });

  test('models move into a project by id or by name, and out of any by null', async () => {
    const model = await create();
    const { project_id } = await server.call<{ project_id: string }>('models.move', {
      ids: [model],
      project_name: 'Moved/to',
    });
    expect((await get(model))['project']).toBe(project_id);
    expect(await server.refusal('models.move', { ids: [model] })).toBe('400/11');
    expect(await server.call('models.move', { ids: [model], project: null })).toEqual({ project_id: null });
    expect(await get(model)).not.toHaveProperty('project');
  });
});
