import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TelemetryQuery, TelemetryResult } from '@ranloop/contracts/r1';
import type { VesEvent } from '@ranloop/contracts/ves';
import { parseConfig } from '@ranloop/kit/config';
import { createHttpHost, type HttpHostConfig } from '@ranloop/kit/http';
import { silentLog } from '@ranloop/kit/log';
import { createMetrics, type Metrics } from '@ranloop/kit/metrics';
import { createDatabase } from '@ranloop/kit/postgres';
import { createTestAuthenticator, createTestDatabase, TEST_BASIC } from '@ranloop/kit/testing';
import { createTelemetry, telemetryConfig } from '../index.ts';

/** The room on real ports and a real database, for tests. */
export interface Rig {
  readonly ves: string;
  /** The event listener that asks for credentials. */
  readonly guarded: string;
  readonly r1: string;
  readonly metrics: Metrics;
  readonly database: Awaited<ReturnType<typeof createTestDatabase>>;
  post(body: unknown, options?: PostOptions): Promise<{ status: number; body: string; headers: Headers }>;
  query(query: TelemetryQuery): Promise<TelemetryResult>;
  get<T>(route: string): Promise<T>;
  stop(): Promise<void>;
}

export interface PostOptions {
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly base?: string;
  readonly method?: string;
}

/** `url`: the database of another rig, as for the same room started again. `tls`: of the port that asks for credentials. */
export async function createRig(
  config: Readonly<Record<string, unknown>> = {},
  url?: string,
  tls?: NonNullable<HttpHostConfig['tls']>,
): Promise<Rig> {
  const log = silentLog();
  const metrics = createMetrics();
  const database = url === undefined ? await createTestDatabase() : { ...createDatabase({ url, connections: 6 }), url };
  const auth = await createTestAuthenticator();
  const host = (name: string, more: Partial<HttpHostConfig> = {}) =>
    createHttpHost({ name, host: '127.0.0.1', port: 0, ...more }, { log, metrics });
  const [ves, guarded, r1] = [host('ves'), host('ves-guarded', tls ? { tls } : {}), host('r1')];
  const stateFolder = await mkdtemp(path.join(tmpdir(), 'ranloop-telemetry-'));
  const telemetry = createTelemetry(parseConfig(telemetryConfig, config, 'telemetry'), {
    ves: [
      { app: ves.app, open: true },
      { app: guarded.app, open: false },
    ],
    r1: r1.app,
    database,
    auth,
    log,
    metrics,
    stateFolder,
  });
  await telemetry.start();
  const hosts = [ves, guarded, r1];
  for (const one of hosts) await one.start();
  const authorization = { authorization: TEST_BASIC };
  const json = { 'content-type': 'application/json' };
  return {
    ves: ves.url,
    guarded: guarded.url,
    r1: r1.url,
    metrics,
    database,
    async post(body, { path: route = '/eventListener/v7', headers = {}, base = ves.url, method = 'POST' } = {}) {
      const sent = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
      const init = method === 'GET' ? { method } : { method, headers: { ...json, ...headers }, body: sent };
      const response = await fetch(`${base}${route}`, init as RequestInit);
      return { status: response.status, body: await response.text(), headers: response.headers };
    },
    async query(query) {
      const response = await fetch(`${r1.url}/r1/telemetry/v1/query`, {
        method: 'POST',
        headers: { ...json, ...authorization },
        body: JSON.stringify(query),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${response.status} ${text}`);
      return JSON.parse(text) as TelemetryResult;
    },
    async get<T>(route: string) {
      const response = await fetch(`${r1.url}/r1/telemetry/v1${route}`, { headers: authorization });
      if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
      return (await response.json()) as T;
    },
    async stop() {
      await telemetry.stop();
      for (const one of hosts) await one.stop();
      await database.stop();
      await rm(stateFolder, { recursive: true, force: true });
    },
  };
}

/** 2026-01-05T00:00:00Z, a Monday, in microseconds. */
export const T0 = Date.UTC(2026, 0, 5) * 1_000;

export interface MeasurementOf {
  readonly eventId: string;
  readonly source?: string;
  /** As it stands in the header: whichever unit the test wants. */
  readonly time?: number;
  readonly objects: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly interval?: number;
}

export function measurement({ eventId, source = 'gnb-1', time = T0, objects, interval = 60 }: MeasurementOf): VesEvent {
  return {
    commonEventHeader: {
      domain: 'measurement',
      eventId,
      eventName: 'Measurement_gNB-Ranloop_PM',
      priority: 'Normal',
      reportingEntityName: source,
      sequence: 0,
      sourceName: source,
      startEpochMicrosec: time - interval,
      lastEpochMicrosec: time,
      version: '4.1',
      vesEventListenerVersion: '7.2.1',
    },
    measurementFields: {
      measurementFieldsVersion: '4.0',
      measurementInterval: interval,
      additionalMeasurements: Object.entries(objects).map(([name, hashMap]) => ({ name, hashMap })),
    },
  } as VesEvent;
}
