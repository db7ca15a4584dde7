import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface Run {
  pid: number;
  version: string;
  urls: Record<
    'dashboard' | 'api' | 'files' | 'ves' | 'vesTls' | 'r1' | 'inference' | 'a1' | 'nearRtRic' | 'e2' | 'e1',
    string
  >;
}

export interface Credentials {
  username: string;
  password: string;
  accessKey: string;
  secretKey: string;
}

/** A whole Ranloop as a user starts it, in a process of its own. */
export interface Installation {
  readonly folder: string;
  readonly run: Run;
  readonly credentials: Credentials;
  readonly child: ChildProcess;
  /** All that it has printed. */
  output(): string;
  /** `authorization` header for every port. */
  readonly authorization: string;
  /** Ends it as Ctrl-C does, and resolves with its exit code. */
  interrupt(): Promise<number | null>;
  kill(): Promise<void>;
}

const READY_WITHIN_MS = 120_000;

export async function temporaryFolder(name = 'ranloop-e2e-'): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), name));
  await chmod(folder, 0o755);
  return folder;
}

/** Runs `npm start -- ...args` without npm in between, so that signals reach it; or another `program` of Node. */
export function launch(
  args: readonly string[],
  program = npmStart(),
): { child: ChildProcess; output: () => string; ended: Promise<number | null> } {
  const child = spawn(process.execPath, [...program, ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const keep = (chunk: Buffer) => {
    text = (text + chunk.toString('utf8')).slice(-100_000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  return { child, output: () => text, ended };
}

function npmStart(): readonly string[] {
  const { scripts } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
    scripts: { start: string };
  };
  return scripts.start.split(' ').slice(1);
}

export async function startInstallation(
  folder: string,
  args: readonly string[] = [],
  program = npmStart(),
): Promise<Installation> {
  const { child, output, ended } = launch(['--data-dir', folder, '--port-base', '0', ...args], program);
  const run = await waitForRun(folder, child, output);
  const credentials = JSON.parse(await readFile(path.join(folder, 'credentials.json'), 'utf8')) as Credentials;
  const pair = `${credentials.accessKey}:${credentials.secretKey}`;
  return {
    folder,
    run,
    credentials,
    child,
    output,
    authorization: `Basic ${Buffer.from(pair).toString('base64')}`,
    interrupt() {
      child.kill('SIGINT');
      return ended;
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function waitForRun(folder: string, child: ChildProcess, output: () => string): Promise<Run> {
  const until = Date.now() + READY_WITHIN_MS;
  while (Date.now() < until) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}:\n${output()}`);
    const text = await readFile(path.join(folder, 'run.json'), 'utf8').catch(() => undefined);
    if (text !== undefined) {
      const run = JSON.parse(text) as Run;
      if (run.pid === child.pid) return run;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`not ready in ${READY_WITHIN_MS} ms:\n${output()}`);
}

export const remove = (folder: string) => rm(folder, { recursive: true, force: true });
