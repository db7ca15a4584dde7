import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startTracking, type TestServer } from './testing/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTracking({ silentTaskSeconds: 60, watchdogSeconds: 1 });
});
afterAll(() => server.stop());

describe('models', () => {
  test('are made, edited until they are published, and found', async () => {
    const task = await server.newTask();
    const { id: model } = await server.call<{ id: string }>('models.create', {
      name: 'net',
      uri: 'file:///uploading_file',
      labels: { cat: 1 },
      ready: false,
      task,
    });
    await server.call('models.edit', {
      model,
      uri: 'http://files/net.onnx',
      framework: 'ONNX',
      design: 'text',
      iteration: 4,
    });
    await server.call('models.add_or_update_metadata', {
      model,
      metadata: [
        { key: 'a.b', type: 'str', value: '1' },
        { key: 'c', value: '2' },
      ],
    });
    await server.call('models.delete_metadata', { model, keys: ['c'] });
    const found = await server.call('models.get_all', {
      uri: ['http://files/net.onnx'],
      'metadata.a%2Eb.value': ['1'],
    });
    expect(found).toMatchObject({
      models: [
        {
          id: model,
          labels: { cat: 1 },
          ready: false,
          framework: 'ONNX',
          design: { design: 'text' },
          metadata: { 'a.b': { key: 'a.b', type: 'str', value: '1' } },
        },
      ],
    });
    await server.call('tasks.started', { task });
    await server.call('tasks.completed', { task });
    expect(await server.call('models.set_ready', { model, publish_task: true })).toMatchObject({
      updated: 1,
      published_task: { id: task },
    });
    expect(await server.call('tasks.get_by_id', { task })).toMatchObject({
      task: { status: 'published', last_iteration: 4 },
    });
    expect(await server.refusal('models.set_ready', { model })).toBe('400/203');
    await server.call('models.update', { model, tags: ['best'] });
    expect(await server.call('models.get_all', { tags: ['best'], ready: true, only_fields: ['id'] })).toEqual({
      models: [{ id: model }],
    });
    expect(await server.refusal('models.delete', { model })).toBe('400/206');
    expect(await server.call('models.delete', { model, force: true })).toMatchObject({
      deleted: true,
      url: 'http://files/net.onnx',
    });
    expect(await server.refusal('models.get_by_id', { model })).toBe('400/201');
  });

  test('publishing a task publishes the last model that it made', async () => {
    const task = await server.newTask();
    const { id: model } = await server.call<{ id: string }>('models.create', {
      name: 'out',
      uri: 'u',
      ready: false,
      task,
    });
    await server.call('tasks.add_or_update_model', { task, name: 'out', model, type: 'output' });
    await server.call('tasks.started', { task });
    await server.call('tasks.completed', { task, publish: true });
    expect(await server.call('models.get_by_id', { model })).toMatchObject({ model: { ready: true } });
  });
});

describe('workers', () => {
  test('register, report, are listed with their queue and task, and say goodbye twice', async () => {
    const { id: queue } = await server.call<{ id: string }>('queues.get_default');
    const task = await server.newTask({ name: 'on a worker' });
    expect(await server.refusal('workers.register', { worker: 'h:0', queues: ['nothing'] })).toBe('400/701');
    await server.call('workers.register', { worker: 'h:0', queues: [queue], timeout: 60 });
    await server.call('workers.status_report', { worker: 'h:0', timestamp: Date.now(), task, queue });
    expect(await server.refusal('workers.status_report', { worker: 'h:0', timestamp: 1, task: 'nobody' })).toBe(
      '400/101',
    );
    const { workers } = await server.call<{ workers: object[] }>('workers.get_all', { worker_pattern: 'h:*' });
    expect(workers).toMatchObject([
      {
        id: 'h:0',
        user: { id: 'admin', name: 'admin' },
        task: { id: task, name: 'on a worker' },
        queue: { id: queue, name: 'default' },
        queues: [{ id: queue, num_tasks: 0 }],
      },
    ]);
    expect(await server.call('tasks.get_by_id', { task })).toMatchObject({ task: { last_worker: 'h:0' } });
    const { queues } = await server.call<{ queues: object[] }>('queues.get_all_ex', { id: [queue] });
    expect(queues).toMatchObject([{ workers: [{ name: 'h:0', task: { id: task } }] }]);
    await server.call('workers.unregister', { worker: 'h:0', queues: [] });
    await server.call('workers.unregister', { worker: 'h:0', queues: [] });
    expect(await server.call('workers.get_all', { worker_pattern: 'h:*' })).toEqual({ workers: [] });
  });
});

describe('projects', () => {
  test('count their tasks, with those below, and what is archived apart', async () => {
    const { id: below } = await server.call<{ id: string }>('projects.create', { name: 'stats/below' });
    const { project } = await server.call<{ project: { parent: string } }>('projects.get_by_id', { project: below });
    const done = await server.newTask({ project: below });
    await server.call('tasks.started', { task: done });
    await server.call('tasks.completed', { task: done });
    await server.newTask({ project: project.parent });
    await server.newTask({ project: project.parent, system_tags: ['archived'] });
    const { projects } = await server.call<{ projects: object[] }>('projects.get_all_ex', {
      id: [project.parent],
      include_stats: true,
      check_own_contents: true,
      stats_for_state: null,
    });
    expect(projects).toMatchObject([
      {
        own_tasks: 2,
        own_models: 0,
        sub_projects: [{ id: below, name: 'stats/below' }],
        stats: {
          active: { total_tasks: 2, completed_tasks_24h: 1, status_count: { completed: 1, created: 1 } },
          archived: { total_tasks: 1, status_count: { created: 1 } },
        },
      },
    ]);
    expect(await server.refusal('projects.delete', { project: project.parent })).toBe('400/402');
    expect(await server.call('projects.delete', { project: project.parent, force: true })).toMatchObject({
      deleted: 2,
      disassociated_tasks: 3,
    });
    expect(await server.call('tasks.get_by_id', { task: done })).not.toHaveProperty('task.project');
  });

  test('name rules: at least three characters at the top, at most ten levels', async () => {
    expect(await server.refusal('projects.create', { name: 'ab' })).toBe('400/407');
    expect(await server.refusal('projects.create', { name: Array(11).fill('abc').join('/') })).toBe('400/409');
    expect(await server.refusal('projects.create', { name: 'x'.repeat(3_000) })).toBe('400/407');
    const names = ['race/one', 'race/one', 'race/two'];
    const codes = await Promise.all(
      names.map(async (name) => (await server.envelope('projects.create', { name })).meta.result_subcode),
    );
    expect(codes.toSorted()).toEqual([0, 0, 801]);
  });

  test('offer the metrics and hyperparameters of their tasks', async () => {
    const { id: project } = await server.call<{ id: string }>('projects.create', { name: 'picker' });
    const task = await server.newTask({ project, hyperparams: { A: { lr: { value: '1' } } } });
    await server.batch([{ type: 'training_stats_scalar', task, metric: 'loss', variant: 'train', iter: 0, value: 1 }]);
    expect(await server.call('projects.get_unique_metric_variants', { project })).toMatchObject({
      metrics: [{ metric: 'loss', variant: 'train' }],
    });
    expect(await server.call('projects.get_hyper_parameters', { project })).toEqual({
      parameters: [{ section: 'A', name: 'lr' }],
      total: 1,
      remaining: 0,
    });
  });
});

test('a task that was silent for too long is stopped by the watchdog', async () => {
  const task = await server.newTask();
  await server.call('tasks.started', { task });
  await server.database.pool.query(
    `update tracking.tasks set last_update = now() - interval '61 seconds' where id = $1`,
    [task],
  );
  await vi.waitFor(
    async () =>
      expect(await server.call('tasks.get_by_id', { task })).toMatchObject({
        task: { status: 'stopped', status_reason: 'Forced stop (non-responsive)' },
      }),
    { timeout: 10_000 },
  );
});

describe('the stream of changes', () => {
  test('tells what was written as it is written, and resumes behind the last id seen', async () => {
    expect((await fetch(`${server.url}/ranloop/v1/stream`)).status).toBe(401);
    const token = JSON.parse((await server.send('/auth.login')).text).data.token as string;
    const stream = await openStream(token);
    const task = await server.newTask();
    await server.batch([
      { type: 'log', task, msg: 'x' },
      { type: 'log', task, msg: 'y' },
    ]);
    await server.call('tasks.started', { task });
    const mine = () => stream.events.filter(({ data }) => data['task'] === task);
    await vi.waitFor(() => expect(mine()).toHaveLength(3), { timeout: 5_000 });
    expect(mine().map(({ data }) => data)).toEqual([
      { kind: 'task', task },
      { kind: 'log', task, count: 2 },
      { kind: 'status', task, status: 'in_progress' },
    ]);
    stream.close();
    const again = await openStream(token, mine()[0]?.id);
    await vi.waitFor(() => expect(again.events.length).toBeGreaterThanOrEqual(2), { timeout: 5_000 });
    expect(again.events[0]?.data).toEqual({ kind: 'log', task, count: 2 });
    again.close();
  });
});

async function openStream(token: string, lastId?: string) {
  const control = new AbortController();
  const headers = {
    cookie: `clearml_token_basic=${token}`,
    ...(lastId === undefined ? {} : { 'last-event-id': lastId }),
  };
  const response = await fetch(`${server.url}/ranloop/v1/stream`, { headers, signal: control.signal });
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const events: { id: string; data: Record<string, unknown> }[] = [];
  const read = async () => {
    let text = '';
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk as Uint8Array).toString('utf8');
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const block = text.slice(0, end);
        text = text.slice(end + 2);
        const id = /^id: (.*)$/m.exec(block)?.[1];
        const data = /^data: (.*)$/m.exec(block)?.[1];
        if (id !== undefined && data !== undefined) events.push({ id, data: JSON.parse(data) });
      }
    }
  };
  read().catch(() => undefined);
  return { events, close: () => control.abort() };
}
