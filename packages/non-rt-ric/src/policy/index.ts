import { setMaxListeners } from 'node:events';
import type { Authenticator } from '@ranloop/kit/auth';
import { parseConfig } from '@ranloop/kit/config';
import type { Service } from '@ranloop/kit/lifecycle';
import type { Log } from '@ranloop/kit/log';
import type { Metrics } from '@ranloop/kit/metrics';
import type { Database } from '@ranloop/kit/postgres';
import type { FastifyInstance } from 'fastify';
import { PolicyConfig } from './config.ts';
import { createEnrichmentInformation } from './ei.ts';
import { callbackRoutes, policyRoutes } from './http.ts';
import { eiProducerRoutes, eiServerRoutes } from './http-ei.ts';
import { createLivePolicies } from './live.ts';
import { createLocks } from './locks.ts';
import { createPolicies } from './policies.ts';
import { createRics, type Ric } from './rics.ts';
import { createServices } from './services.ts';
import { createPolicyStore } from './store.ts';
import { createSupervision } from './supervision.ts';
import { MIGRATIONS, SCHEMA } from './tables.ts';

export { PolicyConfig, RicConfig } from './config.ts';

export interface PolicyDeps {
  /** The R1 port: policy management, A1-EI, EI delivery and the RICs' callbacks are served here. */
  readonly r1: FastifyInstance;
  readonly database: Database;
  readonly auth: Authenticator;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** A1 policy management over R1: client of A1-P v2, server of A1-EI v1. */
export function createPolicy(given: unknown, deps: PolicyDeps): Service {
  const config = parseConfig(PolicyConfig, given, 'policy');
  const { r1, database, auth } = deps;
  const log = deps.log.child({ room: 'policy' });
  const stopping = new AbortController();
  const { signal } = stopping;
  // One listener for each status that is waited for, and all are taken off again.
  setMaxListeners(0, signal);
  const store = createPolicyStore(database);
  const services = createServices(database);
  const live = createLivePolicies();
  const rics = createRics(config, signal);
  const parts = {
    store,
    live,
    rics,
    locks: createLocks(),
    callbackBaseUrl: config.callbackBaseUrl ?? 'http://127.0.0.1:9081',
    mostPolicies: config.mostPolicies,
    signal,
    onAway: (ric: Ric) => supervision.hurry(ric),
  };
  const policies = createPolicies(parts);
  const ei = createEnrichmentInformation(config, { database, log, signal });
  const supervision = createSupervision({
    ...parts,
    log,
    supervisionSeconds: config.supervisionSeconds,
    onAvailable: (ric) => announce(ric, services, signal),
  });
  const kept = deps.metrics.gauge('policy_policies', 'A1 policies that exist');
  const available = deps.metrics.gauge('policy_rics_available', 'Near-RT RICs that are available');

  r1.register(async (scope) => policyRoutes(scope, { policies, rics, store, services, auth }));
  r1.register(async (scope) => callbackRoutes(scope, { policies }));
  r1.register(async (scope) => eiServerRoutes(scope, { ei, auth }));
  r1.register(async (scope) => eiProducerRoutes(scope, { ei, auth }));

  let housekeeping: NodeJS.Timeout | undefined;
  async function keepHouse(): Promise<void> {
    kept.set(live.size);
    available.set(rics.all.filter(({ state }) => state === 'AVAILABLE').length);
    for (const serviceId of await services.silent()) {
      log.warn({ serviceId }, 'service fell silent: it and its policies are taken off');
      for (const row of await store.list({ serviceId })) await policies.remove(row.policy_id);
      await services.remove(serviceId);
    }
  }

  return {
    async start() {
      await database.migrate(SCHEMA, MIGRATIONS);
      for (const row of await store.list({})) live.add(row.policy_id, row);
      supervision.start();
      housekeeping = setInterval(
        () => keepHouse().catch((error: unknown) => log.warn({ err: error }, 'housekeeping failed')),
        Math.min(10_000, config.supervisionSeconds * 1_000),
      );
      housekeeping.unref();
    },
    async stop() {
      clearInterval(housekeeping);
      stopping.abort();
      await supervision.stop();
    },
  };
}

/** Tells registered services that a RIC is back (R1-AP service callback); who does not listen has the status to ask for. */
async function announce(ric: Ric, services: ReturnType<typeof createServices>, signal: AbortSignal): Promise<void> {
  const body = JSON.stringify({ ricId: ric.config.ricId, eventType: 'AVAILABLE' });
  const calls = (await services.list())
    .filter(({ callbackUrl }) => callbackUrl !== '')
    .map(async ({ callbackUrl }) => {
      const response = await fetch(callbackUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
        signal: AbortSignal.any([signal, AbortSignal.timeout(5_000)]),
      });
      await response.body?.cancel();
    });
  await Promise.allSettled(calls);
}
