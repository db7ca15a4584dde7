import type { Cause } from '@ranloop/contracts/e2';
import type { RicMessages } from '@ranloop/contracts/ric';
import type { Authenticator } from '@ranloop/kit/auth';
import type { Bus } from '@ranloop/kit/bus';
import type { Service } from '@ranloop/kit/lifecycle';
import type { Log } from '@ranloop/kit/log';
import type { Metrics } from '@ranloop/kit/metrics';
import type { FastifyInstance } from 'fastify';
import type { E2Config } from './config.ts';
import { registerRoutes } from './http.ts';
import { createNodeTable } from './node-table.ts';
import { createE2Server } from './server.ts';

export { type E2Config, e2Config } from './config.ts';

export interface E2Termination extends Service {
  /** Where E2 nodes connect; known after `start`, so port 0 works. */
  readonly port: number;
}

export interface E2Deps {
  /** The management port of the Near-RT RIC. */
  readonly http: FastifyInstance;
  readonly auth: Authenticator;
  readonly bus: Bus<RicMessages>;
  readonly log: Log;
  readonly metrics: Metrics;
}

export function createE2Termination(config: E2Config, { http, auth, bus, log, metrics }: E2Deps): E2Termination {
  const nodes = createNodeTable(config.maxNodes);
  const messages = metrics.counter('near_rt_ric_e2_messages_total', 'E2AP messages', ['direction', 'message']);
  const server = createE2Server(config, {
    nodes,
    bus,
    log,
    count: (direction, message) => messages.inc({ direction, message }),
  });
  registerRoutes(http, { auth, nodes });

  const notReady: Cause = { ricRequest: 'system-not-ready' };
  const subscribeToBus = () => [
    bus.on('RIC_SUB_REQ', (request) => {
      const node = nodes.connected.get(request.meid);
      if (node) node.subscribe(request);
      else bus.send('RIC_SUB_FAILURE', { meid: request.meid, xid: request.xid, cause: notReady });
    }),
    bus.on('RIC_SUB_DEL_REQ', (request) => nodes.connected.get(request.meid)?.unsubscribe(request)),
    bus.on('RIC_CONTROL_REQ', (request) => {
      const node = nodes.connected.get(request.meid);
      if (node) node.control(request);
      else bus.send('RIC_CONTROL_FAILURE', { meid: request.meid, xid: request.xid, cause: notReady });
    }),
    bus.on('E2_NODE_QUERY', () => {
      for (const node of [...nodes.connected.values()]) node.announce();
    }),
  ];

  let handlers: (() => void)[] = [];
  return {
    get port() {
      return server.port;
    },
    async start() {
      handlers = subscribeToBus();
      await server.listen();
    },
    async stop() {
      await server.close();
      for (const off of handlers) off();
      handlers = [];
    },
  };
}
