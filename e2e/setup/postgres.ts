import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { silentLog } from '@ranloop/kit/log';
import { createEmbeddedPostgres } from '@ranloop/kit/postgres';
import type { TestProject } from 'vitest/node';

/** One PostgreSQL for the whole test run; each test file makes databases of its own on it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ranloop-test-'));
  await chmod(folder, 0o755);
  const server = createEmbeddedPostgres(folder, silentLog());
  await server.start();
  project.provide('postgresUrl', server.url);
  return async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
}
