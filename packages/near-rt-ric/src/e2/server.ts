import { createServer, type Server, type Socket } from 'node:net';
import { e2ap } from '@ranloop/codecs/e2ap';
import { createFrameReader, frame } from '@ranloop/codecs/frames';
import { type Cause, type E2apPdu, type E2apValue, plmnToOctets } from '@ranloop/contracts/e2';
import { asRanloopError, RanloopError } from '@ranloop/contracts/errors';
import type { RicMessages } from '@ranloop/contracts/ric';
import type { Bus } from '@ranloop/kit/bus';
import { createLink, type Link } from '@ranloop/kit/link';
import type { Log } from '@ranloop/kit/log';
import type { E2Config } from './config.ts';
import { createNode, type E2Node } from './node.ts';
import type { NodeTable } from './node-table.ts';
import { type Accepted, readSetup } from './setup.ts';

/** Connections beyond the nodes: those in setup, and those that will be refused with a reason. */
const SPARE_CONNECTIONS = 64;

export interface E2Server {
  listen(): Promise<void>;
  close(): Promise<void>;
  readonly port: number;
}

/** Accepts E2 nodes; each connection must begin with E2 setup. */
export function createE2Server(
  config: E2Config,
  deps: {
    nodes: NodeTable;
    bus: Bus<RicMessages>;
    log: Log;
    count: (direction: 'in' | 'out', message: string) => void;
  },
): E2Server {
  const { nodes, bus, log, count } = deps;
  const links = new Set<Link<E2apPdu>>();
  let server: Server | undefined;
  const plmn = plmnToOctets(config.plmnId);

  const accept = (socket: Socket) => {
    let node: E2Node | undefined;
    const timer = setTimeout(() => link.destroy('no E2 setup in time'), config.setupTimeoutMs);
    const raw = createLink<E2apPdu>(socket, {
      frame,
      reader: createFrameReader(),
      codec: e2ap,
      onMessage(pdu) {
        count('in', pdu.message);
        if (pdu.message === 'E2setupRequest') node = setup(pdu.value, node) ?? node;
        else if (node) node.receive(pdu);
        else refuse({ protocol: 'message-not-compatible-with-receiver-state' });
      },
      onRefused(error) {
        log.warn({ peer: raw.peer, node: node?.meid, code: error.code, reason: error.message }, 'E2AP message refused');
        refuse(causeOf(error));
      },
      onClose(reason) {
        clearTimeout(timer);
        links.delete(link);
        if (!node || nodes.connected.get(node.meid) !== node) return;
        log.warn({ node: node.meid, reason }, 'E2 node is gone');
        node.lose(reason, 'DISCONNECTED');
        nodes.remove(node);
      },
    });
    const link: Link<E2apPdu> = {
      ...raw,
      get open() {
        return raw.open;
      },
      send(pdu) {
        count('out', pdu.message);
        return raw.send(pdu);
      },
    };
    links.add(link);
    const refuse = (cause: Cause) => link.send({ message: 'ErrorIndication', value: { cause } });

    const setup = (request: E2apValue<'E2setupRequest'>, before: E2Node | undefined): E2Node | undefined => {
      const { transactionID } = request;
      let accepted: Accepted;
      try {
        accepted = readSetup(request);
      } catch (error) {
        const cause = causeOf(asRanloopError(error));
        log.warn({ peer: link.peer, reason: asRanloopError(error).message }, 'E2 setup refused');
        link.send({ message: 'E2setupFailure', value: { transactionID, cause } });
        return undefined;
      }
      // The newest setup of a name wins: the older connection is one that the node has given up or lost.
      const older = nodes.connected.get(accepted.identity.ranName) ?? before;
      if (older) {
        older.lose('the node was set up anew', 'DISCONNECTED');
        nodes.remove(older);
        if (older.link !== link) older.link.destroy('the node was set up anew on another connection');
      }
      const made = createNode(accepted, { link, bus, timing: config });
      if (!nodes.add(made)) {
        const cause: Cause = { misc: 'control-processing-overload' };
        link.send({ message: 'E2setupFailure', value: { transactionID, cause, timeToWait: 'v60s' } });
        return undefined;
      }
      clearTimeout(timer);
      link.send({ message: 'E2setupResponse', value: setupResponse(transactionID, accepted) });
      log.info({ node: made.meid, cells: accepted.identity.gnb.servedNrCells.length }, 'E2 node is connected');
      made.announce();
      return made;
    };
  };

  const setupResponse = (transactionID: number, { accepted, rejected }: Accepted) => ({
    transactionID,
    globalRicID: {
      'pLMN-Identity': plmn,
      // 20 bits from the left in three octets.
      'ric-ID': { value: (config.ricId * 16).toString(16).padStart(6, '0'), length: 20 },
    },
    ranFunctionsAccepted: accepted.map(({ ranFunctionID, ranFunctionRevision }) => ({
      ranFunctionID,
      ranFunctionRevision,
    })),
    ...(rejected.length > 0 ? { ranFunctionsRejected: [...rejected] } : {}),
  });

  return {
    get port() {
      const address = server?.address();
      return typeof address === 'object' && address ? address.port : config.port;
    },
    listen: () =>
      new Promise((resolve, reject) => {
        server = createServer(accept);
        server.maxConnections = config.maxNodes + SPARE_CONNECTIONS;
        server.on('error', (error: NodeJS.ErrnoException) =>
          reject(
            error.code === 'EADDRINUSE'
              ? new RanloopError('RL_CONFIG', `port ${config.port} (E2) is taken; choose others with --port-base`)
              : error,
          ),
        );
        server.listen(config.port, config.host, resolve);
      }),
    close: () =>
      new Promise((resolve) => {
        if (!server) return resolve();
        server.close(() => resolve());
        for (const link of links) link.destroy('the RIC stops');
      }),
  };
}

function causeOf(error: RanloopError): Cause {
  if (error.code === 'RL_MALFORMED' || error.code === 'RL_TOO_LARGE') return { protocol: 'transfer-syntax-error' };
  return { protocol: 'abstract-syntax-error-reject' };
}
