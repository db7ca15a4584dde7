import type { Authenticator, KeyRecord } from '@ranloop/kit/auth';
import type { EventSink } from '@ranloop/kit/http';
import type { Service } from '@ranloop/kit/lifecycle';
import type { Log } from '@ranloop/kit/log';
import type { Metrics } from '@ranloop/kit/metrics';
import type { Database } from '@ranloop/kit/postgres';
import type { FastifyInstance } from 'fastify';
import { authEndpoints, findKey } from './auth/index.ts';
import { createChanges, serveChanges } from './changes.ts';
import { type FileRemoval, startCleanup } from './cleanup/index.ts';
import type { TrackingConfig } from './config.ts';
import type { Core } from './core.ts';
import { eventEndpoints } from './events/index.ts';
import { modelEndpoints } from './models/index.ts';
import { organizationEndpoints } from './organization/index.ts';
import { pipelineEndpoints } from './pipelines/index.ts';
import { projectEndpoints } from './projects/index.ts';
import { queueEndpoints } from './queues/index.ts';
import { ensureQueue } from './queues/store.ts';
import { reportEndpoints } from './reports/index.ts';
import { serverEndpoints } from './server/index.ts';
import { servingEndpoints } from './serving/index.ts';
import { storageEndpoints } from './storage/index.ts';
import { migrations } from './store/migrations.ts';
import type { Tables } from './store/tables.ts';
import { taskEndpoints } from './tasks/index.ts';
import { createUserBook } from './users/book.ts';
import { userEndpoints } from './users/index.ts';
import { startWatchdog } from './watchdog.ts';
import { createRegistry, type Registry } from './wire/endpoint.ts';
import { serveApi } from './wire/http.ts';
import { withOneTagList } from './wire/old-tags.ts';
import { workerEndpoints } from './workers/index.ts';

export interface TrackingDeps {
  readonly http: FastifyInstance;
  readonly database: Database;
  readonly auth: Authenticator;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Deletes files of tasks and models that are deleted. Without it files stay where they are. */
  readonly files?: FileRemoval;
}

export interface Tracking extends Service {
  /** The record of a key that auth.create_credentials made, for the authenticator. */
  readonly findKey: (key: string) => Promise<KeyRecord | undefined>;
  /** Whether a user was deleted, for the authenticator: their tokens are to be refused on every port. */
  readonly isRemoved: (user: string) => Promise<boolean>;
}

const SERVER = 'ranloop';

/** The tracking API of ClearML on one HTTP host. `http` must read bodies of GET requests, as kit's hosts do. */
export function createTracking(config: TrackingConfig, deps: TrackingDeps): Tracking {
  const core: Core = {
    db: deps.database.room<Tables>('tracking'),
    changes: createChanges(),
    config,
    auth: deps.auth,
    log: deps.log,
    events: deps.metrics.counter('tracking_events_total', 'Events that were written, by kind', ['kind']),
    files: deps.files,
  };
  const book = createUserBook(core);
  const registry: Registry = createRegistry(
    [
      ...authEndpoints(core, book),
      ...userEndpoints(core, book),
      ...serverEndpoints(core, () => registry),
      ...servingEndpoints(core),
      ...storageEndpoints(core),
      ...projectEndpoints(core),
      ...taskEndpoints(core),
      ...queueEndpoints(core),
      ...eventEndpoints(core),
      ...modelEndpoints(core),
      ...workerEndpoints(core),
      ...pipelineEndpoints(core),
      ...organizationEndpoints(core),
      ...reportEndpoints(core),
    ].map(withOneTagList),
  );
  let stopWatchdog = async (): Promise<void> => {};
  let stopCleanup = async (): Promise<void> => {};
  const streams = new Set<EventSink>();
  deps.http.register(async (scope) => {
    scope.register(async (inner) => serveChanges(inner, { changes: core.changes, auth: deps.auth, open: streams }));
    scope.register(async (inner) =>
      serveApi(inner, { registry, auth: deps.auth, log: deps.log, bodyLimit: config.bodyLimit, admit: book.admit }),
    );
  });
  return {
    findKey: (key) => findKey(core, key),
    isRemoved: book.isRemoved,
    async start() {
      await deps.database.migrate('tracking', migrations);
      await ensureQueue(core.db, { name: 'default', system_tags: ['default'] }, SERVER);
      await ensureQueue(core.db, { name: 'services' }, SERVER);
      stopWatchdog = startWatchdog(core);
      stopCleanup = startCleanup(core, deps.metrics);
    },
    async stop() {
      await stopWatchdog();
      await stopCleanup();
      for (const stream of streams) stream.close();
    },
  };
}
