import type { RicMessages } from '@ranloop/contracts/ric';
import type { Authenticator } from '@ranloop/kit/auth';
import type { Bus } from '@ranloop/kit/bus';
import type { Service } from '@ranloop/kit/lifecycle';
import type { Log } from '@ranloop/kit/log';
import type { Metrics } from '@ranloop/kit/metrics';
import type { Database } from '@ranloop/kit/postgres';
import type { FastifyInstance } from 'fastify';
import type { A1Config } from './config.ts';
import { createEiClient, type EiClient } from './ei-client.ts';
import { jsonOnly, loopbackOnly, registerA1P, registerOverview } from './http.ts';
import { createNotifier } from './notifier.ts';
import { createPolicies } from './policies.ts';
import { createPolicyStore } from './store.ts';
import { createPolicyTypes } from './types.ts';

export { type A1Config, a1Config } from './config.ts';

export interface A1 extends Service {
  /** Resolves when every answer of the xApps that has come is stored and can be read as the policy's status. */
  settled(): Promise<void>;
}

export interface A1Deps {
  /** The A1 port. */
  readonly http: FastifyInstance;
  /** The management port: the overview of all policies goes there. */
  readonly mgmt?: { readonly http: FastifyInstance; readonly auth: Authenticator };
  readonly database: Database;
  readonly bus: Bus<RicMessages>;
  readonly log: Log;
  readonly metrics: Metrics;
}

export function createA1(config: A1Config, { http, mgmt, database, bus, log, metrics }: A1Deps): A1 {
  const requests = metrics.counter('near_rt_ric_a1_requests_total', 'A1-P requests', ['operation']);
  const notifications = metrics.counter('near_rt_ric_a1_notifications_total', 'Status notifications', ['outcome']);
  const deliveries = metrics.counter('near_rt_ric_a1_ei_results_total', 'Results delivered over A1-EI');
  const types = createPolicyTypes();
  const store = createPolicyStore(database);
  const notifier = createNotifier(config.notifyRetryMs, { log, count: (outcome) => notifications.inc({ outcome }) });
  const policies = createPolicies({ types, store, bus, log, notifier, maxPolicies: config.maxPolicies });

  let ei: EiClient | undefined;
  const { eiBaseUrl } = config;
  http.register(async (scope) => {
    if (!config.allowRemote) loopbackOnly(scope);
    jsonOnly(scope);
    registerA1P(scope, { types, policies, count: (operation) => requests.inc({ operation }) });
    if (eiBaseUrl === undefined) return;
    ei = createEiClient(
      { ...config, eiBaseUrl },
      { scope, http, bus, log, count: (results) => deliveries.inc(results) },
    );
    if (started) ei.start();
  });
  if (mgmt) registerOverview(mgmt.http, { auth: mgmt.auth, policies });

  let started = false;
  let handlers: (() => void)[] = [];
  return {
    settled: () => policies.settled(),
    async start() {
      await store.migrate();
      handlers = [
        bus.on('A1_POLICY_RESP', policies.answered),
        bus.on('A1_POLICY_QUERY', ({ policy_type_id }) => {
          policies.resend(policy_type_id).catch((error) => log.error({ err: error }, 'policies could not be re-sent'));
        }),
      ];
      await policies.resend();
      started = true;
      ei?.start();
    },
    async stop() {
      started = false;
      for (const off of handlers) off();
      handlers = [];
      notifier.stop();
      await ei?.stop();
      await policies.stop();
    },
  };
}
