import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { environment } from '@ranloop/kit/config';
import { freePort } from '@ranloop/kit/postgres';

/** Where `influxd` is, or undefined on machines that have none. */
export function findInfluxd(): string | undefined {
  for (const folder of (environment()['PATH'] ?? '').split(path.delimiter)) {
    const file = path.join(folder, 'influxd');
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}

export interface TestInflux {
  readonly url: string;
  /** Kills the server at once, as a power cut would. */
  kill(): Promise<void>;
  /** Starts it again on the same port and data. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** The real InfluxDB 1.x of the system on a free port, its data in a temporary folder. */
export async function createTestInflux(program: string): Promise<TestInflux> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ranloop-influx-'));
  const [http, rpc] = [await freePort(), await freePort()];
  const file = path.join(folder, 'influxdb.conf');
  const lines = [
    'reporting-disabled = true',
    `bind-address = "127.0.0.1:${rpc}"`,
    `[meta]\n  dir = "${folder}/meta"`,
    `[data]\n  dir = "${folder}/data"\n  wal-dir = "${folder}/wal"\n  index-version = "tsi1"\n  query-log-enabled = false`,
    '[monitor]\n  store-enabled = false',
    `[http]\n  bind-address = "127.0.0.1:${http}"\n  log-enabled = false`,
    '[logging]\n  level = "error"',
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  const address = `http://127.0.0.1:${http}`;
  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    child = spawn(program, ['run', '-config', file], { stdio: 'ignore' });
    for (let tries = 0; tries < 300; tries += 1) {
      const up = await fetch(`${address}/ping`).then(
        (response) => response.status === 204,
        () => false,
      );
      if (up) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error('influxd did not answer');
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const running = child;
    child = undefined;
    if (!running || running.exitCode !== null) return;
    const ended = new Promise((resolve) => running.once('exit', resolve));
    running.kill(signal);
    await ended;
  }

  await start();
  return {
    url: `${address}/?db=telemetry`,
    kill: () => end('SIGKILL'),
    start,
    async stop() {
      await end('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
