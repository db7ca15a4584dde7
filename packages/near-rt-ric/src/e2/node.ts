import type { Cause, E2apPdu, RicRequestID } from '@ranloop/contracts/e2';
import type { ConnectionStatus, NodeInfo, RicMessages } from '@ranloop/contracts/ric';
import type { Bus } from '@ranloop/kit/bus';
import type { Link } from '@ranloop/kit/link';
import { createRequestTable, type Pending, type RequestKind, type RequestTable } from './pending.ts';
import type { Accepted } from './setup.ts';

/** Requests that one node may leave unanswered at a time. */
const MOST_PENDING = 1_000;

export interface NodeTiming {
  readonly controlTimeoutMs: number;
  readonly subscriptionTimeoutMs: number;
}

/** One E2 node for as long as its connection lasts: its requests, its subscriptions, and what it tells the bus. */
export interface E2Node {
  readonly meid: string;
  readonly link: Link<E2apPdu>;
  readonly table: RequestTable;
  info(): NodeInfo;
  subscribe(request: RicMessages['RIC_SUB_REQ']): void;
  unsubscribe(request: RicMessages['RIC_SUB_DEL_REQ']): void;
  control(request: RicMessages['RIC_CONTROL_REQ']): void;
  /** A message of the node, after setup. */
  receive(pdu: E2apPdu): void;
  /** Answers all that is under way with a failure and tells the bus that the node is gone. */
  lose(reason: string, status: ConnectionStatus): void;
  announce(): void;
  /** Asks the node to drop its subscriptions; on its answer the bus hears of a loss and of a new setup. */
  reset(cause: Cause): boolean;
}

export function createNode(
  { identity }: Accepted,
  { link, bus, timing }: { link: Link<E2apPdu>; bus: Bus<RicMessages>; timing: NodeTiming },
): E2Node {
  const meid = identity.ranName;
  const table = createRequestTable(MOST_PENDING);
  const state = {
    status: 'CONNECTED' as ConnectionStatus,
    statusUpdated: new Date().toISOString(),
    indications: 0,
    controls: 0,
    resetTransaction: 0,
  };
  const setStatus = (status: ConnectionStatus) => {
    state.status = status;
    state.statusUpdated = new Date().toISOString();
  };

  const info = (): NodeInfo => ({
    ...identity,
    ip: link.peer.ip,
    port: link.peer.port,
    connectionStatus: state.status,
    nodeType: 'GNB',
    setupFromNetwork: true,
    statusUpdated: state.statusUpdated,
    indications: state.indications,
    controls: state.controls,
  });

  const fail = ({ kind, xid }: Pick<Pending, 'kind' | 'xid'>, cause: Cause, controlOutcome?: string) => {
    if (kind === 'control')
      bus.send('RIC_CONTROL_FAILURE', {
        meid,
        xid,
        cause,
        ...(controlOutcome === undefined ? {} : { controlOutcome }),
      });
    if (kind === 'subscription') bus.send('RIC_SUB_FAILURE', { meid, xid, cause });
  };
  const late = (pending: Pending) =>
    fail(pending, pending.kind === 'control' ? { ricRequest: 'control-timer-expired' } : { misc: 'unspecified' });

  const begin = (request: Omit<Pending, 'id'>, ms: number): Pending | undefined => {
    const begun = table.begin(request, { ms, late });
    if (!begun) fail(request, { ricRequest: 'function-resource-limit' });
    return begun;
  };
  const complain = (cause: Cause, id: RicRequestID) =>
    link.send({ message: 'ErrorIndication', value: { ricRequestID: id, cause } });
  const expect = (id: RicRequestID, kinds: readonly RequestKind[]): Pending | undefined => {
    const pending = table.finish(id, kinds);
    if (!pending) complain({ ricRequest: 'request-id-unknown' }, id);
    return pending;
  };
  const lose = (reason: string, status: ConnectionStatus) => {
    setStatus(status);
    for (const pending of table.clear()) fail(pending, { transport: 'unspecified' });
    bus.send('RIC_SCTP_CONNECTION_FAILURE', { meid, reason });
  };
  const announce = () => bus.send('RIC_E2_SETUP_RESP', { meid, node: info() });
  const anew = (reason: string) => {
    lose(reason, 'UNDER_RESET');
    setStatus('CONNECTED');
    announce();
  };

  return {
    meid,
    link,
    table,
    info,
    lose,
    announce,
    reset(cause) {
      setStatus('UNDER_RESET');
      state.resetTransaction = (state.resetTransaction + 1) % 256;
      return link.send({ message: 'ResetRequest', value: { transactionID: state.resetTransaction, cause } });
    },
    subscribe({ xid, client, ranFunctionID, eventTriggerDefinition, actions }) {
      const request = { kind: 'subscription', xid, client, ranFunctionID, actions: actions.length } as const;
      const begun = begin(request, timing.subscriptionTimeoutMs);
      if (!begun) return;
      link.send({
        message: 'RICsubscriptionRequest',
        value: {
          ricRequestID: begun.id,
          ranFunctionID,
          ricSubscriptionDetails: {
            ricEventTriggerDefinition: eventTriggerDefinition,
            'ricAction-ToBeSetup-List': [...actions],
          },
        },
      });
    },
    unsubscribe({ xid, ranFunctionID, ricRequestID }) {
      table.subscriptions.delete(ricRequestID.ricInstanceID);
      link.send({ message: 'RICsubscriptionDeleteRequest', value: { ricRequestID, ranFunctionID } });
      bus.send('RIC_SUB_DEL_RESP', { meid, xid, ricRequestID });
    },
    control({ xid, ranFunctionID, controlHeader, controlMessage }) {
      const request = { kind: 'control', xid, client: '', ranFunctionID, actions: 0 } as const;
      const begun = begin(request, timing.controlTimeoutMs);
      if (!begun) return;
      state.controls++;
      link.send({
        message: 'RICcontrolRequest',
        value: {
          ricRequestID: begun.id,
          ranFunctionID,
          ricControlHeader: controlHeader,
          ricControlMessage: controlMessage,
          ricControlAckRequest: 'ack',
        },
      });
    },
    receive(pdu) {
      switch (pdu.message) {
        case 'RICindication': {
          if (!table.subscriptions.has(pdu.value.ricRequestID.ricInstanceID)) {
            complain({ ricRequest: 'request-id-unknown' }, pdu.value.ricRequestID);
            return;
          }
          state.indications++;
          bus.send('RIC_INDICATION', { meid, indication: pdu.value });
          return;
        }
        case 'RICsubscriptionResponse': {
          const { ricRequestID, ranFunctionID } = pdu.value;
          const pending = table.finish(ricRequestID, ['subscription']);
          if (!pending) {
            // An answer after the time is up made a subscription that nobody knows: it must not stay at the node.
            if (!table.subscriptions.has(ricRequestID.ricInstanceID))
              link.send({ message: 'RICsubscriptionDeleteRequest', value: { ricRequestID, ranFunctionID } });
            return;
          }
          const admitted = pdu.value['ricAction-Admitted-List'].map((action) => action.ricActionID);
          const { client } = pending;
          table.subscriptions.set(ricRequestID.ricInstanceID, {
            id: ricRequestID,
            client,
            ranFunctionID,
            actions: admitted.length,
          });
          const notAdmitted = pdu.value['ricAction-NotAdmitted-List'] ?? [];
          bus.send('RIC_SUB_RESP', { meid, xid: pending.xid, ricRequestID, admitted, notAdmitted });
          return;
        }
        case 'RICsubscriptionFailure': {
          const pending = expect(pdu.value.ricRequestID, ['subscription']);
          if (pending) fail(pending, pdu.value.cause);
          return;
        }
        case 'RICcontrolAcknowledge': {
          const pending = expect(pdu.value.ricRequestID, ['control']);
          const controlOutcome = pdu.value.ricControlOutcome;
          if (pending)
            bus.send('RIC_CONTROL_ACK', {
              meid,
              xid: pending.xid,
              ...(controlOutcome === undefined ? {} : { controlOutcome }),
            });
          return;
        }
        case 'RICcontrolFailure': {
          const pending = expect(pdu.value.ricRequestID, ['control']);
          if (pending) fail(pending, pdu.value.cause, pdu.value.ricControlOutcome);
          return;
        }
        case 'ErrorIndication': {
          const { ricRequestID, cause = { misc: 'unspecified' } } = pdu.value;
          const pending = ricRequestID && table.finish(ricRequestID, ['subscription', 'control']);
          if (pending) fail(pending, cause);
          return;
        }
        case 'ResetRequest':
          link.send({ message: 'ResetResponse', value: { transactionID: pdu.value.transactionID } });
          anew('the node has reset itself');
          return;
        case 'ResetResponse':
          if (state.status === 'UNDER_RESET' && pdu.value.transactionID === state.resetTransaction)
            anew('the node was reset');
          return;
        case 'RICsubscriptionDeleteResponse':
        case 'RICsubscriptionDeleteFailure':
          return;
        default:
          link.send({
            message: 'ErrorIndication',
            value: { cause: { protocol: 'message-not-compatible-with-receiver-state' } },
          });
      }
    },
  };
}
