import { request as httpRequest } from 'node:http';
import { type Envelope, TOKEN_COOKIE } from '@ranloop/contracts/tracking';
import { createAuthenticator, hashSecret } from '@ranloop/kit/auth';
import { parseConfig } from '@ranloop/kit/config';
import { createHttpHost } from '@ranloop/kit/http';
import { createLog } from '@ranloop/kit/log';
import { createMetrics } from '@ranloop/kit/metrics';
import { createTestDatabase, TEST_BASIC, TEST_IDENTITY, TEST_KEY, TEST_SECRET } from '@ranloop/kit/testing';
import { createTracking, type Tracking, type TrackingDeps, trackingConfig } from '../index.ts';

type Data = Record<string, unknown>;
export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

export interface CallOptions {
  method?: string;
  headers?: Record<string, string>;
  raw?: string;
}

/** A server on a port of its own with a database of its own, and a client that speaks to it as SDKs do: GET with a body. */
export async function startTracking(config: object = {}, more: Partial<TrackingDeps> = {}) {
  const database = more.database ?? (await createTestDatabase());
  const own = { hash: await hashSecret(TEST_SECRET), identity: TEST_IDENTITY };
  const accounts: Partial<Pick<Tracking, 'findKey' | 'isRemoved'>> = {};
  const auth = createAuthenticator({
    tokenSecret: 'the secret of a test',
    cookie: TOKEN_COOKIE,
    keys: async (key) => (key === TEST_KEY ? own : accounts.findKey?.(key)),
    removed: async (user) => (await accounts.isRemoved?.(user)) ?? false,
  });
  const log = createLog({ level: 'error' });
  const metrics = createMetrics();
  const host = createHttpHost({ name: 'api', host: '127.0.0.1', port: 0 }, { log, metrics });
  const tracking = createTracking(parseConfig(trackingConfig, config, 'tracking'), {
    http: host.app,
    database,
    auth,
    log,
    metrics,
    ...more,
  });
  Object.assign(accounts, { findKey: tracking.findKey, isRemoved: tracking.isRemoved });
  await tracking.start();
  await host.start();
  const send = (path: string, { method = 'GET', headers = {}, raw = '' }: CallOptions = {}) =>
    new Promise<Answer>((resolve, reject) => {
      const request = httpRequest(`${host.url}${path}`, {
        method,
        headers: {
          authorization: TEST_BASIC,
          ...(raw === '' ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(raw) }),
          ...headers,
        },
      });
      request.on('error', reject);
      request.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      });
      request.end(raw);
    });
  const envelope = async (action: string, body: object = {}, headers: Record<string, string> = {}) => {
    // An action may name its version: most calls are made as SDKs make them.
    const path = action.includes('/') ? `/${action}` : `/v2.23/${action}`;
    const { text } = await send(path, { raw: JSON.stringify(body), headers });
    return JSON.parse(text) as Envelope<Data>;
  };
  return {
    url: host.url,
    database,
    tracking,
    auth,
    send,
    envelope,
    /** The data of a call that must succeed. */
    async call<T = Data>(action: string, body: object = {}, headers: Record<string, string> = {}): Promise<T> {
      const { meta, data } = await envelope(action, body, headers);
      if (meta.result_code !== 200)
        throw new Error(`${action}: ${meta.result_code}/${meta.result_subcode} ${meta.result_msg}`);
      return data as T;
    },
    /** Code and subcode of a call that must fail. */
    async refusal(action: string, body: object = {}, headers: Record<string, string> = {}): Promise<string> {
      const { meta } = await envelope(action, body, headers);
      return `${meta.result_code}/${meta.result_subcode}`;
    },
    /** Sends events as lines, as SDKs do. */
    async batch(events: object[]): Promise<Envelope<Data>> {
      const raw = events.map((event) => JSON.stringify(event)).join('\n');
      const { text } = await send('/v2.23/events.add_batch', {
        raw,
        headers: { 'content-type': 'application/json-lines' },
      });
      return JSON.parse(text) as Envelope<Data>;
    },
    async newTask(fields: object = {}): Promise<string> {
      const body = { name: 'a task', type: 'training', ...fields };
      const { id } = (await envelope('tasks.create', body)).data as { id: string };
      return id;
    },
    async stop() {
      await tracking.stop();
      await host.stop();
      if (!more.database) await database.stop();
    },
  };
}

export type TestServer = Awaited<ReturnType<typeof startTracking>>;
