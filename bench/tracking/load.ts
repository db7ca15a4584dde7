import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createSession, type Session } from '@ranloop/sdk/session';
import { BASIC } from '../support.ts';
import type { Told } from './server.ts';

/** The server in its own process, and a session on it. */
export interface Target {
  readonly session: Session;
  readonly postgres: string;
  /** `events.add_batch` with a body that is ready. */
  lines(body: string): Promise<void>;
  /** The most resident memory since it was last asked, in MB. */
  memory(): Promise<number>;
  stop(): Promise<void>;
}

/** Heap limits as `npm start` sets them. */
const FLAGS = ['--import', 'tsx', '--max-semi-space-size=4', '--max-old-space-size=768'];

export async function startTarget(): Promise<Target> {
  const child = fork(fileURLToPath(new URL('./server.ts', import.meta.url)), { execArgv: FLAGS });
  const hear = async () => ((await once(child, 'message')) as [Told])[0];
  const told = await hear();
  if (!('ready' in told)) throw new Error('the server did not say where it is');
  const { url, postgres } = told.ready;
  return {
    session: createSession({ apiUrl: url, filesUrl: url, accessKey: 'bench', secretKey: 'bench' }),
    postgres,
    async lines(body) {
      const headers = { authorization: BASIC, 'content-type': 'application/json-lines' };
      const answer = await fetch(`${url}/v2.23/events.add_batch`, { method: 'POST', headers, body });
      const text = await answer.text();
      if (!answer.ok) throw new Error(text);
    },
    async memory() {
      child.send('memory');
      const answer = await hear();
      return 'megabytes' in answer ? answer.megabytes : Number.NaN;
    },
    async stop() {
      const ended = once(child, 'exit');
      child.send('stop');
      await ended;
    },
  };
}

/** Does `once` for each of `count` items on some lanes, with a line of progress every tenth. */
export async function fill(what: string, count: number, step: number, once: (from: number) => Promise<unknown>) {
  const began = performance.now();
  let next = 0;
  let shown = 0;
  const lane = async () => {
    while (next < count) {
      const from = next;
      next += step;
      await once(from);
      if (Math.floor((next * 10) / count) > shown) {
        shown = Math.floor((next * 10) / count);
        process.stderr.write(
          `${what}: ${Math.min(next, count).toLocaleString('en')} of ${count.toLocaleString('en')}\n`,
        );
      }
    }
  };
  await Promise.all([lane(), lane(), lane(), lane()]);
  return count / ((performance.now() - began) / 1_000);
}

/** The 95th percentile and the median of so many calls one after another, in ms. */
export async function timed(calls: number, call: (index: number) => Promise<unknown>) {
  const times: number[] = [];
  for (let index = 0; index < calls; index++) {
    const began = performance.now();
    await call(index);
    times.push(performance.now() - began);
  }
  times.sort((one, other) => one - other);
  const at = (share: number) => times[Math.min(calls - 1, Math.floor(calls * share))] ?? Number.NaN;
  return { p95: at(0.95), median: at(0.5) };
}
