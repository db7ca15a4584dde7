import type { Authenticator } from '@ranloop/kit/auth';
import { parseConfig } from '@ranloop/kit/config';
import type { Service } from '@ranloop/kit/lifecycle';
import type { Log } from '@ranloop/kit/log';
import type { Metrics } from '@ranloop/kit/metrics';
import type { Database } from '@ranloop/kit/postgres';
import { createEiClient, createInferenceClient, createPolicyClient, createTelemetryClient } from '@ranloop/sdk/r1';
import type { FastifyInstance } from 'fastify';
import { rappsConfig } from './config.ts';
import { rappsRoutes } from './http.ts';
import { NOTHING_SETTLED, type Settled } from './rapp.ts';
import { createRegistry } from './registry.ts';
import { createSliceAssurance } from './slice-assurance/index.ts';
import { createRappsStore, MIGRATIONS, SCHEMA } from './store.ts';
import { trainingRequest } from './training.ts';

export { type RappsConfig, rappsConfig } from './config.ts';
export type { Settled } from './rapp.ts';

export interface RappsDeps {
  readonly r1: FastifyInstance;
  readonly database: Database;
  readonly auth: Authenticator;
  readonly log: Log;
  readonly metrics: Metrics;
  /** The Authorization header for calls to R1 and to the inference host. */
  readonly authorization: () => Promise<string>;
}

/** The rApp runtime with its rApps. */
export interface Rapps extends Service {
  /**
   * Resolves when slice-assurance has finished all that the period ending then calls for. For a driver that lets
   * simulated time wait: the period's reports must have been acknowledged. Resolves at once for a period that is done,
   * and when the rApp is stopped or waits for something.
   */
  settled(periodEndMicros: number): Promise<Settled>;
  /** Changes the configuration of an rApp as `PUT /rapps/{id}/config` does. */
  configure(rappId: string, changes: Record<string, unknown>): Promise<void>;
}

const HOUR_MS = 3_600_000;

export function createRapps(given: unknown, deps: RappsDeps): Rapps {
  const config = parseConfig(rappsConfig, given, 'rapps');
  const { r1, database, auth, metrics, authorization } = deps;
  const log = deps.log.child({ room: 'rapps' });
  const store = createRappsStore(database);
  const onR1 = { baseUrl: config.r1Url ?? 'http://127.0.0.1:9081', authorization, retryLimitMs: 3_000 };
  const sliceAssurance = createSliceAssurance(config.sliceAssurance, {
    telemetry: createTelemetryClient(onR1),
    policy: createPolicyClient(onR1),
    ei: createEiClient(onR1),
    inference: createInferenceClient({ ...onR1, baseUrl: config.inferenceUrl ?? 'http://127.0.0.1:9082' }),
    requestTraining: trainingRequest({ ...onR1, log }),
    store,
    log,
    metrics,
  });
  const registry = createRegistry([sliceAssurance], { store, log });
  r1.register(async (scope) => rappsRoutes(scope, { registry, store, auth }));

  let housekeeping: NodeJS.Timeout | undefined;
  return {
    async start() {
      await database.migrate(SCHEMA, MIGRATIONS);
      await registry.start();
      if (config.decisionDays > 0) {
        const clean = () =>
          store
            .dropOlderThan(config.decisionDays)
            .catch((error: unknown) => log.warn({ err: error }, 'old decisions were not deleted'));
        void clean();
        housekeeping = setInterval(clean, HOUR_MS);
        housekeeping.unref();
      }
    },
    async stop() {
      clearInterval(housekeeping);
      await registry.stop();
    },
    async settled(periodEndMicros) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<Settled>((resolve) => {
        timer = setTimeout(() => {
          log.warn({ periodEndMicros, seconds: config.settleSeconds }, 'slice-assurance is late; not waited for');
          resolve(NOTHING_SETTLED);
        }, config.settleSeconds * 1_000);
      });
      try {
        return await Promise.race([sliceAssurance.settled(periodEndMicros), late]);
      } finally {
        clearTimeout(timer);
      }
    },
    async configure(rappId, changes) {
      await registry.configure(rappId, changes);
    },
  };
}
