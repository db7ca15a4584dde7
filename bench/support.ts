import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createAuthenticator, hashSecret } from '@ranloop/kit/auth';
import { createHttpHost, type HttpHost } from '@ranloop/kit/http';
import { silentLog } from '@ranloop/kit/log';
import { createMetrics } from '@ranloop/kit/metrics';
import { createDatabase, createEmbeddedPostgres, type Database } from '@ranloop/kit/postgres';

const SECRET = 'bench';

/** A real PostgreSQL and real ports for one room, in this process; the load comes from here too. */
export interface Bench {
  readonly database: Database;
  /** Where PostgreSQL is, with the password: for what is measured beside it. */
  readonly postgres: string;
  readonly folder: string;
  readonly deps: Awaited<ReturnType<typeof makeDeps>>;
  host(name: string): HttpHost;
  stop(): Promise<void>;
}

export const BASIC = `Basic ${Buffer.from(`bench:${SECRET}`).toString('base64')}`;

export async function openBench(): Promise<Bench> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ranloop-bench-'));
  await chmod(folder, 0o755);
  const deps = await makeDeps();
  const postgres = createEmbeddedPostgres(folder, deps.log);
  await postgres.start();
  const database = createDatabase({ url: postgres.url, connections: 16 });
  return {
    database,
    postgres: postgres.url,
    folder,
    deps,
    host: (name) => createHttpHost({ name, host: '127.0.0.1', port: 0, bodyLimit: 64 * 1024 * 1024 }, deps),
    async stop() {
      await database.stop();
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function makeDeps() {
  const record = {
    hash: await hashSecret(SECRET),
    identity: { user: 'bench', name: 'bench', role: 'admin', company: 'ranloop' },
  };
  const auth = createAuthenticator({
    tokenSecret: SECRET,
    cookie: 'clearml_token_basic',
    keys: async (key) => (key === 'bench' ? record : undefined),
  });
  return { auth, log: silentLog(), metrics: createMetrics() };
}

/** Repeats `once` on so many lanes for so many seconds; answers how many items a second were done. */
export async function sustained(seconds: number, lanes: number, once: () => Promise<number>): Promise<number> {
  const began = performance.now();
  const until = began + seconds * 1_000;
  let done = 0;
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      while (performance.now() < until) {
        // Read `done` after the wait: the lanes share it.
        const items = await once();
        done += items;
      }
    }),
  );
  return done / ((performance.now() - began) / 1_000);
}

/** Does `once` for 0 to `count` - 1 on so many lanes. */
export async function eachOf(count: number, lanes: number, once: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < count) await once(next++);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

export const show = (rate: number) => Math.round(rate).toLocaleString('en');

export function percentiles(times: readonly number[]) {
  const sorted = [...times].sort((one, other) => one - other);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
