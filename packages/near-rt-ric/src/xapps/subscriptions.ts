import { randomUUID } from 'node:crypto';
import { plmnToOctets } from '@ranloop/contracts/e2';
import { asRanloopError } from '@ranloop/contracts/errors';
import type { RicMessages, ServedNrCell } from '@ranloop/contracts/ric';
import type { Bus } from '@ranloop/kit/bus';
import type { Log } from '@ranloop/kit/log';
import type { XappsConfig } from './config.ts';
import { worthAnotherTry } from './failure.ts';
import { type KpmRequest, kpmRequests, readIndication, type SliceMeasurement } from './kpm.ts';
import { cellKey } from './policy.ts';
import { SLICE_PRB } from './slice-prb.ts';

/** Keeps a KPM subscription to every cell of every connected node, and hands over what comes in. */
export interface KpmSubscriptions {
  nodeConnected(message: RicMessages['RIC_E2_SETUP_RESP']): void;
  nodeLost(message: RicMessages['RIC_SCTP_CONNECTION_FAILURE']): void;
  accepted(message: RicMessages['RIC_SUB_RESP']): void;
  refused(message: RicMessages['RIC_SUB_FAILURE']): void;
  indication(message: RicMessages['RIC_INDICATION']): void;
  readonly active: number;
  stop(): void;
}

interface Asked {
  readonly meid: string;
  readonly request: KpmRequest;
}

export function createKpmSubscriptions(
  config: XappsConfig,
  {
    bus,
    log,
    measured,
  }: { bus: Bus<RicMessages>; log: Log; measured: (key: string, slices: readonly SliceMeasurement[]) => void },
): KpmSubscriptions {
  const asked = new Map<string, Asked>();
  /** Per node: the cells by `instance:action`. */
  const active = new Map<string, Map<string, ServedNrCell>>();
  const retries = new Map<NodeJS.Timeout, string>();

  const ask = (meid: string, request: KpmRequest) => {
    const xid = randomUUID();
    asked.set(xid, { meid, request });
    const { ranFunctionID, eventTriggerDefinition, actions } = request;
    bus.send('RIC_SUB_REQ', { meid, xid, client: SLICE_PRB, ranFunctionID, eventTriggerDefinition, actions });
  };
  const drop = (meid: string) => {
    active.delete(meid);
    for (const [xid, { meid: of }] of asked) if (of === meid) asked.delete(xid);
    for (const [timer, of] of retries) {
      if (of !== meid) continue;
      clearTimeout(timer);
      retries.delete(timer);
    }
  };

  return {
    get active() {
      return [...active.values()].reduce((sum, cells) => sum + cells.size, 0);
    },
    nodeConnected({ meid, node }) {
      if (active.has(meid)) return;
      active.set(meid, new Map());
      for (const request of kpmRequests(node, config.reportingPeriodMs)) ask(meid, request);
    },
    nodeLost: ({ meid }) => drop(meid),
    accepted({ meid, xid, ricRequestID, admitted, notAdmitted }) {
      const of = asked.get(xid);
      asked.delete(xid);
      if (!of) return;
      if (notAdmitted.length > 0) log.warn({ node: meid, notAdmitted }, 'KPM actions not admitted');
      for (const action of admitted) {
        const cell = of.request.cells.get(action);
        if (cell) active.get(meid)?.set(`${ricRequestID.ricInstanceID}:${action}`, cell);
      }
    },
    refused({ meid, xid, cause }) {
      const of = asked.get(xid);
      asked.delete(xid);
      if (!of || !active.has(meid)) return;
      if (!worthAnotherTry(cause)) {
        log.error({ node: meid, cause, periodMs: config.reportingPeriodMs }, 'the node does not report as asked');
        return;
      }
      log.warn({ node: meid, cause }, 'KPM subscription failed');
      const timer = setTimeout(() => {
        retries.delete(timer);
        ask(meid, of.request);
      }, config.retryMs);
      retries.set(timer, meid);
    },
    indication({ meid, indication }) {
      const cell = active.get(meid)?.get(`${indication.ricRequestID.ricInstanceID}:${indication.ricActionID}`);
      if (!cell) return;
      try {
        measured(cellKey(plmnToOctets(cell.plmn), cell.ncI), readIndication(indication.ricIndicationMessage));
      } catch (error) {
        log.warn({ node: meid, reason: asRanloopError(error).message }, 'indication refused');
      }
    },
    stop() {
      for (const timer of retries.keys()) clearTimeout(timer);
      retries.clear();
      asked.clear();
      active.clear();
    },
  };
}
