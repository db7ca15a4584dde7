import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDatabase, freePort } from '@ranloop/kit/postgres';
import { sustained } from '../support.ts';

/** The most that MLflow takes in one request. */
const BATCH = 1_000;
const LANES = 4;
const PATIENCE_MS = 120_000;

/**
 * The same scalars into MLflow's tracking server, its store in the same PostgreSQL, by `POST runs/log-batch`.
 * @param python A Python that has MLflow; `npm run bench` makes it
 */
export async function mlflowScalars(python: string, postgres: string, seconds: number): Promise<number> {
  const admin = createDatabase({ url: postgres, connections: 1 });
  await admin.pool.query('create database mlflow');
  const folder = await mkdtemp(path.join(tmpdir(), 'ranloop-mlflow-'));
  const port = await freePort();
  const store = new URL(postgres);
  store.pathname = '/mlflow';
  const args = ['-m', 'mlflow', 'server', '--host', '127.0.0.1', '--port', String(port)];
  const places = [
    '--backend-store-uri',
    store.href.replace(/^postgres:/, 'postgresql+psycopg2:'),
    '--artifacts-destination',
    folder,
  ];
  const server = spawn(python, [...args, ...places], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let said = '';
  for (const stream of [server.stdout, server.stderr])
    stream.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-2_000);
    });
  const post = async <T>(action: string, body: object): Promise<T> => {
    const answer = await fetch(`http://127.0.0.1:${port}/api/2.0/mlflow/${action}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`MLflow answered ${answer.status} to ${action}: ${await answer.text()}`);
    return (await answer.json()) as T;
  };
  try {
    if (!(await ready(`http://127.0.0.1:${port}/health`)))
      throw new Error(`MLflow did not answer within ${PATIENCE_MS / 1_000} s; it said: ${said}`);
    const { experiment_id } = await post<{ experiment_id: string }>('experiments/create', { name: 'bench' });
    const runs = await Promise.all(
      Array.from({ length: LANES }, async () => {
        const { run } = await post<{ run: { info: { run_id: string } } }>('runs/create', { experiment_id });
        return run.info.run_id;
      }),
    );
    let next = 0;
    return await sustained(seconds, LANES, async () => {
      const from = next;
      next += BATCH;
      const metrics = Array.from({ length: BATCH }, (_, index) => ({
        key: `loss/v${index % 10}`,
        value: index / 7,
        timestamp: Date.now(),
        step: from + index,
      }));
      await post('runs/log-batch', { run_id: runs[(from / BATCH) % LANES], metrics });
      return BATCH;
    });
  } finally {
    await end(server.pid);
    if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
    await rm(folder, { recursive: true, force: true });
    await admin.pool.query('drop database if exists mlflow with (force)');
    await admin.stop();
  }
}

async function ready(url: string): Promise<boolean> {
  const until = Date.now() + PATIENCE_MS;
  while (Date.now() < until) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return true;
    await sleep(500);
  }
  return false;
}

/** MLflow starts workers of its own: the whole process group ends. */
async function end(pid: number | undefined) {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGTERM');
    await sleep(1_000);
    process.kill(-pid, 'SIGKILL');
  } catch {
    // They have ended.
  }
}
