import { createSession, type Session } from '@ranloop/sdk/session';
import { startPeer } from '../peer.ts';
import { BASIC, percentiles } from '../support.ts';

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

export async function startTarget(): Promise<Target> {
  const peer = await startPeer<{ url: string; postgres: string }>('./tracking/server.ts');
  const { url, postgres } = peer.ready;
  return {
    session: createSession({ apiUrl: url, filesUrl: url, accessKey: 'bench', secretKey: 'bench' }),
    postgres,
    async lines(body) {
      const headers = { authorization: BASIC, 'content-type': 'application/json-lines' };
      const answer = await fetch(`${url}/v2.23/events.add_batch`, { method: 'POST', headers, body });
      const text = await answer.text();
      if (!answer.ok) throw new Error(text);
    },
    memory: peer.memory,
    stop: peer.stop,
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

/** How long so many calls took, one after another, in ms. */
export async function timed(calls: number, call: (index: number) => Promise<unknown>) {
  const times: number[] = [];
  for (let index = 0; index < calls; index++) {
    const began = performance.now();
    await call(index);
    times.push(performance.now() - began);
  }
  return percentiles(times);
}
