import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createFolderBlobs } from '@ranloop/kit/blobs';
import { parseConfig } from '@ranloop/kit/config';
import { createHttpHost } from '@ranloop/kit/http';
import { createLog } from '@ranloop/kit/log';
import { createMetrics } from '@ranloop/kit/metrics';
import { freePort } from '@ranloop/kit/postgres';
import { createTestAuthenticator, createTestDatabase, TEST_KEY, TEST_SECRET } from '@ranloop/kit/testing';
import { createSession, type Session } from '@ranloop/sdk/session';
import { createFiles, filesConfig } from '@ranloop/training/files';
import { createTracking, trackingConfig } from '@ranloop/training/tracking';

export interface TrainingServer {
  readonly keys: { apiUrl: string; filesUrl: string; accessKey: string; secretKey: string };
  readonly session: Session;
  /** A folder that is removed with the server. */
  readonly folder: string;
  /** The tracking server goes away and comes back on its port with its database. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  stop(): Promise<void>;
}

/** A tracking server and a file server on ports of their own. */
export async function startTrainingServer(): Promise<TrainingServer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ranloop-training-'));
  const database = await createTestDatabase();
  const auth = await createTestAuthenticator();
  const log = createLog({ level: 'error' });
  const metrics = createMetrics();
  const [apiPort, filesPort] = [await freePort(), await freePort()];

  const startApi = async () => {
    const host = createHttpHost({ name: 'api', host: '127.0.0.1', port: apiPort }, { log, metrics });
    const config = parseConfig(trackingConfig, {}, 'tracking');
    const tracking = createTracking(config, { http: host.app, database, auth, log, metrics });
    await tracking.start();
    await host.start();
    return async () => {
      await host.stop();
      await tracking.stop();
    };
  };
  const filesHost = createHttpHost({ name: 'files', host: '127.0.0.1', port: filesPort }, { log, metrics });
  const files = createFiles(parseConfig(filesConfig, {}, 'files'), {
    http: filesHost.app,
    auth,
    blobs: createFolderBlobs(path.join(folder, 'files')),
    log,
    metrics,
  });
  let stopApi: (() => Promise<void>) | undefined = await startApi();
  await files.start();
  await filesHost.start();

  const keys = {
    apiUrl: `http://127.0.0.1:${apiPort}`,
    filesUrl: `http://127.0.0.1:${filesPort}`,
    accessKey: TEST_KEY,
    secretKey: TEST_SECRET,
  };
  return {
    keys,
    folder,
    session: createSession(keys),
    async pause() {
      await stopApi?.();
      stopApi = undefined;
    },
    async resume() {
      stopApi = await startApi();
    },
    async stop() {
      await stopApi?.();
      await filesHost.stop();
      await files.stop();
      await database.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Waits until `look` answers something, and fails with what it last threw. */
export async function eventually<T>(look: () => Promise<T | undefined | false>, ms = 10_000): Promise<T> {
  const deadline = Date.now() + ms;
  let last: unknown = new Error('it never came true');
  while (Date.now() < deadline) {
    try {
      const found = await look();
      if (found) return found;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw last;
}
