import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { childEnvironment, environment } from '@ranloop/kit/config';
import { freePort } from '@ranloop/kit/postgres';

/** Programs that serve S3 on a port of this machine, the preferred first. */
const PROGRAMS: Readonly<Record<string, (port: number) => string[]>> = {
  moto_server: (port) => ['-H', '127.0.0.1', '-p', String(port)],
  gofakes3: (port) => ['-backend', 'memory', '-host', `127.0.0.1:${port}`],
};

/** Where an S3 server is, or undefined on machines that have none. RANLOOP_S3_SERVER names one that is not on the path. */
export function findS3Server(): string | undefined {
  const { RANLOOP_S3_SERVER: named, PATH = '' } = environment();
  const files = Object.keys(PROGRAMS).flatMap((name) =>
    PATH.split(path.delimiter).map((folder) => path.join(folder, name)),
  );
  return [...(named ? [named] : []), ...files].find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

export interface TestS3 {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** A real S3 server of its own process, with one empty bucket. */
export async function startS3Server(program: string, bucket: string): Promise<TestS3> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ranloop-s3-'));
  const port = await freePort();
  const args = PROGRAMS[path.basename(program)]?.(port) ?? [];
  const env = childEnvironment({ MOTO_PORT: String(port) });
  const child = spawn(program, args, { cwd: folder, stdio: 'ignore', detached: true, env });
  const endpoint = `http://127.0.0.1:${port}`;
  const stop = async () => {
    await end(child);
    await rm(folder, { recursive: true, force: true });
  };
  for (let tries = 0; tries < 600; tries += 1) {
    const made = await fetch(`${endpoint}/${bucket}`, { method: 'PUT' }).then(
      (answer) => answer.ok,
      () => false,
    );
    if (made) return { endpoint, stop };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await stop();
  throw new Error(`${program} did not answer`);
}

/** The program may be a script that starts another one: the whole group goes. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  process.kill(-child.pid, 'SIGKILL');
  await ended;
}
