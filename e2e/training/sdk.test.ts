import { createSession } from '@ranloop/sdk/session';
import {
  createDataset,
  createTask,
  downloadModel,
  findModels,
  getDataset,
  getModel,
  getTask,
  openTask,
  outputModelOf,
  publishModel,
  readArtifact,
  sha256,
  tagModel,
  waitFor,
} from '@ranloop/sdk/tracking';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, startTrainingServer, type TrainingServer } from './server.ts';

describe('the SDK with the real servers', () => {
  let server: TrainingServer;
  beforeAll(async () => {
    server = await startTrainingServer();
  });
  afterAll(() => server.stop());

  const scalars = async (task: string) =>
    server.session.call<Record<string, Record<string, { x: number[]; y: number[] }>>>(
      'events.scalar_metrics_iter_histogram',
      { task },
    );

  it('creates a task in a new project and reads its parameters back in their types', async () => {
    const defaults = { rate: 0.01, epochs: 5, shuffle: false, units: [64, 32], note: 'ü 1' };
    const task = await createTask(server.session, { name: 'first', project: 'sdk/a.b (c)', tags: ['t'] });
    await task.started();
    expect(await task.connect('General', defaults)).toEqual(defaults);
    await task.completed();
    const stored = (await getTask(server.session, task.id)).hyperparams?.['General'];
    expect(stored?.['shuffle']).toMatchObject({ value: 'False', type: 'bool' });

    const { id } = await server.session.call<{ id: string }>('tasks.clone', { task: task.id, new_task_name: 'second' });
    await server.session.call('tasks.edit_hyper_params', {
      task: id,
      hyperparams: [{ section: 'General', name: 'epochs', value: '7' }],
      replace_hyperparams: 'none',
    });
    const second = await openTask(server.session, id);
    expect(second.projectName).toBe('sdk/a.b (c)');
    expect(await second.connect('General', { ...defaults, extra: true })).toEqual({
      ...defaults,
      epochs: 7,
      extra: true,
    });
    await second.close();
  });

  it('reports curves, values, tables and text in batches, and all of it arrives', async () => {
    const task = await createTask(server.session, { name: 'reports', project: 'sdk' });
    await task.started();
    for (let step = 0; step < 3_000; step += 1) task.logger.scalar('loss', 'train', 1 / (step + 1), step);
    task.logger.scalar('loss', 'train', Number.NaN, 3_000);
    task.logger.singleValue('rmse', 12.5);
    task.logger.table('report', 'baselines', [
      ['name', 'rmse'],
      ['persistence', 20],
    ]);
    task.logger.text('all good', 'warning');
    await task.completed();
    const data = await getTask(server.session, task.id);
    expect(data).toMatchObject({ status: 'completed', last_iteration: 2_999 });
    const curve = (await scalars(task.id))['loss']?.['train'];
    expect(curve?.x.length).toBeGreaterThan(1_000);
    const last = Object.values(data.last_metrics ?? {}).flatMap((variants) => Object.values(variants));
    expect(last.map(({ metric, variant, value, count }) => [metric, variant, value, count])).toEqual(
      expect.arrayContaining([
        ['loss', 'train', 1 / 3_000, 3_000],
        ['Summary', 'rmse', 12.5, 1],
      ]),
    );
    const { plots } = await server.session.call<{ plots: { metric: string; plot_str: string }[] }>(
      'events.get_task_plots',
      { task: task.id },
    );
    expect(plots.map(({ metric }) => metric)).toEqual(['report']);
    expect(JSON.parse(plots[0]?.plot_str ?? '').data[0].cells.values).toEqual([['persistence'], [20]]);
    const { events } = await server.session.call<{ events: { msg: string; level: string }[] }>('events.get_task_log', {
      task: task.id,
      order: 'asc',
    });
    expect(events.map(({ msg }) => msg)).toEqual(['loss/train is NaN at iteration 3000', 'all good']);
  });

  it('keeps reports while the server is away', async () => {
    const task = await createTask(server.session, { name: 'outage', project: 'sdk' });
    await task.started();
    await server.pause();
    for (let step = 0; step < 100; step += 1) task.logger.scalar('loss', 'train', step, step);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await server.resume();
    await task.completed();
    expect((await scalars(task.id))['loss']?.['train']?.y).toEqual(Array.from({ length: 100 }, (_unused, n) => n));
  });

  it('stores artifacts by ClearML conventions and checks what it reads', async () => {
    const task = await createTask(server.session, { name: 'a: b', project: 'sdk/files' });
    const artifact = await task.artifact('report', { rmse: 1, ok: true });
    expect(artifact.uri).toBe(`${server.keys.filesUrl}/sdk/files/a0x3a%20b.${task.id}/artifacts/report/report.json`);
    await task.artifact('rows', 'a,b\n1,2\n', { display: { rows: 1 } });
    await task.artifact('raw', new Uint8Array([1, 2, 3]));
    expect(await task.readJson('report')).toEqual({ rmse: 1, ok: true });
    const data = await task.reload();
    expect(data.execution?.artifacts?.map(({ key, type, content_size }) => [key, type, content_size])).toEqual([
      ['raw', 'custom', 3],
      ['report', 'dict', artifact.content_size],
      ['rows', 'pandas', 8],
    ]);
    expect([...(await readArtifact(server.session, data, 'raw'))]).toEqual([1, 2, 3]);
    await server.session.upload(`sdk/files/a0x3a b.${task.id}/artifacts/raw/raw.bin`, new Uint8Array([9]), 'x/y');
    await expect(readArtifact(server.session, data, 'raw')).rejects.toMatchObject({ code: 'RL_UNPROCESSABLE' });
    await expect(readArtifact(server.session, data, 'none')).rejects.toMatchObject({ code: 'RL_NOT_FOUND' });
    await task.close();
  });

  it('registers, tags, publishes and downloads models', async () => {
    const task = await createTask(server.session, { name: 'trains', project: 'sdk' });
    const bytes = new Uint8Array([8, 9, 10]);
    const model = await task.outputModel({
      name: 'demand',
      framework: 'ONNX',
      bytes,
      metadata: { rmse: 1.5, features: 'v1' },
      labels: { idle: 0 },
      tags: ['new'],
    });
    expect(model).toMatchObject({ name: 'demand', framework: 'ONNX', ready: false, task: task.id, tags: ['new'] });
    expect(model.metadata?.['sha256']?.value).toBe(await sha256(bytes));
    expect(await outputModelOf(server.session, await task.reload())).toMatchObject({ id: model.id });
    await tagModel(server.session, model.id, { add: ['deployed'], remove: ['new'] });
    await publishModel(server.session, model.id);
    await publishModel(server.session, model.id);
    const query = { name: 'demand', tags: ['deployed'], published: true };
    expect((await findModels(server.session, query)).map(({ id }) => id)).toEqual([model.id]);
    expect([...(await downloadModel(server.session, await getModel(server.session, model.id)))]).toEqual([8, 9, 10]);
    await task.close();
  });

  it('makes datasets whose versions count up, and reads their files', async () => {
    const first = await createDataset(server.session, { project: 'sdk', name: 'demand' });
    first.add('data/rows.csv', 'time,value\n1,2\n');
    first.add('meta.json', new TextEncoder().encode('{}'));
    expect(() => first.add('../evil', '')).toThrow(expect.objectContaining({ code: 'RL_INVALID' }));
    const made = await first.finalize();
    expect(made).toMatchObject({ id: first.id, version: '1.0.0' });
    const second = await createDataset(server.session, { project: 'sdk', name: 'demand' });
    second.add('data/rows.csv', 'other');
    await second.finalize({ publish: true });

    const found = await getDataset(server.session, { project: 'sdk', name: 'demand', version: '1.0.0' });
    expect(found.files.map(({ path, size }) => [path, size])).toEqual([
      ['data/rows.csv', 15],
      ['meta.json', 2],
    ]);
    expect(new TextDecoder().decode(await found.read('data/rows.csv'))).toBe('time,value\n1,2\n');
    const newest = await getDataset(server.session, { project: 'sdk', name: 'demand' });
    expect(newest).toMatchObject({ id: second.id, version: '1.0.1' });
    const task = await getTask(server.session, first.id);
    expect(task).toMatchObject({ type: 'data_processing', status: 'completed', system_tags: ['dataset'] });
  });

  it('tells a program that its task is to stop', async () => {
    const task = await createTask(server.session, { name: 'runs', project: 'sdk' });
    await task.started();
    const { aborted } = task;
    await server.session.call('tasks.stopped', { task: task.id });
    await eventually(async () => aborted.aborted);
    expect(aborted.reason).toMatchObject({ message: 'the task is stopped' });
    await task.close();
  });

  it('waits for the end of a task and tells its progress', async () => {
    const task = await createTask(server.session, { name: 'awaited', project: 'sdk' });
    const seen: string[] = [];
    const done = waitFor(server.session, task.id, { pollMs: 20, onProgress: ({ status }) => seen.push(status) });
    await eventually(async () => seen.includes('created'));
    await task.started();
    await eventually(async () => seen.includes('in_progress'));
    await task.failed('because');
    expect(await done).toMatchObject({ status: 'failed', status_reason: 'because' });
    expect(seen).toEqual(['created', 'in_progress', 'failed']);
  });

  it('refuses wrong keys in words of the server', async () => {
    const session = createSession({ ...server.keys, secretKey: 'wrong' });
    await expect(session.call('users.get_current_user')).rejects.toMatchObject({ code: 'RL_UNAUTHENTICATED' });
  });
});
