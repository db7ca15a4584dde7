import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PipelineRun } from '@ranloop/contracts/r1';
import { parseConfig } from '@ranloop/kit/config';
import { createHttpHost } from '@ranloop/kit/http';
import { createLog } from '@ranloop/kit/log';
import { createMetrics } from '@ranloop/kit/metrics';
import { createTestAuthenticator, TEST_BASIC } from '@ranloop/kit/testing';
import { editParams, getTask } from '@ranloop/sdk/tracking';
import { agentConfig, createAgent } from '@ranloop/training/agent';
import { automationConfig, createAutomation } from '@ranloop/training/automation';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually, startTrainingServer, type TrainingServer } from './server.ts';

const step = fileURLToPath(new URL('step.mjs', import.meta.url));
const repeated = (name: string, params: object) => ({ name, recipe: name, type: 'custom', queue: 'default', params });
/** A reference as pipelines write them. */
const ref = (to: string) => `\${${to}}`;
const PIPELINE = {
  name: 'test',
  project: 'pipeline tests',
  version: '1.0.0',
  description: 'A pipeline for tests',
  params: { amount: 3 },
  steps: [
    repeated('make', { amount: ref('pipeline.amount') }),
    repeated('use', {
      make_task: ref('steps.make.taskId'),
      url: ref('steps.make.artifacts.out'),
      fail: false,
      hold: 0,
    }),
    repeated('last', { text: `from ${ref('steps.use.taskId')}`, list: [1, 2] }),
  ],
};

describe('automation', () => {
  let server: TrainingServer;
  const stops: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    server = await startTrainingServer();
  });
  beforeEach(async () => {
    const agent = createAgent(
      parseConfig(
        agentConfig,
        {
          ...server.keys,
          recipeCommand: { file: process.execPath, args: [step] },
          recipes: ['make', 'use', 'last'],
          workFolder: path.join(server.folder, 'work'),
          pollMs: 100,
          statusPollMs: 100,
          graceMs: 500,
          nice: 0,
        },
        'agent',
      ),
      quiet(),
    );
    await agent.start();
    stops.push(() => agent.stop());
  });
  afterEach(async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
  });
  afterAll(() => server.stop());

  const quiet = () => ({ log: createLog({ level: 'fatal' }), metrics: createMetrics() });

  async function start() {
    const auth = await createTestAuthenticator();
    const host = createHttpHost({ name: 'r1', host: '127.0.0.1', port: 0 }, quiet());
    const config = parseConfig(automationConfig, { ...server.keys, pipelines: [PIPELINE], pollMs: 50 }, 'automation');
    const automation = createAutomation(config, { r1: host.app, auth, ...quiet() });
    await automation.start();
    await host.start();
    let stopped = false;
    const stop = async () => {
      if (stopped) return;
      stopped = true;
      await automation.stop();
      await host.stop();
    };
    stops.push(stop);
    const request = async (method: string, place: string, body?: object) => {
      const response = await fetch(`${host.url}/r1/training/v1/pipelines${place}`, {
        method,
        headers: { authorization: TEST_BASIC, ...(body ? { 'content-type': 'application/json' } : {}) },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    };
    return { automation, request, stop, url: host.url };
  }

  const taskOf = async (run: PipelineRun, name: string) =>
    getTask(server.session, run.steps.find((one) => one.name === name)?.taskId ?? '');
  const general = async (run: PipelineRun, name: string) => {
    const items = Object.values((await taskOf(run, name)).hyperparams?.['General'] ?? {});
    return Object.fromEntries(items.map((item) => [item.name, item.value]));
  };

  it('runs the steps in order and hands ids, addresses and parameters on', async () => {
    const { automation } = await start();
    const changes: string[] = [];
    const run = await automation.run(
      'test',
      { amount: 5, 'use.extra': 'x' },
      { reason: 'a test', onProgress: ({ steps }) => changes.push(steps.map(({ state }) => state).join()) },
    );
    expect(run).toMatchObject({ state: 'done', pipeline: 'test', reason: 'a test' });
    const [make, use] = run.steps.map(({ taskId }) => taskId);
    expect(await general(run, 'make')).toMatchObject({ amount: '5' });
    expect(await general(run, 'use')).toMatchObject({
      make_task: make,
      url: `${server.keys.filesUrl}/of/${make}/out.json`,
      extra: 'x',
    });
    expect(await general(run, 'last')).toMatchObject({ text: `from ${use}`, list: '[1,2]' });
    expect(changes).toContain('waiting,waiting,waiting');
    expect(changes.at(-1)).toBe('done,done,done');

    const controller = await getTask(server.session, run.id);
    expect(controller).toMatchObject({ type: 'controller', status: 'completed', system_tags: ['pipeline'] });
    expect((await taskOf(run, 'use')).parent).toBe(run.id);
    const dag = JSON.parse(controller.configuration?.['Pipeline']?.value ?? '{}');
    expect(Object.keys(dag)).toEqual(['make', 'use', 'last']);
    expect(dag.use).toMatchObject({ parents: ['make'], status: 'completed', executed: use });
  });

  it('stops at a step that fails, with its reason', async () => {
    const { automation } = await start();
    const run = await automation.run('test', { 'use.fail': true });
    expect(run).toMatchObject({ state: 'failed', failure: 'step "use" failed: exit code 1: told to fail' });
    expect(run.steps.map(({ state }) => state)).toEqual(['done', 'failed', 'waiting']);
    expect(await getTask(server.session, run.id)).toMatchObject({
      status: 'failed',
      status_reason: 'step "use" failed: exit code 1: told to fail',
    });
  });

  it('starts runs over R1 for those who may, one at a time, and tells about them', async () => {
    const { request, url } = await start();
    const open = await fetch(`${url}/r1/training/v1/pipelines/test/runs`, { method: 'POST', body: '{}' });
    expect(open.status).toBe(401);
    const bad = await request('POST', '/test/runs', { reason: 'drift', params: { amount: 'many', other: 1 } });
    expect(bad).toMatchObject({ status: 400, body: { code: 'RL_INVALID' } });
    expect(bad.body['fields']).toEqual([
      { path: '/params/amount', problem: 'must be a number' },
      { path: '/params/other', problem: 'is no parameter of the pipeline or of a step' },
    ]);
    expect((await request('POST', '/none/runs', { reason: 'drift' })).status).toBe(404);

    const [first, second] = await Promise.all([
      request('POST', '/test/runs', { reason: 'drift' }),
      request('POST', '/test/runs', { reason: 'drift again' }),
    ]);
    expect([first.status, second.status]).toEqual([202, 202]);
    expect(second.body['runId']).toBe(first.body['runId']);
    expect([first.body['joined'], second.body['joined']].sort()).toEqual([false, true]);
    const place = `/test/runs/${first.body['runId']}`;
    const run = await eventually(async () => {
      const { body } = await request('GET', place);
      return body['state'] === 'running' ? undefined : body;
    }, 60_000);
    expect(run).toMatchObject({ id: first.body['runId'], state: 'done', reason: 'drift', params: { amount: 3 } });
    const { body } = await request('GET', '/test/runs');
    expect((body['runs'] as PipelineRun[])[0]).toMatchObject({ id: first.body['runId'], state: 'done' });
  });

  it('stops the step and the controller of a run that is stopped', async () => {
    const { automation, request } = await start();
    const running = automation.run('test', { 'use.hold': 60 });
    running.catch(() => undefined);
    const run = await eventually(async () => {
      const { runs } = (await request('GET', '/test/runs')).body as { runs: PipelineRun[] };
      return runs[0]?.steps[1]?.state === 'running' ? runs[0] : undefined;
    }, 60_000);
    expect((await request('POST', `/test/runs/${run.id}/stop`)).status).toBe(202);
    expect(await running).toMatchObject({ id: run.id, state: 'stopped' });
    expect(await getTask(server.session, run.id)).toMatchObject({ status: 'stopped' });
    await eventually(async () => (await taskOf(run, 'use')).status === 'stopped');
  });

  it('goes on with a run after a restart', async () => {
    const before = await start();
    const { body } = await before.request('POST', '/test/runs', { reason: 'restart', params: { 'use.hold': 2 } });
    await eventually(async () => {
      const now = (await before.request('GET', `/test/runs/${body['runId']}`)).body as unknown as PipelineRun;
      return now.steps[1]?.state === 'running';
    }, 60_000);
    await before.stop();
    const after = await start();
    const run = await after.automation.run('test');
    expect(run).toMatchObject({ id: body['runId'], state: 'done', reason: 'restart' });
    expect(run.steps.map(({ state }) => state)).toEqual(['done', 'done', 'done']);
  });

  it('takes over what people changed in a template', async () => {
    const { automation } = await start();
    const first = await automation.run('test');
    const clone = await taskOf(first, 'make');
    expect(clone.script).toMatchObject({ repository: 'ranloop:recipes', entry_point: 'make', binary: 'node' });
    const { tasks } = await server.session.call<{ tasks: { id: string }[] }>('tasks.get_all', {
      name: '^make$',
      tags: ['template'],
    });
    expect(tasks).toHaveLength(1);
    await editParams(server.session, tasks[0]?.id ?? '', { section: 'General', params: { colour: 'red' } });
    expect(await general(await automation.run('test'), 'make')).toMatchObject({ colour: 'red' });
  });
});
