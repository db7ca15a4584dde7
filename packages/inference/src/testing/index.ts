import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseConfig } from '@ranloop/kit/config';
import { createHttpHost } from '@ranloop/kit/http';
import { silentLog } from '@ranloop/kit/log';
import { createMetrics, type Metrics } from '@ranloop/kit/metrics';
import { createTestAuthenticator, TEST_BASIC } from '@ranloop/kit/testing';
import { createInference, InferenceConfig } from '../index.ts';

export * from './onnx-writer.ts';

export interface TestHost {
  readonly url: string;
  readonly metrics: Metrics;
  call(path: string, body?: unknown): Promise<{ status: number; body: unknown }>;
  /** A repository call with credentials. */
  repository(path: string, body?: unknown): Promise<{ status: number; body: unknown }>;
  stop(): Promise<void>;
}

export async function startInference(given: { modelsFolder: string } & Record<string, unknown>): Promise<TestHost> {
  const metrics = createMetrics();
  const log = silentLog();
  const host = createHttpHost({ name: 'inference', host: '127.0.0.1', port: 0 }, { log, metrics });
  const config = parseConfig(InferenceConfig, given, 'inference');
  const service = createInference(config, {
    http: host.app,
    auth: await createTestAuthenticator(),
    log,
    metrics,
    authorization: async () => 'Bearer of-the-files',
  });
  await service.start();
  await host.start();
  const send = async (at: string, body: unknown, headers: Record<string, string>) => {
    const response = await fetch(`${host.url}${at}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  };
  return {
    url: host.url,
    metrics,
    call: (at, body) => send(at, body, {}),
    repository: (at, body = {}) => send(`/v2/repository${at}`, body, { authorization: TEST_BASIC }),
    async stop() {
      await host.stop();
      await service.stop();
    },
  };
}

/** A file server whose answers a test decides. */
export async function startFiles(answer: RequestListener): Promise<{ url: string; stop(): Promise<void> }> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

export async function temporaryFolder(): Promise<{ folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'inference-'));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}
