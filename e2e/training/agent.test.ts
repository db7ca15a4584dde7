import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseConfig } from '@ranloop/kit/config';
import { createLog } from '@ranloop/kit/log';
import { createMetrics } from '@ranloop/kit/metrics';
import { createTask, enqueue, getTask, waitFor } from '@ranloop/sdk/tracking';
import { agentConfig, createAgent } from '@ranloop/training/agent';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually, startTrainingServer, type TrainingServer } from './server.ts';

const RECIPES = ['talk', 'crash', 'wait', 'stubborn', 'count'];
const recipe = fileURLToPath(new URL('recipe.mjs', import.meta.url));

interface LogLine {
  level: string;
  msg: string;
  worker: string;
}

describe('an agent', () => {
  let server: TrainingServer;
  let notes: string;
  const stops: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    server = await startTrainingServer();
    notes = await mkdtemp(path.join(tmpdir(), 'ranloop-notes-'));
  });
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
  });
  afterAll(async () => {
    await server.stop();
    await rm(notes, { recursive: true, force: true });
  });

  async function agent(config: object = {}) {
    const started = createAgent(
      parseConfig(
        agentConfig,
        {
          ...server.keys,
          queues: ['default'],
          workerName: 'test',
          recipeCommand: { file: '/usr/bin/env', args: [`TEST_NOTES=${notes}`, process.execPath, recipe] },
          recipes: RECIPES,
          workFolder: path.join(server.folder, 'work'),
          pollMs: 100,
          statusPollMs: 100,
          reportMs: 500,
          graceMs: 500,
          ...config,
        },
        'agent',
      ),
      { log: createLog({ level: 'fatal' }), metrics: createMetrics() },
    );
    await started.start();
    stops.push(() => started.stop());
    return started;
  }

  async function queued(entry: string, script: object = {}): Promise<string> {
    const task = await createTask(server.session, {
      name: `runs ${entry}`,
      project: 'agent tests',
      script: { repository: 'ranloop:recipes', binary: 'node', entry_point: entry, ...script },
    });
    await task.close();
    await enqueue(server.session, task.id, 'default');
    return task.id;
  }

  async function linesOf(task: string): Promise<LogLine[]> {
    const body = { task, order: 'asc', batch_size: 5_000 };
    const { events } = await server.session.call<{ events: LogLine[] }>('events.get_task_log', body);
    return events.flatMap((event) => event.msg.split('\n').map((msg) => ({ ...event, msg })));
  }
  const note = (task: string, what: string) => readFile(path.join(notes, `${task}.${what}`), 'utf8');
  const isAlive = (pid: number) => {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  };
  const ended = (task: string) => waitFor(server.session, task, { pollMs: 50, signal: AbortSignal.timeout(15_000) });

  it('takes a task, runs it, and stores what it says in order and at its level', async () => {
    await agent();
    const task = await queued('talk');
    const data = await ended(task);
    expect(data).toMatchObject({ status: 'completed', status_reason: 'worker execution done', last_worker: 'test:0' });
    const lines = await linesOf(task);
    expect(lines.map(({ level, msg }) => `${level.toLowerCase()}: ${msg}`)).toEqual([
      'info: test:0 runs recipe talk',
      'info: first line',
      'info: 100 %',
      expect.any(String),
      expect.any(String),
      expect.any(String),
    ]);
    expect(
      lines
        .map(({ level, msg }) => `${level.toLowerCase()}: ${msg}`)
        .slice(3)
        .sort(),
    ).toEqual([
      'error: a complaint',
      `info: last line without end, task ${task} at ${server.keys.apiUrl}`,
      'warning: a warning of structured logging',
    ]);
    expect(new Set(lines.map(({ worker }) => worker))).toEqual(new Set(['test:0']));
  });

  it('fails a task that crashes, with the exit code and its last complaint', async () => {
    await agent();
    const data = await ended(await queued('crash'));
    expect(data).toMatchObject({ status: 'failed', status_reason: 'exit code 3: it went wrong here' });
  });

  it('fails a task whose process is killed, and goes on with the next', async () => {
    await agent();
    const task = await queued('wait');
    const pid = Number(await eventually(() => note(task, 'started')));
    process.kill(pid, 'SIGKILL');
    expect(await ended(task)).toMatchObject({ status: 'failed', status_reason: 'killed by SIGKILL' });
    expect(await ended(await queued('talk'))).toMatchObject({ status: 'completed' });
  });

  it('ends a task that is stopped, with SIGTERM first', async () => {
    await agent();
    const task = await queued('wait');
    await eventually(() => note(task, 'started'));
    await server.session.call('tasks.stop', { task });
    expect(await ended(task)).toMatchObject({ status: 'stopped' });
    await eventually(() => note(task, 'asked'));
  });

  it('kills what does not listen, with the processes that it started', async () => {
    await agent();
    const task = await queued('stubborn');
    const pids = [Number(await eventually(() => note(task, 'child'))), Number(await note(task, 'started'))];
    await server.session.call('tasks.stopped', { task, force: true });
    await eventually(async () => !pids.some(isAlive));
    expect(await getTask(server.session, task)).toMatchObject({ status: 'stopped' });
    await eventually(() => note(task, 'asked'));
  });

  it('refuses a Python task and an unknown recipe, and says why', async () => {
    await agent();
    const python = await queued('train.py', { repository: 'https://example.org/r.git', binary: 'python3.11' });
    const unknown = await queued('--eval');
    expect(await ended(python)).toMatchObject({
      status: 'failed',
      status_reason: 'needs Python support, not in this version',
    });
    expect(await ended(unknown)).toMatchObject({
      status: 'failed',
      status_reason: expect.stringContaining('unknown recipe "--eval"'),
    });
  });

  it('loses no line and no task when the server is away for a while', async () => {
    await agent();
    const task = await queued('count');
    await eventually(() => note(task, 'started'));
    await new Promise((resolve) => setTimeout(resolve, 500));
    await server.pause();
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    await server.resume();
    expect(await ended(task)).toMatchObject({ status: 'completed' });
    const said = (await linesOf(task)).map(({ msg }) => msg).filter((msg) => msg.startsWith('line '));
    expect([...new Set(said)]).toEqual(Array.from({ length: 40 }, (_unused, n) => `line ${n}`));
    expect(await ended(await queued('talk'))).toMatchObject({ status: 'completed' });
  }, 30_000);

  it('stops its task when it ends itself, and takes its leave', async () => {
    const running = await agent();
    const task = await queued('wait');
    await eventually(() => note(task, 'started'));
    const began = Date.now();
    await running.stop();
    expect(Date.now() - began).toBeLessThan(4_000);
    expect(await getTask(server.session, task)).toMatchObject({
      status: 'stopped',
      status_reason: 'the agent was stopped',
    });
    expect(await workers()).toEqual([]);
    expect(await readdir(path.join(server.folder, 'work', 'test_0'))).toEqual([]);
  });

  it('ends what an agent that was killed left behind', async () => {
    const killed = await agent();
    const task = await queued('stubborn');
    const pid = Number(await eventually(() => note(task, 'child')));
    // The server is away while the first agent ends, so this agent can tell nobody: as good as killed.
    await server.pause();
    await killed.stop();
    await server.resume();
    expect(await getTask(server.session, task)).toMatchObject({ status: 'in_progress' });
    await agent();
    expect(await ended(task)).toMatchObject({ status: 'stopped', status_reason: 'its agent was ended while it ran' });
    await eventually(async () => !isAlive(pid));
  });

  it('runs several tasks at once when it has several slots', async () => {
    await agent({ slots: 3 });
    const tasks = [await queued('wait'), await queued('wait'), await queued('wait')];
    for (const task of tasks) await eventually(() => note(task, 'started'));
    const used = await Promise.all(tasks.map(async (task) => (await getTask(server.session, task)).last_worker));
    expect(used.sort()).toEqual(['test:0', 'test:1', 'test:2']);
  });

  async function workers() {
    return (await server.session.call<{ workers: { id: string }[] }>('workers.get_all', { last_seen: 0 })).workers;
  }
});
