import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTracking, type TestServer } from '../testing/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTracking();
});
afterAll(() => server.stop());

type Task = Record<string, unknown> & { status: string; system_tags: string[]; execution: Record<string, unknown> };
const getTask = async (task: string) => (await server.call<{ task: Task }>('tasks.get_by_id', { task })).task;
const newModel = async (fields: object = {}) =>
  (await server.call<{ id: string }>('models.create', { name: 'a model', uri: 'file:///m', ...fields })).id;
/** A call of an older or newer client than the others. */
const at = async (version: string, action: string, body: object) => {
  const { text } = await server.send(`/v${version}/${action}`, { raw: JSON.stringify(body) });
  return JSON.parse(text) as { meta: { result_code: number; result_subcode: number }; data: Record<string, unknown> };
};

describe('public tasks', () => {
  test('are read by all and changed by none, until they are private again', async () => {
    const task = await server.newTask();
    await server.call('tasks.started', { task });
    expect(await server.refusal('tasks.make_private', { ids: [task] })).toBe('400/101');
    expect(await server.refusal('tasks.make_public', { ids: [task, 'nobody'] })).toBe('400/101');
    expect(await server.call('tasks.make_public', { ids: [task] })).toEqual({ updated: 1 });
    expect(await getTask(task)).toMatchObject({ company: '' });
    const changes: [string, object][] = [
      ['tasks.stopped', { task }],
      ['tasks.ping', { task }],
      ['tasks.edit', { task, force: true, name: 'other' }],
      ['tasks.update', { task, name: 'other' }],
      ['tasks.delete', { task, force: true }],
      ['tasks.archive', { tasks: [task] }],
      ['tasks.update_tags', { ids: [task], add_tags: ['x'] }],
      ['tasks.edit_hyper_params', { task, hyperparams: [{ section: 'properties', name: 'x', value: '1' }] }],
    ];
    for (const [action, body] of changes)
      expect(`${action} ${(await at('2.34', action, body)).meta.result_code}`).toBe(`${action} 403`);
    const listed = async (allow_public: boolean) =>
      (await server.call<{ tasks: object[] }>('tasks.get_all_ex', { id: [task], allow_public })).tasks.length;
    expect([await listed(true), await listed(false)]).toEqual([1, 0]);
    expect(await server.call('tasks.make_private', { ids: [task] })).toEqual({ updated: 1 });
    expect(await server.call('tasks.stopped', { task })).toMatchObject({ updated: 1 });
  });
});

describe('archives', () => {
  test('take all tasks or none, out of their queues, with the reason', async () => {
    const { id: queue } = await server.call<{ id: string }>('queues.create', { name: 'left behind' });
    const [waiting, idle] = [
      await server.newTask({ system_tags: ['own'] }),
      await server.newTask({ system_tags: ['own'] }),
    ];
    await server.call('tasks.enqueue', { task: waiting, queue });
    expect(await server.refusal('tasks.archive', { tasks: [waiting, 'nobody'] })).toBe('400/101');
    expect((await getTask(waiting)).status).toBe('queued');
    const reasons = { status_reason: 'why', status_message: 'what' };
    expect(await server.call('tasks.archive', { tasks: [waiting, idle], ...reasons })).toEqual({ archived: 2 });
    for (const task of [waiting, idle])
      expect(await getTask(task)).toMatchObject({ status: 'created', system_tags: ['own', 'archived'], ...reasons });
    expect(await server.call('queues.get_num_entries', { queue })).toEqual({ num: 0 });
    const again = { ids: [waiting], status_reason: 'back', status_message: '' };
    await server.call('tasks.unarchive_many', again);
    expect(await getTask(waiting)).toMatchObject({ system_tags: ['own'], status_reason: 'back' });
  });
});

describe('a pipeline controller', () => {
  const pipeline = async () => {
    const controller = await server.newTask({ type: 'controller' });
    return { controller, step: await server.newTask({ parent: controller }) };
  };

  test('takes its steps along only when asked to: archived, back, stopped and deleted', async () => {
    const { controller, step } = await pipeline();
    const include_pipeline_steps = true;
    await server.call('tasks.archive', { tasks: [controller] });
    expect((await getTask(step)).system_tags).toEqual([]);
    await server.call('tasks.archive', { tasks: [controller], include_pipeline_steps });
    expect((await getTask(step)).system_tags).toEqual(['archived']);
    await server.call('tasks.unarchive_many', { ids: [controller], include_pipeline_steps });
    expect((await getTask(step)).system_tags).toEqual([]);
    for (const task of [controller, step]) await server.call('tasks.started', { task });
    await server.call('tasks.stop', { task: controller, include_pipeline_steps });
    expect((await getTask(step)).status).toBe('stopped');
    await server.call('tasks.delete', { task: controller, force: true, include_pipeline_steps });
    expect(await server.refusal('tasks.get_by_id', { task: step })).toBe('400/101');
  });

  test('of a task that is none the children stay', async () => {
    const parent = await server.newTask();
    const child = await server.newTask({ parent });
    await server.call('tasks.delete_many', { ids: [parent], include_pipeline_steps: true });
    expect((await getTask(child)).status).toBe('created');
  });
});

describe('deleting and resetting', () => {
  const publish = async (task: string) => {
    for (const action of ['started', 'stopped', 'publish']) await server.call(`tasks.${action}`, { task });
  };

  test('what is published, or rests on it, goes by force only', async () => {
    const published = await server.newTask();
    await publish(published);
    expect(await server.refusal('tasks.delete', { task: published })).toBe('400/123');
    expect(await server.refusal('tasks.reset', { task: published })).toBe('400/110');
    const parent = await server.newTask();
    const child = await server.newTask({ parent });
    await publish(child);
    expect(await server.refusal('tasks.delete', { task: parent })).toBe('400/123');
    expect(await server.call('tasks.delete', { task: parent, force: true })).toMatchObject({ updated_children: 1 });
    expect((await at('2.13', 'tasks.validate', await getTask(child))).meta.result_code).toBe(200);
    const maker = await server.newTask();
    const model = await newModel({ task: maker, ready: true });
    expect(await server.refusal('tasks.delete', { task: maker })).toBe('400/123');
    expect(await server.call('tasks.delete', { task: maker, force: true })).toMatchObject({
      updated_models: 1,
      deleted_models: 0,
    });
    expect(await server.call('models.get_by_id', { model })).toMatchObject({ model: { ready: true } });
    expect(await server.call('tasks.reset', { task: published, force: true })).toMatchObject({
      fields: { status: 'created', status_reason: 'reset' },
    });
  });

  test('drafts go with their task, but not those that another task starts from', async () => {
    const task = await server.newTask();
    const [own, listed, used] = [
      await newModel({ task, uri: 'u://own', ready: false }),
      await newModel({ ready: false, uri: 'u://listed' }),
      await newModel({ task, ready: false, uri: 'u://used' }),
    ];
    await server.call('tasks.add_or_update_model', { task, name: 'out', model: listed, type: 'output' });
    const heir = await server.newTask();
    await server.call('tasks.add_or_update_model', { task: heir, name: 'in', model: used, type: 'input' });
    const { urls, ...rest } = await server.call<{ urls: { model_urls: string[] } }>('tasks.reset', {
      task,
      return_file_urls: true,
    });
    expect(rest).toMatchObject({ deleted_models: 2 });
    expect(urls.model_urls.toSorted()).toEqual(['u://listed', 'u://own']);
    expect(await server.refusal('models.get_by_id', { model: own })).toBe('400/201');
    const { model } = await server.call<{ model: object }>('models.get_by_id', { model: used });
    expect(model).not.toHaveProperty('task');
  });

  test('a reset that clears all leaves a script to write into', async () => {
    const task = await server.newTask({
      script: { repository: 'r', diff: 'd' },
      hyperparams: { A: { x: { value: '1' } } },
    });
    await server.call('tasks.reset', { task, clear_all: true });
    expect(await getTask(task)).toMatchObject({ script: { binary: 'python' }, hyperparams: {} });
    expect(await server.call('tasks.set_requirements', { task, requirements: { pip: 'six' } })).toMatchObject({
      updated: 1,
    });
  });
});

describe('running tasks', () => {
  test('take and lose artifacts and runtime values by force only', async () => {
    const task = await server.newTask();
    await server.call('tasks.started', { task });
    const artifacts = [{ key: 'a', type: 'str', uri: 'u' }];
    for (const [action, body] of [
      ['tasks.add_or_update_artifacts', { artifacts }],
      ['tasks.delete_artifacts', { artifacts: [{ key: 'a' }] }],
    ] as const) {
      expect(await server.refusal(action, { task, ...body })).toBe('400/110');
      expect(await server.call(action, { task, ...body, force: true })).toEqual(
        action.includes('add') ? { updated: 1 } : { deleted: 1 },
      );
    }
    const runtime = { task, add_or_update: { a: '1' } };
    expect((await at('2.34', 'tasks.edit_runtime', runtime)).meta).toMatchObject({
      result_code: 400,
      result_subcode: 110,
    });
    await at('2.34', 'tasks.edit_runtime', { ...runtime, force: true });
    expect((await getTask(task))['runtime']).toEqual({ a: '1' });
  });

  test('say whether completing them published them, and who stopped them', async () => {
    const task = await server.newTask();
    await server.call('tasks.started', { task });
    expect(await server.call('tasks.completed', { task })).toMatchObject({
      updated: 1,
      published: 0,
      fields: { status: 'completed' },
    });
    expect(await server.call('tasks.completed', { task, publish: true })).toMatchObject({
      updated: 1,
      published: 1,
      fields: { status: 'published' },
    });
    const other = await server.newTask();
    await server.call('tasks.started', { task: other });
    expect(await server.call('tasks.stop', { task: other })).toMatchObject({
      fields: { status_message: 'Stopped by admin' },
    });
  });
});

describe('many at once', () => {
  test('enqueueing says whether a worker takes from the queue, and checks the tasks when asked to', async () => {
    const [whole, broken] = [
      await server.newTask(),
      await server.newTask({ models: { input: [{ name: 'in', model: 'gone' }] } }),
    ];
    const body = {
      ids: [whole, broken, 'nobody'],
      queue_name: 'many',
      verify_watched_queue: true,
      validate_tasks: true,
    };
    const answer = await server.call<{ succeeded: object[]; failed: { id: string; error: { codes: number[] } }[] }>(
      'tasks.enqueue_many',
      body,
    );
    expect(answer).toMatchObject({ queue_watched: false, succeeded: [{ id: whole, queued: true, updated: 1 }] });
    expect(answer.failed.map(({ id, error }) => [id, ...error.codes])).toEqual([
      [broken, 400, 201],
      ['nobody', 400, 101],
    ]);
    const { queues } = await server.call<{ queues: { id: string }[] }>('queues.get_all', { name: '^many$' });
    await server.call('workers.register', { worker: 'w:0', queues: [queues[0]?.id] });
    const again = { ids: [broken], queue_name: 'many', verify_watched_queue: true };
    expect(await server.call('tasks.enqueue_many', again)).toMatchObject({ queue_watched: true });
    expect(await server.refusal('tasks.enqueue', { task: whole, queue: 'x', queue_name: 'y' })).toBe('400/12');
  });

  test('a batch of updates is done whole or not at all', async () => {
    const [a, b] = [await server.newTask(), await server.newTask()];
    const send = async (items: object[]) => {
      const raw = items.map((item) => JSON.stringify(item)).join('\n');
      const { text } = await server.send('/tasks.update_batch', {
        raw,
        headers: { 'content-type': 'application/json-lines' },
      });
      return JSON.parse(text) as { meta: { result_subcode: number }; data: object };
    };
    expect(
      (
        await send([
          { task: a, name: 'changed' },
          { task: 'nobody', name: 'x' },
        ])
      ).meta.result_subcode,
    ).toBe(101);
    expect((await send([{ task: a, name: 'changed' }, { name: 'whose?' }])).meta.result_subcode).toBe(11);
    expect((await getTask(a))['name']).toBe('a task');
    expect(
      (
        await send([
          { task: a, name: 'one' },
          { task: b, tags: ['t'] },
        ])
      ).data,
    ).toEqual({ updated: 2 });
    expect([(await getTask(a))['name'], (await getTask(b))['tags']]).toEqual(['one', ['t']]);
  });
});

describe('copies', () => {
  test('are checked for what they refer to only as far as the caller asks or names it', async () => {
    const model = await newModel();
    const task = (await at('2.12', 'tasks.create', { name: 'old', type: 'training', execution: { model } })).data[
      'id'
    ] as string;
    expect((await getTask(task))['models']).toMatchObject({ input: [{ name: 'Input Model', model }] });
    await server.call('models.delete', { model, force: true });
    await server.call('tasks.clone', { task });
    expect(await server.refusal('tasks.clone', { task, validate_references: true })).toBe('400/201');
    expect(await server.refusal('tasks.clone', { task, execution_overrides: { model: 'nobody' } })).toBe('400/201');
    expect(await server.refusal('tasks.edit', { task, execution: { model: 'nobody' } })).toBe('400/201');
  });
});

describe('older clients', () => {
  test('keep parameters, design and model in execution, and find them there', async () => {
    const parameters = { 'a.b': '1', 'TF_DEFINE/c': 'x' };
    const model = await newModel();
    const task = await server.newTask({
      execution: { parameters, model_desc: { design: 'd' }, model, docker_cmd: 'image:1 -v /x' },
      hyperparams: { Own: { y: { value: '2' } } },
    });
    const found = await getTask(task);
    expect(found).toMatchObject({
      hyperparams: {
        Args: { 'a.b': { section: 'Args', name: 'a.b', type: 'legacy', value: '1' } },
        TF_DEFINE: { c: { type: 'legacy', value: 'x' } },
        Own: { y: { value: '2' } },
      },
      configuration: { design: { name: 'design', type: 'legacy', value: 'd' } },
      container: { image: 'image:1', arguments: '-v /x' },
    });
    expect(found.execution).toEqual({ artifacts: [] });
    const old = async () => ((await at('2.8', 'tasks.get_all_ex', { id: [task] })).data['tasks'] as Task[])[0] as Task;
    expect((await old()).execution).toMatchObject({
      parameters,
      model_desc: { design: 'd' },
      docker_cmd: 'image:1 -v /x',
      model: { id: model },
    });
    await at('2.8', 'tasks.edit', { task, execution: { parameters: { z: 3 } } });
    expect((await old()).execution['parameters']).toEqual({ z: '3' });
    expect((await getTask(task))['hyperparams']).toMatchObject({ Own: { y: { value: '2' } } });
    const query = { id: [task], order_by: ['execution.parameters.z'], only_fields: ['execution.parameters.z'] };
    expect(await server.call('tasks.get_all', query)).toMatchObject({
      tasks: [{ hyperparams: { Args: { z: { value: '3' } } } }],
    });
  });

  test('of before 2.3 have one list of tags, in calls of tasks, models and projects', async () => {
    const made: [string, string, object][] = [
      ['task', 'development', { type: 'training' }],
      ['model', 'archived', { uri: 'file:///m' }],
      ['project', 'public', { description: '' }],
    ];
    for (const [kind, meant, fields] of made) {
      const name = `one list of ${kind}`;
      const id = String((await at('2.2', `${kind}s.create`, { name, tags: [meant, 'own'], ...fields })).data['id']);
      const get = async (version: string) =>
        (await at(version, `${kind}s.get_by_id`, { [kind]: id })).data[kind] as {
          tags: string[];
          system_tags?: string[];
        };
      expect((await get('2.2')).tags.toSorted()).toEqual([meant, 'own'].toSorted());
      expect(await get('2.2')).not.toHaveProperty('system_tags');
      expect(await get('2.23')).toMatchObject({ tags: ['own'], system_tags: [meant] });
      const listed = async (tags: string[]) =>
        ((await at('2.2', `${kind}s.get_all`, { name: `^${name}$`, tags })).data[`${kind}s`] as object[]).length;
      expect([await listed([`-${meant}`]), await listed([meant]), await listed(['own'])]).toEqual([0, 1, 1]);
      await at('2.2', `${kind}s.update`, { [kind]: id, tags: ['own'] });
      expect(await get('2.23')).toMatchObject({ tags: ['own'], system_tags: [] });
    }
  });

  test('of the first versions are served', async () => {
    const task = await server.newTask();
    expect((await at('2.0', 'tasks.get_by_id', { task })).meta.result_code).toBe(200);
  });
});

describe('joined lists', () => {
  test('show the queue and the models as objects with what is asked of them', async () => {
    const model = await newModel({ name: 'named' });
    const { id: queue } = await server.call<{ id: string }>('queues.create', { name: 'joined' });
    const task = await server.newTask({ models: { input: [{ name: 'in', model }] } });
    await server.call('tasks.enqueue', { task, queue });
    const list = async (body: object) =>
      (await server.call<{ tasks: Task[] }>('tasks.get_all_ex', { id: [task], ...body })).tasks[0];
    expect(await list({ projection: ['*', 'execution.*'] })).toMatchObject({
      execution: { queue: { id: queue } },
      models: { input: [{ name: 'in', model: { id: model } }] },
    });
    expect(await list({ only_fields: ['execution.queue.name', 'models.input.model.name'] })).toEqual({
      id: task,
      execution: { queue: { id: queue, name: 'joined' } },
      models: { input: [{ model: { id: model, name: 'named' } }] },
    });
    expect((await getTask(task)).execution['queue']).toBe(queue);
  });
});

describe('writers of one task at once', () => {
  test('all count: artifacts, models, tags and configuration', async () => {
    const task = await server.newTask();
    const eight = Array.from({ length: 8 }, (_, index) => `n${index}`);
    await Promise.all(
      eight.flatMap((name) => [
        server.call('tasks.add_or_update_artifacts', { task, artifacts: [{ key: name, type: 't' }] }),
        server.call('tasks.add_or_update_model', { task, name, model: name, type: 'output' }),
        at('2.27', 'tasks.update_tags', { ids: [task], add_tags: [name] }),
        server.call('tasks.edit_configuration', { task, configuration: [{ name, value: name }] }),
      ]),
    );
    const found = (await getTask(task)) as unknown as {
      tags: string[];
      configuration: object;
      models: { output: { name: string }[] };
      execution: { artifacts: { key: string }[] };
    };
    expect(found.tags.toSorted()).toEqual(eight);
    expect(Object.keys(found.configuration).toSorted()).toEqual(eight);
    expect(found.models.output.map(({ name }) => name).toSorted()).toEqual(eight);
    expect(found.execution.artifacts.map(({ key }) => key)).toEqual(eight);
  });

  test('a list that is read while its tasks are deleted is a list of tasks', async () => {
    const tag = 'going';
    const ids = await Promise.all(Array.from({ length: 20 }, () => server.newTask({ tags: [tag] })));
    const reads = Array.from({ length: 10 }, () =>
      server.envelope('tasks.get_all_ex', { tags: [tag], order_by: ['name'] }),
    );
    await Promise.all([...ids.map((task) => server.call('tasks.delete', { task })), ...reads]);
    for (const { meta, data } of await Promise.all(reads)) {
      expect(meta.result_code).toBe(200);
      expect((data['tasks'] as { id: string }[]).every(({ id }) => ids.includes(id))).toBe(true);
    }
  });
});
