import { type ChildProcess, spawn } from 'node:child_process';
import { setPriority } from 'node:os';
import type { Readable } from 'node:stream';
import { sleep } from '@ranloop/sdk/session';
import { createLineSplitter, type Line, readLine } from './lines.ts';

export interface ChildSpec {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Record<string, string>;
  readonly nice: number;
  readonly onLine: (line: Line) => void;
}

/** How a child ended: an exit code, a signal, or an error that kept it from starting. */
export interface ChildEnd {
  readonly code: number | undefined;
  readonly signal: string | undefined;
  readonly error: string | undefined;
}

export interface Child {
  readonly pid: number | undefined;
  readonly ended: Promise<ChildEnd>;
  /** SIGTERM to the whole process group, SIGKILL to what is left of it after `graceMs`. Resolves when it is gone. */
  kill(graceMs: number): Promise<void>;
  /** Keeps the child from writing more; it goes on when `resume` is called. */
  pause(): void;
  resume(): void;
}

/** Starts a program in a process group of its own, without a shell. */
export function startChild(spec: ChildSpec): Child {
  const child = spawn(spec.file, [...spec.args], {
    cwd: spec.cwd,
    env: spec.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  lowerPriority(child, spec.nice);
  const streams = [child.stdout, child.stderr];
  const read = [collect(child.stdout, 'stdout', spec.onLine), collect(child.stderr, 'stderr', spec.onLine)];
  let over = false;
  const ended = endOf(child).then(async (end) => {
    over = true;
    for (const stream of streams) stream.resume();
    // A grandchild may hold the pipes open after the child is gone: its output is awaited for a moment only.
    signalGroup(child.pid, 'SIGKILL');
    await Promise.race([Promise.all(read), sleep(PIPE_PATIENCE_MS)]);
    for (const stream of streams) stream.destroy();
    return end;
  });
  return {
    pid: child.pid,
    ended,
    async kill(graceMs) {
      signalGroup(child.pid, 'SIGTERM');
      const timer = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), graceMs);
      await ended;
      clearTimeout(timer);
    },
    pause: () => {
      if (over) return;
      for (const stream of streams) stream.pause();
    },
    resume: () => {
      for (const stream of streams) if (stream.isPaused()) stream.resume();
    },
  };
}

const PIPE_PATIENCE_MS = 1_000;

function endOf(child: ChildProcess): Promise<ChildEnd> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: undefined, signal: undefined, error: error.message }));
    child.once('exit', (code, signal) =>
      resolve({ code: code ?? undefined, signal: signal ?? undefined, error: undefined }),
    );
  });
}

function collect(stream: Readable, name: 'stdout' | 'stderr', onLine: (line: Line) => void): Promise<void> {
  const splitter = createLineSplitter();
  const take = (lines: string[]) => {
    for (const line of lines) onLine(readLine(line, name));
  };
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => take(splitter.push(text)));
  return new Promise((resolve) => {
    stream.once('error', () => undefined);
    stream.once('close', () => {
      take(splitter.end());
      resolve();
    });
  });
}

function lowerPriority(child: ChildProcess, nice: number): void {
  if (child.pid === undefined || nice === 0) return;
  try {
    setPriority(child.pid, nice);
  } catch {
    // Not every system allows it, and a child may already be gone; the task runs all the same.
  }
}

/** A negative pid names the group; the group is gone when its last member is. */
export function signalGroup(pid: number | undefined, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Nobody is left.
  }
}
