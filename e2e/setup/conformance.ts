import { appendFile, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { ROOT, remove, startInstallation, temporaryFolder } from '../support/installation.ts';

export interface ClearmlServer {
  readonly apiUrl: string;
  readonly filesUrl: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** Every scenario appends a line of JSON for each endpoint that it called: `{ endpoint, calls }`. */
  readonly traceFile: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    clearmlServer: ClearmlServer;
  }
}

/** One whole Ranloop without its demo, for all scenarios. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await temporaryFolder('ranloop-conformance-');
  const program = [path.join(ROOT, 'packages', 'cli', 'bin', 'ranloop.mjs'), 'start'];
  const { run, credentials, interrupt } = await startInstallation(folder, ['--no-demo'], program);
  const traceFile = path.join(folder, 'trace.jsonl');
  await appendFile(traceFile, '');
  project.provide('clearmlServer', {
    apiUrl: run.urls.api,
    filesUrl: run.urls.files,
    accessKey: credentials.accessKey,
    secretKey: credentials.secretKey,
    traceFile,
  });
  return async () => {
    await interrupt();
    console.log(summary(await readFile(traceFile, 'utf8')));
    await remove(folder);
  };
}

function summary(trace: string): string {
  const endpoints = new Map<string, number>();
  for (const line of trace.split('\n').filter(Boolean)) {
    const { endpoint, calls } = JSON.parse(line) as { endpoint: string; calls: number };
    endpoints.set(endpoint, (endpoints.get(endpoint) ?? 0) + calls);
  }
  const calls = [...endpoints.values()].reduce((sum, count) => sum + count, 0);
  const names = [...endpoints.keys()].sort().join(' ');
  return `ClearML's clients made ${calls} calls of ${endpoints.size} distinct endpoints:\n${names}`;
}
