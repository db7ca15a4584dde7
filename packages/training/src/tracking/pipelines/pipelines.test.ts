import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTracking, type TestServer } from '../testing/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTracking();
});
afterAll(() => server.stop());

type Row = Record<string, unknown> & { id: string; name: string };
const own = { properties: { version: { section: 'properties', name: 'version', type: 'str', value: '3.2' } } };
async function pipeline(name: string, hyperparams: object = own) {
  const { id: project } = await server.call<{ id: string }>('projects.create', { name });
  const fields = { name: name.split('/').at(-1), type: 'controller', project, system_tags: ['pipeline'], hyperparams };
  return { project, task: await server.newTask(fields) };
}
const runsOf = async (project: string) =>
  (await server.call<{ tasks: Row[] }>('tasks.get_all_ex', { project: [project], search_hidden: true })).tasks;
const deleteRuns = async (body: object) =>
  JSON.parse((await server.send('/v2.26/pipelines.delete_runs', { raw: JSON.stringify(body) })).text) as {
    meta: object;
    data: { succeeded: Row[]; failed: Row[] };
  };
const start = (body: object) =>
  server.call<{ pipeline: string; enqueued: boolean; queue_watched?: boolean }>('pipelines.start_pipeline', body);

describe('start_pipeline', () => {
  test('queues a numbered copy of the controller with the arguments, beside the parameters it has', async () => {
    const args = { Args: { kept: { section: 'Args', name: 'kept', value: '1', type: 'int' } } };
    const { project, task } = await pipeline('pipes/train', { ...own, ...args });
    const { id: queue } = await server.call<{ id: string }>('queues.get_default');
    const answer = await start({
      task,
      queue,
      args: [
        { name: 'hello', value: 'test' },
        { name: 'kept', value: 2 },
      ],
    });
    expect(answer).toEqual({ pipeline: expect.any(String), enqueued: true });
    const [run] = (await runsOf(project)).filter(({ id }) => id === answer.pipeline);
    expect(run).toMatchObject({
      name: 'train #2',
      status: 'queued',
      status_message: 'Starting pipeline',
      hyperparams: {
        ...own,
        Args: {
          hello: { section: 'Args', name: 'hello', value: 'test' },
          kept: { section: 'Args', name: 'kept', value: '2', type: 'int' },
        },
      },
    });
    const next = await start({ task, queue });
    const names = (await runsOf(project)).map(({ name }) => name);
    expect(names).toContain('train #3');
    expect(next.pipeline).not.toBe(answer.pipeline);
    expect(await server.refusal('pipelines.start_pipeline', { task: 'nobody' })).toBe('400/101');
    expect(await server.refusal('pipelines.start_pipeline', { task, queue: 'nowhere' })).toBe('400/701');
  });

  test('tells whether a worker serves the queue, when asked', async () => {
    const { id: queue } = await server.call<{ id: string }>('queues.create', { name: 'for pipelines' });
    const { task } = await pipeline('watched');
    expect(await start({ task, queue, verify_watched_queue: true })).toMatchObject({ queue_watched: false });
    await server.call('workers.register', { worker: 'pipes:0', queues: [queue] });
    expect(await start({ task, queue, verify_watched_queue: true })).toMatchObject({ queue_watched: true });
  });
});

describe('delete_runs', () => {
  test('deletes runs with their steps, but never the last one, and nothing but runs', async () => {
    const { project, task } = await pipeline('deleted runs');
    const runs = [(await start({ task })).pipeline, (await start({ task })).pipeline];
    const step = await server.newTask({ project, parent: runs[0], system_tags: ['pipeline'] });
    const all = { project, ids: [task, ...runs] };
    expect((await deleteRuns(all)).meta).toMatchObject({ result_code: 400, result_subcode: 160 });
    const other = await server.newTask({ project });
    const { data: answer } = await deleteRuns({ project, ids: [...runs, other, 'nobody'] });
    expect(answer.succeeded.map(({ id }) => id).sort()).toEqual([...runs].sort());
    expect(answer.succeeded[0]).toMatchObject({ deleted: true, deleted_models: 0, updated_models: 0 });
    expect(answer.failed).toEqual([]);
    expect((await runsOf(project)).map(({ id }) => id).sort()).toEqual([task, other].sort());
    expect(await server.refusal('tasks.get_by_id', { task: step })).toBe('400/101');
  });
});
