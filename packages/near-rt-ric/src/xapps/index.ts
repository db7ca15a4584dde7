import type { RicMessages, XappInfo } from '@ranloop/contracts/ric';
import { RIC_V1 } from '@ranloop/contracts/ric';
import type { Authenticator } from '@ranloop/kit/auth';
import type { Bus } from '@ranloop/kit/bus';
import { requireIdentity } from '@ranloop/kit/http';
import type { Service } from '@ranloop/kit/lifecycle';
import type { Log } from '@ranloop/kit/log';
import type { Metrics } from '@ranloop/kit/metrics';
import type { FastifyInstance } from 'fastify';
import type { XappsConfig } from './config.ts';
import { POLICY_TYPES } from './policy.ts';
import { type Count, createSlicePrb, SLICE_PRB } from './slice-prb.ts';
import { createKpmSubscriptions } from './subscriptions.ts';

export { type XappsConfig, xappsConfig } from './config.ts';

export interface Xapps extends Service {
  /** Resolves when every policy that has arrived was answered or is at rest: no change waits, no control is under way. */
  settled(): Promise<void>;
  list(): XappInfo[];
}

export interface XappsDeps {
  /** The management port of the Near-RT RIC. */
  readonly http: FastifyInstance;
  readonly auth: Authenticator;
  readonly bus: Bus<RicMessages>;
  readonly log: Log;
  readonly metrics: Metrics;
}

export function createXapps(config: XappsConfig, { http, auth, bus, log, metrics }: XappsDeps): Xapps {
  const events = metrics.counter('near_rt_ric_xapp_events_total', 'What the xApps did', ['xapp', 'event']);
  const counts: Record<string, number> = {};
  const count: Count = (what, by = 1) => {
    counts[what] = (counts[what] ?? 0) + by;
    events.inc({ xapp: SLICE_PRB, event: what }, by);
  };
  let waiting: (() => void)[] = [];
  const slicePrb = createSlicePrb(config, {
    bus,
    log,
    count,
    onIdle: () => {
      for (const resolve of waiting) resolve();
      waiting = [];
    },
  });
  const kpm = createKpmSubscriptions(config, { bus, log, measured: slicePrb.measured });

  const list = (): XappInfo[] => {
    const sizes = slicePrb.sizes;
    return [
      {
        name: SLICE_PRB,
        version: '1.0.0',
        status: 'deployed',
        reason: sizes.connectedCells === 0 ? 'no E2 node is connected' : '',
        policyTypes: [...POLICY_TYPES],
        counts: { ...counts, ...sizes, subscribedCells: kpm.active },
      },
    ];
  };
  http.register(async (scope) => {
    requireIdentity(scope, auth);
    scope.get(`${RIC_V1}/xapps`, async () => list());
  });

  const subscribeToBus = () => [
    bus.on('A1_POLICY_REQ', slicePrb.policyRequest),
    bus.on('RIC_E2_SETUP_RESP', (message) => {
      slicePrb.nodeConnected(message);
      kpm.nodeConnected(message);
    }),
    bus.on('RIC_SCTP_CONNECTION_FAILURE', (message) => {
      kpm.nodeLost(message);
      slicePrb.nodeLost(message);
    }),
    bus.on('RIC_CONTROL_ACK', ({ xid }) => slicePrb.controlDone(xid)),
    bus.on('RIC_CONTROL_FAILURE', ({ xid, cause, controlOutcome }) =>
      slicePrb.controlDone(xid, { cause, outcome: controlOutcome }),
    ),
    bus.on('RIC_SUB_RESP', kpm.accepted),
    bus.on('RIC_SUB_FAILURE', kpm.refused),
    bus.on('RIC_INDICATION', kpm.indication),
    bus.on('A1_EI_DATA_DELIVERY', ({ results }) => count('forecasts', results.length)),
  ];

  let handlers: (() => void)[] = [];
  return {
    list,
    settled: () =>
      new Promise((resolve) => {
        if (slicePrb.idle) resolve();
        else waiting.push(resolve);
      }),
    async start() {
      handlers = subscribeToBus();
      bus.send('E2_NODE_QUERY', {});
      for (const policy_type_id of POLICY_TYPES) bus.send('A1_POLICY_QUERY', { policy_type_id });
    },
    async stop() {
      for (const off of handlers) off();
      handlers = [];
      kpm.stop();
      slicePrb.stop();
    },
  };
}
