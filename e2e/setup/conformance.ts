import { appendFile, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { TestProject } from 'vitest/node';
import { ROOT, remove, startInstallation, temporaryFolder } from '../support/installation.ts';

export interface ClearmlServer {
  readonly apiUrl: string;
  readonly filesUrl: string;
  readonly webUrl: string;
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

const STOPS_WITHIN_MS = 60_000;

/** One whole Ranloop without its demo, for all scenarios. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await temporaryFolder('ranloop-conformance-');
  const program = [path.join(ROOT, 'packages', 'cli', 'bin', 'ranloop.mjs'), 'start'];
  const { run, credentials, interrupt, kill } = await startInstallation(folder, ['--no-demo'], program);
  const traceFile = path.join(folder, 'trace.jsonl');
  await appendFile(traceFile, '');
  project.provide('clearmlServer', {
    apiUrl: run.urls.api,
    filesUrl: run.urls.files,
    webUrl: run.urls.dashboard,
    accessKey: credentials.accessKey,
    secretKey: credentials.secretKey,
    traceFile,
  });
  return async () => {
    const ended = await Promise.race([interrupt(), setTimeout(STOPS_WITHIN_MS, 'still running', { ref: false })]);
    if (ended !== 0) await kill();
    console.log(summary(await readFile(traceFile, 'utf8')));
    await remove(folder);
    if (ended !== 0) throw new Error(`the server was to stop, and: ${ended}`);
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
