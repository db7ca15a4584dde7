import { parseConfig } from '@ranloop/kit/config';
import { createHttpHost } from '@ranloop/kit/http';
import { silentLog } from '@ranloop/kit/log';
import { createMetrics } from '@ranloop/kit/metrics';
import { createTestAuthenticator, TEST_BASIC, TEST_IDENTITY } from '@ranloop/kit/testing';
import { createFiles, filesConfig } from '../index.ts';
import type { TestStore } from './stores.ts';

/** A file server on a port of its own, and a client that shows credentials. */
export async function startFiles(store: TestStore, config: object = {}) {
  const log = silentLog();
  const metrics = createMetrics();
  const host = createHttpHost({ name: 'files', host: '127.0.0.1', port: 0 }, { log, metrics });
  const auth = await createTestAuthenticator();
  const files = createFiles(parseConfig(filesConfig, config, 'files'), {
    http: host.app,
    auth,
    blobs: store.blobs,
    log,
    metrics,
  });
  await files.start();
  await host.start();
  const send = (target: string, init: RequestInit & { headers?: Record<string, string> } = {}) =>
    fetch(`${host.url}${target}`, { ...init, headers: { authorization: TEST_BASIC, ...init.headers } });
  return {
    url: host.url,
    token: await auth.issueToken(TEST_IDENTITY, { seconds: 60 }),
    send,
    get: (target: string, headers: Record<string, string> = {}) => send(target, { headers }),
    put(target: string, content: string | Uint8Array<ArrayBuffer> = 'x') {
      const form = new FormData();
      form.append(target, new Blob([content]), target);
      return send('/', { method: 'POST', body: form });
    },
    remove: (target: string) => send(target, { method: 'DELETE' }),
    async removeMany(files: unknown, type = 'application/json') {
      const headers = { 'content-type': type };
      return send('/delete_many', { method: 'POST', headers, body: JSON.stringify({ files }) });
    },
    async stop() {
      await files.stop();
      await host.stop();
    },
  };
}

export type TestFiles = Awaited<ReturnType<typeof startFiles>>;
