import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { createTelemetryClient } from '@ranloop/sdk/r1';
import { createSession } from '@ranloop/sdk/session';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Installation, remove, startInstallation, temporaryFolder } from './support/installation.ts';

let folder: string;
let running: Installation | undefined;

beforeAll(async () => {
  folder = await temporaryFolder('ranloop-kill-');
});
afterAll(async () => {
  await running?.kill();
  await remove(folder);
});

const KILLS = 10;
const EPOCH_MICROS = Date.UTC(2025, 5, 1) * 1_000;

/** What a server has acknowledged, and therefore owes. */
interface Owed {
  readonly samples: Set<number>;
  readonly tasks: Set<string>;
  readonly lines: Set<string>;
  readonly points: Map<string, Set<number>>;
}

const sessionOf = ({ run, credentials }: Installation) =>
  createSession({ apiUrl: run.urls.api, filesUrl: run.urls.files, ...credentials, retry: { limitMs: 0 } });

const event = (index: number) => ({
  commonEventHeader: {
    domain: 'measurement',
    eventId: `kill-${index}`,
    eventName: 'Measurement_Test-Test_Kill',
    sourceName: 'kill-gnb',
    reportingEntityName: 'kill-gnb',
    startEpochMicrosec: EPOCH_MICROS + index * 1_000_000,
    lastEpochMicrosec: EPOCH_MICROS + (index + 1) * 1_000_000,
    priority: 'Normal',
    sequence: 0,
    version: '4.1',
    vesEventListenerVersion: '7.2.1',
  },
  measurementFields: {
    measurementFieldsVersion: '4.0',
    measurementInterval: 1,
    additionalMeasurements: [
      { name: 'ManagedElement=kill-gnb,GNBDUFunction=1,NRCellDU=1', hashMap: { 'RRU.PrbUsedDl': String(index) } },
    ],
  },
});

/** Writes as fast as it is let, keeping account of what was answered, until the server is gone. */
async function load(installation: Installation, owed: Owed, next: () => number): Promise<void> {
  const session = sessionOf(installation);
  const gone = () => installation.child.exitCode !== null || installation.child.signalCode !== null;
  const repeat = async (write: () => Promise<void>) => {
    while (!gone()) await write().catch(() => undefined);
  };
  await Promise.all([
    repeat(async () => {
      const index = next();
      const answer = await fetch(`${installation.run.urls.ves}/eventListener/v7`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ event: event(index) }),
      });
      if (answer.status === 202) owed.samples.add(index);
    }),
    repeat(async () => {
      const { id } = await session.call<{ id: string }>('tasks.create', { name: `kill ${next()}`, type: 'testing' });
      owed.tasks.add(id);
      const line = randomBytes(8).toString('hex');
      const iterations = Array.from({ length: 20 }, (_, iter) => iter);
      await session.callLines('events.add_batch', [
        { type: 'log', task: id, level: 'info', msg: line },
        ...iterations.map((iter) => ({
          type: 'training_stats_scalar',
          task: id,
          metric: 'loss',
          variant: 'train',
          iter,
          value: iter,
        })),
      ]);
      owed.lines.add(`${id} ${line}`);
      owed.points.set(id, new Set(iterations));
    }),
  ]);
}

async function descendants(pid: number): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir('/proc').catch(() => [])) {
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    if (Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === pid)
      found.push(Number(name), ...(await descendants(Number(name))));
  }
  return found;
}

async function settle(installation: Installation, owed: Owed): Promise<void> {
  const session = sessionOf(installation);
  const telemetry = createTelemetryClient({
    baseUrl: installation.run.urls.r1,
    authorization: () => installation.authorization,
  });
  const series = await telemetry.query({
    counters: ['RRU.PrbUsedDl'],
    sources: ['kill-gnb'],
    from: EPOCH_MICROS,
    to: EPOCH_MICROS + 86_400_000_000,
  });
  const values = new Set(series.flatMap(({ points }) => points.map(([, value]) => value)));
  expect([...owed.samples].filter((index) => !values.has(index))).toEqual([]);
  expect(series.flatMap(({ points }) => points).length).toBe(values.size);

  for (const id of owed.tasks) await expect(session.call('tasks.get_by_id', { task: id })).resolves.toBeDefined();
  for (const entry of owed.lines) {
    const [task = '', line] = entry.split(' ');
    const log = await session.call<{ events: { msg: string }[] }>('events.get_task_log', { task, batch_size: 100 });
    expect(log.events.map(({ msg }) => msg)).toContain(line);
  }
  for (const [task, iterations] of owed.points) {
    const curves = await session.call<Record<string, Record<string, { x: number[] }>>>(
      'events.scalar_metrics_iter_histogram',
      { task },
    );
    expect(new Set(curves['loss']?.['train']?.x)).toEqual(iterations);
  }
}

test(`nothing that was acknowledged is lost when it is killed ${KILLS} times at random moments under load`, async () => {
  let counter = 0;
  for (let kill = 0; kill < KILLS; kill += 1) {
    const owed: Owed = { samples: new Set(), tasks: new Set(), lines: new Set(), points: new Map() };
    running = await startInstallation(folder, ['--no-demo']);
    const writing = load(running, owed, () => counter++);
    const enough = () => owed.samples.size > 0 && owed.points.size > 0;
    while (!enough()) await new Promise((resolve) => setTimeout(resolve, 20));
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 700));
    // Every second time PostgreSQL is killed with it, as when the machine loses power.
    const family = kill % 2 === 1 ? await descendants(running.run.pid) : [];
    await running.kill();
    for (const pid of family) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended with its parent.
      }
    }
    await writing;
    running = await startInstallation(folder, ['--no-demo']);
    await settle(running, owed);
    await running.kill();
  }
}, 600_000);
