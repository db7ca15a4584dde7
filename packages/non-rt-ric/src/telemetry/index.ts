import path from 'node:path';
import type { RefusedEvent } from '@ranloop/contracts/r1';
import type { Authenticator } from '@ranloop/kit/auth';
import type { Service } from '@ranloop/kit/lifecycle';
import type { Log } from '@ranloop/kit/log';
import type { Metrics } from '@ranloop/kit/metrics';
import type { Database } from '@ranloop/kit/postgres';
import type { FastifyInstance } from 'fastify';
import { createIdentities } from './canonical/index.ts';
import { createAdmission, createGuard, registerCollector } from './collector/index.ts';
import type { TelemetryConfig } from './config.ts';
import { createRefusedLog } from './events/refused.ts';
import { createSeenEvents } from './events/seen.ts';
import { createInfluxStore } from './influx/store.ts';
import { createKafkaBus } from './kafka/index.ts';
import { registerLines } from './lines/index.ts';
import { createPmFiles } from './pm/index.ts';
import { registerPmFiles } from './pm/routes.ts';
import { registerR1 } from './r1.ts';
import { createRate } from './rates.ts';
import { TELEMETRY_MIGRATIONS, TELEMETRY_SCHEMA } from './schema.ts';
import { createStndDefined } from './stnd-defined/index.ts';
import { createPostgresStore, type TelemetryStore } from './store/index.ts';
import { createSampleStream } from './stream.ts';
import { createWriter } from './writer.ts';

export { type TelemetryConfig, telemetryConfig } from './config.ts';

export interface TelemetryDeps {
  /** The ports of the event listener; `open` asks for no credentials, for ports that only this machine can reach. */
  readonly ves: readonly { readonly app: FastifyInstance; readonly open: boolean }[];
  readonly r1: FastifyInstance;
  readonly database: Database;
  readonly auth: Authenticator;
  readonly log: Log;
  readonly metrics: Metrics;
  /** For what must survive a restart outside the database: the spool of a store that is away. */
  readonly stateFolder: string;
}

/** The telemetry room: VES in, canonical samples stored, queries answered. */
export function createTelemetry(config: TelemetryConfig, deps: TelemetryDeps): Service {
  const { database, log, metrics, auth } = deps;
  const store = createStore(config, deps);
  const seen = createSeenEvents(database, config.duplicateDays);
  const refused = createRefusedLog(database, config.mostRefused, log);
  const stream = createSampleStream();
  const rates = { events: createRate(), samples: createRate(), refusals: createRate() };
  const counters = {
    events: metrics.counter('ves_events_total', 'Events stored'),
    repeated: metrics.counter('ves_events_repeated_total', 'Events that were stored before'),
    refused: metrics.counter('ves_requests_refused_total', 'Requests and events refused, by message', ['reason']),
    samples: metrics.counter('telemetry_samples_total', 'Samples stored'),
  };
  let ready = false;

  const times = {
    earliest: config.earliest * 1_000_000,
    mostAhead: config.mostAheadSeconds * 1_000_000,
    now: () => Date.now() * 1_000,
  };
  const onRefused = (event: RefusedEvent) => {
    counters.refused.inc({ reason: codeOf(event.reason) });
    rates.refusals.add(1);
    refused.note(event);
  };
  const files = createPmFiles(config.pmFiles, {
    database,
    store,
    writer: () => door,
    times,
    groupSamples: config.groupSamples,
    folder: path.join(deps.stateFolder, 'pm-files'),
    onRefused,
    log,
  });
  const writer = createWriter(config, {
    database,
    store,
    seen,
    files: files.queue,
    log,
    onWritten({ events, repeated, points }) {
      counters.events.inc(events);
      counters.repeated.inc(repeated);
      counters.samples.inc(points.length);
      rates.events.add(events);
      rates.samples.add(points.length);
      stream.publish(points);
    },
  });
  const bus =
    config.kafka &&
    createKafkaBus(config.kafka, {
      writer,
      async onRefused(events) {
        for (const event of events) onRefused(event);
        await refused.flush();
      },
      groupSamples: config.groupSamples,
      metrics,
      log,
    });
  const door = bus?.door ?? writer;
  const stndDefined = createStndDefined(config.stndDefined);
  const collector = {
    auth,
    guard: createGuard(config, auth),
    batch: config.batch,
    admission: createAdmission(config.mostBytesUnderWay),
    writer: door,
    rules: {
      ...times,
      identities: createIdentities(config.mostSeriesCached),
      filesFull: () => files.full(),
      stndDefined,
    },
    onRefused,
    ready: () => ready,
    log,
  };
  for (const { app, open } of deps.ves) registerCollector(app, open, collector);
  registerLines(deps.r1, collector);
  registerPmFiles(deps.r1, auth, files);
  registerR1(deps.r1, {
    auth,
    store,
    refused,
    stream,
    ...rates,
    async timeUnits() {
      const { rows } = await database.pool.query<{ source: string; unit: string }>(
        'select source, unit from telemetry.time_units order by noted desc, source limit 1000',
      );
      return rows;
    },
  });

  return {
    async start() {
      await stndDefined.start();
      await database.migrate(TELEMETRY_SCHEMA, TELEMETRY_MIGRATIONS);
      await seen.turn();
      await store.start();
      await bus?.start();
      await files.start();
      ready = true;
    },
    async stop() {
      ready = false;
      stream.close();
      await files.stop();
      await bus?.stop();
      await writer.drain();
      await refused.flush();
      await store.close();
    },
  };
}

/** `SVC2004: ...`: few messages, so they can label a metric. */
function codeOf(reason: string): string {
  return /^[A-Z]{3}\d{4}(?=:)/.exec(reason)?.[0] ?? 'other';
}

function createStore(config: TelemetryConfig, { database, stateFolder, log }: TelemetryDeps): TelemetryStore {
  if (config.store === 'postgres') return createPostgresStore(database, config, log);
  return createInfluxStore(config, { stateFolder, log });
}
