import { TASK_STATUSES, type TaskStatus } from '@ranloop/contracts/tracking';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTracking, type TestServer } from '../testing/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTracking();
});
afterAll(() => server.stop());

type Task = Record<string, unknown> & { status: TaskStatus; system_tags: string[]; status_message: string };
const getTask = async (task: string) => (await server.call<{ task: Task }>('tasks.get_by_id', { task })).task;

/** The table of the reference, written down once more, call by call. */
const CALLS: Record<string, { to: TaskStatus; from: string[] }> = {
  'tasks.started': { to: 'in_progress', from: ['created', 'queued', 'stopped', 'completed'] },
  'tasks.stopped': { to: 'stopped', from: ['queued', 'in_progress', 'closed', 'failed'] },
  'tasks.failed': { to: 'failed', from: ['in_progress', 'stopped', 'closed'] },
  'tasks.completed': { to: 'completed', from: ['in_progress', 'stopped'] },
  'tasks.close': { to: 'closed', from: ['stopped'] },
  'tasks.publish': { to: 'published', from: ['stopped', 'closed', 'failed', 'publishing', 'completed'] },
  'tasks.enqueue': { to: 'queued', from: ['created', 'stopped', 'failed'] },
};

describe('the status machine', () => {
  test('any walk of calls ends where the table says', async () => {
    const step = fc.record({ action: fc.constantFrom(...Object.keys(CALLS)), force: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
        const task = await server.newTask();
        let status: TaskStatus = 'created';
        for (const { action, force } of steps) {
          const { to, from } = CALLS[action] as (typeof CALLS)[string];
          const inQueue = action === 'tasks.enqueue';
          const allowed = inQueue ? from.includes(status) : force || status === to || from.includes(status);
          const { meta } = await server.envelope(action, { task, ...(inQueue ? {} : { force }) });
          const refusal = inQueue && status === 'queued' ? 706 : 110;
          expect(`${action} ${status}: ${meta.result_subcode}`).toBe(`${action} ${status}: ${allowed ? 0 : refusal}`);
          if (allowed) status = to;
          expect((await getTask(task)).status).toBe(status);
        }
      }),
      { numRuns: 25 },
    );
    expect(TASK_STATUSES).toHaveLength(10);
  });

  test('of callers who change one task at once none leaves it half changed', async () => {
    const task = await server.newTask();
    await server.call('tasks.started', { task });
    const actions = ['tasks.completed', 'tasks.failed', 'tasks.stopped'];
    const codes = await Promise.all(
      actions.map(async (action) => (await server.envelope(action, { task })).meta.result_code),
    );
    const found = await getTask(task);
    expect(codes).toContain(200);
    expect(['completed', 'failed', 'stopped']).toContain(found.status);
    expect(found['completed']).toBeTypeOf('string');
  });

  test('a task that runs keeps its first start; a new run starts anew and is not complete', async () => {
    const task = await server.newTask();
    await server.call('tasks.started', { task });
    const { started } = await getTask(task);
    await server.call('tasks.started', { task, status_message: 'again' });
    expect(await getTask(task)).toMatchObject({ started, status_message: 'again' });
    await server.call('tasks.completed', { task });
    await server.call('tasks.started', { task });
    expect(await getTask(task)).not.toHaveProperty('completed');
  });
});

describe('stopping', () => {
  test('asks the worker of a running task, and does it at once where there is none', async () => {
    const task = await server.newTask();
    await server.call('tasks.started', { task });
    await server.call('workers.status_report', {
      worker: 'host:0',
      timestamp: 1,
      task,
      machine_stats: null,
      tags: null,
      is_daemon: true,
    });
    await server.call('tasks.stop', { task });
    expect(await getTask(task)).toMatchObject({ status: 'in_progress', status_message: 'stopping' });
    const alone = await server.newTask();
    await server.call('tasks.started', { task: alone });
    await server.call('tasks.stop', { task: alone });
    expect((await getTask(alone)).status).toBe('stopped');
  });
});

describe('queues', () => {
  test('give each task to one worker only', async () => {
    const { id: queue } = await server.call<{ id: string }>('queues.create', { name: 'crowded' });
    const tasks = await Promise.all(Array.from({ length: 12 }, () => server.newTask()));
    for (const task of tasks) await server.call('tasks.enqueue', { task, queue });
    const pops = await Promise.all(
      Array.from({ length: 16 }, () => server.call<{ entry?: { task: string } }>('queues.get_next_task', { queue })),
    );
    const taken = pops.flatMap(({ entry }) => entry?.task ?? []);
    expect(new Set(taken).size).toBe(taken.length);
    for (;;) {
      const { entry } = await server.call<{ entry?: { task: string } }>('queues.get_next_task', { queue });
      if (!entry) break;
      taken.push(entry.task);
    }
    expect(taken.toSorted()).toEqual(tasks.toSorted());
  });

  test('keep their order, and tasks move in it', async () => {
    const { id: queue } = await server.call<{ id: string }>('queues.create', { name: 'ordered' });
    const [a, b, c] = [await server.newTask(), await server.newTask(), await server.newTask()];
    for (const task of [a, b, c]) await server.call('tasks.enqueue', { task, queue });
    expect(await server.call('queues.move_task_to_front', { queue, task: c })).toEqual({ position: 0 });
    expect(await server.call('queues.move_task_backward', { queue, task: c, count: 1 })).toEqual({ position: 1 });
    const { queue: found } = await server.call<{ queue: { entries: { task: string }[] } }>('queues.get_by_id', {
      queue,
    });
    expect(found.entries.map(({ task }) => task)).toEqual([a, c, b]);
    expect(await server.call('queues.get_num_entries', { queue })).toEqual({ num: 3 });
    const later = await server.newTask();
    await server.call('tasks.enqueue', { task: later, queue });
    expect(await server.call('queues.peek_task', { queue })).toEqual({ task: a });
    expect(await server.refusal('queues.delete', { queue })).toBe('400/702');
    await server.call('queues.delete', { queue, force: true });
    expect((await getTask(later)).status).toBe('created');
  });

  test('give a task back the status it had', async () => {
    const task = await server.newTask();
    await server.call('tasks.started', { task });
    await server.call('tasks.stopped', { task });
    await server.call('tasks.enqueue', { task, queue_name: 'made on the way' });
    expect(await server.call('tasks.dequeue', { task })).toMatchObject({ dequeued: 1, updated: 1 });
    expect((await getTask(task)).status).toBe('stopped');
    expect(await server.call('tasks.dequeue', { task })).toMatchObject({ dequeued: 0 });
  });

  test('a name in place of an id is refused at once, and a taken name is refused', async () => {
    expect(await server.refusal('queues.get_by_id', { queue: 'default' })).toBe('400/701');
    expect(await server.refusal('queues.create', { name: 'default' })).toBe('400/801');
    const { queues } = await server.call<{ queues: { name: string }[] }>('queues.get_all', {
      order_by: ['name'],
      name: 'default|services',
    });
    expect(queues.map(({ name }) => name)).toEqual(['default', 'services']);
  });
});

describe('copies', () => {
  test('have the source and parameters and nothing of the results', async () => {
    const { id: project } = await server.call<{ id: string }>('projects.create', { name: 'copies' });
    const task = await server.newTask({
      project,
      tags: ['mine'],
      system_tags: ['development', 'dataset'],
      script: { entry_point: 'a.py', requirements: { pip: 'x' } },
      hyperparams: { General: { lr: { value: '1' } } },
      configuration: { cfg: { value: 'x = 1' } },
      output_dest: 'http://files',
      models: { input: [{ name: 'in', model: 'm1' }], output: [{ name: 'out', model: 'm2' }] },
    });
    await server.call('tasks.edit', { task, runtime: { progress: '1' } });
    const artifacts = [
      { key: 'b', type: 'json', mode: 'input' },
      { key: 'a', type: 'json', content_size: 3.0, timestamp: 1.5 },
    ];
    await server.call('tasks.add_or_update_artifacts', { task, artifacts });
    const { id } = await server.call<{ id: string }>('tasks.clone', { task, new_task_name: 'copy' });
    expect(await getTask(id)).toMatchObject({
      name: 'copy',
      status: 'created',
      parent: task,
      project,
      tags: ['mine'],
      system_tags: ['dataset'],
      script: { entry_point: 'a.py', requirements: { pip: 'x' } },
      hyperparams: { General: { lr: { value: '1' } } },
      configuration: { cfg: { name: 'cfg', value: 'x = 1' } },
      output: { destination: 'http://files' },
      models: { input: [{ name: 'in', model: 'm1' }], output: [] },
      runtime: {},
      execution: { artifacts: [{ key: 'b', mode: 'input' }] },
      last_metrics: {},
    });
    expect((await getTask(task))['execution']).toMatchObject({
      artifacts: [{ key: 'a', mode: 'output', content_size: 3, timestamp: 1 }, { key: 'b' }],
    });
    const grandchild = await server.call<{ id: string }>('tasks.clone', { task: id });
    expect((await getTask(grandchild.id))['parent']).toBe(task);
  });

  test('of a pipeline take their arguments and are enqueued', async () => {
    const task = await server.newTask({ hyperparams: { Args: { a: { value: '1', type: 'int' } } } });
    const args = [
      { name: 'a', value: '2' },
      { name: 'b.c', value: 3 },
    ];
    const { pipeline } = await server.call<{ pipeline: string }>('pipelines.start_pipeline', { task, args });
    expect(await getTask(pipeline)).toMatchObject({
      status: 'queued',
      hyperparams: { Args: { a: { value: '2', type: 'int' }, 'b.c': { name: 'b.c', section: 'Args', value: '3' } } },
    });
  });
});

describe('reset and delete', () => {
  test('a reset task is as before its run', async () => {
    const task = await server.newTask({ hyperparams: { A: { x: { value: '1' } } } });
    await server.call('tasks.started', { task });
    await server.batch([
      { type: 'training_stats_scalar', task, metric: 'm', variant: 'v', iter: 3, value: 1 },
      { type: 'log', task, msg: 'x' },
    ]);
    await server.call('tasks.completed', { task });
    await server.call('tasks.reset', { task });
    const found = await getTask(task);
    expect(found).toMatchObject({
      status: 'created',
      last_iteration: 0,
      last_metrics: {},
      hyperparams: { A: { x: { value: '1' } } },
    });
    expect(found).not.toHaveProperty('started');
    expect(await server.call('events.get_task_log', { task })).toEqual({ events: [], returned: 0, total: 0 });
    expect(await server.call('events.scalar_metrics_iter_histogram', { task })).toEqual({});
  });

  test('a task that ran is deleted by force only, and its children live on', async () => {
    const task = await server.newTask();
    const child = await server.newTask({ parent: task });
    await server.call('tasks.started', { task });
    const image = { type: 'training_debug_image', task, metric: 'i', variant: 'v', iter: 0, url: 'http://files/i.png' };
    await server.batch([image]);
    expect(await server.refusal('tasks.delete', { task })).toBe('400/123');
    expect(await server.call('tasks.delete', { task, force: true, return_file_urls: true })).toMatchObject({
      deleted: true,
      updated_children: 1,
      urls: { event_urls: ['http://files/i.png'], artifact_urls: [], model_urls: [] },
    });
    expect(await server.refusal('tasks.get_by_id', { task })).toBe('400/101');
    expect(await getTask(child)).not.toHaveProperty('parent');
    const { rows } = await server.database.pool.query(
      'select count(*)::int as n from tracking.samples where owner = $1',
      [task],
    );
    expect(rows[0].n).toBe(0);
  });

  test('events that arrive while a task is deleted leave nothing behind', async () => {
    for (let round = 0; round < 5; round += 1) {
      const task = await server.newTask();
      const writes = Array.from({ length: 6 }, (_, iter) =>
        server.batch([
          { type: 'training_stats_scalar', task, metric: 'm', variant: 'v', iter, value: 1 },
          { type: 'log', task, msg: 'x' },
        ]),
      );
      const [, ...answers] = await Promise.all([server.call('tasks.delete', { task, force: true }), ...writes]);
      for (const { meta } of answers) expect([200, 400]).toContain(meta.result_code);
      const { rows } = await server.database.pool.query(
        `select (select count(*) from tracking.logs where task = $1) + (select count(*) from tracking.series where owner = $1)
          + (select count(*) from tracking.scalars c where not exists (select 1 from tracking.series s where s.id = c.series)) as n`,
        [task],
      );
      expect(rows[0].n).toBe(0);
    }
  });

  test('many-calls say for each id whether it went', async () => {
    const task = await server.newTask();
    const { succeeded, failed } = await server.call<{ succeeded: object[]; failed: object[] }>('tasks.archive_many', {
      ids: [task, 'nobody'],
    });
    expect(succeeded).toEqual([{ id: task, archived: true }]);
    expect(failed).toMatchObject([{ id: 'nobody', error: { codes: [400, 101] } }]);
    expect((await getTask(task)).system_tags).toEqual(['archived']);
    await server.call('tasks.unarchive_many', { ids: [task] });
    expect((await getTask(task)).system_tags).toEqual([]);
  });
});

describe('parts of a task', () => {
  test('edits of different hyperparameters at once are both kept', async () => {
    const task = await server.newTask();
    await Promise.all(
      Array.from({ length: 10 }, (_, at) =>
        server.call('tasks.edit_hyper_params', { task, hyperparams: [{ section: 'A', name: `p${at}`, value: at }] }),
      ),
    );
    const { params } = await server.call<{ params: { hyperparams: { name: string; value: string }[] }[] }>(
      'tasks.get_hyper_params',
      {
        tasks: [task],
      },
    );
    const values = params[0]?.hyperparams.map(({ name, value }) => `${name}=${value}`);
    expect(values?.toSorted()).toEqual(Array.from({ length: 10 }, (_, at) => `p${at}=${at}`));
  });

  test('sections are replaced or deleted as asked; properties may change at any time without being progress', async () => {
    const task = await server.newTask({
      hyperparams: { A: { x: { value: '1' }, y: { value: '2' } }, B: { z: { value: '3' } } },
    });
    const edit = (replace: string, item: object) =>
      server.call('tasks.edit_hyper_params', { task, hyperparams: [item], replace_hyperparams: replace });
    await edit('section', { section: 'A', name: 'w', value: '4' });
    expect(await getTask(task)).toMatchObject({ hyperparams: { A: { w: { value: '4' } }, B: { z: { value: '3' } } } });
    await server.call('tasks.delete_hyper_params', {
      task,
      hyperparams: [{ section: 'A', name: 'w' }, { section: 'B' }],
    });
    expect((await getTask(task))['hyperparams']).toEqual({});
    await server.call('tasks.started', { task });
    const { last_update } = await getTask(task);
    expect(
      await server.refusal('tasks.edit_hyper_params', { task, hyperparams: [{ section: 'A', name: 'x', value: '1' }] }),
    ).toBe('400/110');
    await edit('none', { section: 'properties', name: 'version', value: '1.0' });
    expect(await getTask(task)).toMatchObject({
      last_update,
      hyperparams: { properties: { version: { value: '1.0' } } },
    });
    expect(
      await server.refusal('tasks.edit_hyper_params', { task, hyperparams: [{ section: 'A', name: ' ', value: '1' }] }),
    ).toBe('400/12');
  });

  test('configuration, models, requirements and runtime', async () => {
    const task = await server.newTask({ script: { diff: 'd' } });
    await server.call('tasks.edit_configuration', {
      task,
      configuration: [
        { name: 'one', value: 'x' },
        { name: 'two', value: '' },
      ],
    });
    expect(await server.call('tasks.get_configuration_names', { tasks: [task] })).toEqual({
      configurations: [{ task, names: ['one'] }],
    });
    await server.call('tasks.delete_configuration', { task, configuration: ['one'] });
    await server.call('tasks.add_or_update_model', { task, name: 'm', model: '1', type: 'output', iteration: 5 });
    await server.call('tasks.add_or_update_model', { task, name: 'm', model: '2', type: 'output' });
    await server.call('tasks.set_requirements', { task, requirements: { pip: 'numpy' } });
    await server.call('tasks.edit', { task, runtime: { a: 1, b: null } });
    await server.send('/v2.34/tasks.edit_runtime', {
      raw: JSON.stringify({ task, add_or_update: { c: 2 }, remove: ['a'] }),
    });
    expect(await getTask(task)).toMatchObject({
      configuration: { two: { value: '' } },
      models: { input: [], output: [{ name: 'm', model: '2' }] },
      last_iteration: 5,
      script: { diff: 'd', requirements: { pip: 'numpy' } },
      runtime: { b: null, c: 2 },
    });
  });

  test('tags that two add at once are both there', async () => {
    const task = await server.newTask({ tags: ['x'] });
    await Promise.all(
      ['a', 'b', 'c'].map((tag) =>
        server.send('/tasks.update_tags', { raw: JSON.stringify({ ids: [task], add_tags: [tag] }) }),
      ),
    );
    expect(((await getTask(task))['tags'] as string[]).toSorted()).toEqual(['a', 'b', 'c', 'x']);
    expect(await server.call('organization.get_tags', {})).toMatchObject({ tags: ['a', 'b', 'c', 'mine', 'x'] });
  });

  test('keys that objects have by themselves are keys', async () => {
    const raw =
      '{"name":"odd","type":"training","hyperparams":{"__proto__":{"constructor":{"value":"1"}},"a.$b":{"ü":{"value":"2"}}}}';
    const { id } = JSON.parse((await server.send('/tasks.create', { raw })).text).data;
    const { text } = await server.send('/tasks.get_by_id', { raw: JSON.stringify({ task: id }) });
    expect(text).toContain('"__proto__":{"constructor":{"name":"constructor","value":"1","section":"__proto__"}}');
    const { tasks } = await server.call<{ tasks: object[] }>('tasks.get_all', {
      'hyperparams.a%2E%24b.ü.value': ['2'],
      only_fields: ['id'],
    });
    expect(tasks).toEqual([{ id }]);
  });
});
