import { type E2apPdu, plmnToOctets } from '@ranloop/contracts/e2';
import { RanloopError } from '@ranloop/contracts/errors';
import type { Service } from '@ranloop/kit/lifecycle';
import type { Log } from '@ranloop/kit/log';
import type { Metrics } from '@ranloop/kit/metrics';
import type { PeriodReport, Plant } from '../plant.ts';
import { createE2Client } from './client.ts';
import type { E2NodeConfig } from './config.ts';
import { applyControl } from './control.ts';
import { setupRequest } from './identity.ts';
import { createKpmReports } from './kpm.ts';

export { type E2NodeConfig, e2NodeConfig } from './config.ts';

export interface E2NodeService extends Service {
  /** Sends the KPM indications of a closed period; resolves when they are with the kernel. Nothing is kept for a RIC that is away. */
  report(report: PeriodReport): Promise<void>;
  /** Resolves when every answer to a message that has arrived is sent: its control is applied by then. */
  settled(): Promise<void>;
  /** Resolves when the RIC has accepted this node. */
  connected(): Promise<void>;
  readonly isConnected: boolean;
}

export interface E2NodeDeps {
  readonly plant: Pick<Plant, 'cells' | 'slices' | 'ratios' | 'setRatios'>;
  readonly log: Log;
  readonly metrics: Metrics;
}

export function createE2Node(config: E2NodeConfig, { plant, log, metrics }: E2NodeDeps): E2NodeService {
  const cells = plant.cells.filter((cell) => cell.managedElement === config.managedElement);
  if (cells.length === 0)
    throw new RanloopError('RL_CONFIG', `configuration of e2-node: no cell belongs to ${config.managedElement}`);
  const plmn = plmnToOctets(config.plmnId);
  const messages = metrics.counter('ran_e2_messages_total', 'E2AP messages of the nodes', ['direction', 'message']);
  const reports = createKpmReports({
    cells,
    periodMs: config.periodMs,
    epochMicros: config.epochMicros,
    senderName: config.managedElement,
  });

  const answer = (pdu: E2apPdu): E2apPdu | undefined => {
    switch (pdu.message) {
      case 'RICsubscriptionRequest':
        try {
          return reports.subscribe(pdu.value);
        } catch (error) {
          const { ricRequestID, ranFunctionID } = pdu.value;
          log.warn({ err: error }, 'subscription refused');
          const cause = { protocol: 'abstract-syntax-error-reject' } as const;
          return { message: 'RICsubscriptionFailure', value: { ricRequestID, ranFunctionID, cause } };
        }
      case 'RICsubscriptionDeleteRequest':
        return reports.unsubscribe(pdu.value);
      case 'RICcontrolRequest': {
        const outcome = applyControl(pdu.value, { plant, cells, plmn });
        return pdu.value.ricControlAckRequest === 'noAck' && outcome.message === 'RICcontrolAcknowledge'
          ? undefined
          : outcome;
      }
      case 'ResetRequest':
        reports.clear();
        return { message: 'ResetResponse', value: { transactionID: pdu.value.transactionID } };
      case 'ErrorIndication':
        log.warn({ cause: pdu.value.cause }, 'the RIC reports an error');
        return undefined;
      case 'ResetResponse':
        return undefined;
      default:
        return {
          message: 'ErrorIndication',
          value: { cause: { protocol: 'message-not-compatible-with-receiver-state' } },
        };
    }
  };

  const send = (pdu: E2apPdu) => {
    if (client.send(pdu)) messages.inc({ direction: 'out', message: pdu.message });
  };
  const client = createE2Client(config, {
    log,
    setup: (transactionID) => setupRequest(config, { cells, slices: plant.slices, transactionID }),
    receive(pdu) {
      messages.inc({ direction: 'in', message: pdu.message });
      const reply = answer(pdu);
      if (reply) send(reply);
    },
    onLost: () => reports.clear(),
  });

  return {
    async start() {
      client.start();
    },
    stop: () => client.stop(),
    async report(report) {
      if (!client.ready) return;
      for (const indication of reports.report(report)) send(indication);
      await client.flushed();
    },
    settled: () => client.flushed(),
    connected: () => client.whenReady(),
    get isConnected() {
      return client.ready;
    },
  };
}
