import { randomUUID } from 'node:crypto';
import { type Cause, plmnToOctets, RC_FUNCTION } from '@ranloop/contracts/e2';
import { asRanloopError } from '@ranloop/contracts/errors';
import type { RicMessages } from '@ranloop/contracts/ric';
import type { Bus } from '@ranloop/kit/bus';
import type { Log } from '@ranloop/kit/log';
import { type Cell, type CellOutcome, controlOf, createCell, type Flight } from './cell.ts';
import type { XappsConfig } from './config.ts';
import { failureText, worthAnotherTry } from './failure.ts';
import { planCell } from './plan.ts';
import { cellKey, POLICY_TYPES, readPolicy, type SlicePolicy } from './policy.ts';
import { createRateRule } from './rate.ts';
import { answerOf, targetsOf } from './status.ts';

export const SLICE_PRB = 'slice-prb';
const MOST_CELLS = 10_000;

export type Count = (
  what: 'policyRequests' | 'controls' | 'acknowledged' | 'failed' | 'indications' | 'forecasts',
  by?: number,
) => void;

/** Policies to PRB ratios: one control per cell with all its slices, answered by what the RAN acknowledged. */
export interface SlicePrb {
  policyRequest(request: RicMessages['A1_POLICY_REQ']): void;
  nodeConnected(message: RicMessages['RIC_E2_SETUP_RESP']): void;
  nodeLost(message: RicMessages['RIC_SCTP_CONNECTION_FAILURE']): void;
  controlDone(xid: string, failure?: { cause: Cause; outcome: string | undefined }): void;
  /** New measurements of a cell. */
  measured(
    key: string,
    slices: readonly { snssai: string; volumeKbit: number; prbUsed: number; seconds: number }[],
  ): void;
  /** True when no change waits and no control is under way. */
  readonly idle: boolean;
  readonly sizes: { readonly policies: number; readonly cells: number; readonly connectedCells: number };
  stop(): void;
}

export function createSlicePrb(
  config: XappsConfig,
  { bus, log, count, onIdle }: { bus: Bus<RicMessages>; log: Log; count: Count; onIdle: () => void },
): SlicePrb {
  const policies = new Map<string, SlicePolicy>();
  const answered = new Map<string, string>();
  const cells = new Map<string, Cell>();
  const flights = new Map<string, Cell>();
  const rates = createRateRule();
  let dirtyCells = 0;

  const isIdle = () => dirtyCells === 0 && flights.size === 0;
  const setDirty = (cell: Cell, dirty: boolean) => {
    if (cell.dirty === dirty) return;
    cell.dirty = dirty;
    dirtyCells += dirty ? 1 : -1;
  };

  const answer = (policy: SlicePolicy) => {
    const found = answerOf(policy, cells);
    if (!found) return;
    const said = JSON.stringify([policy.revision, found]);
    if (answered.get(policy.id) === said) return;
    answered.set(policy.id, said);
    bus.send('A1_POLICY_RESP', {
      policy_type_id: policy.typeId,
      policy_instance_id: policy.id,
      revision: policy.revision,
      handler_id: SLICE_PRB,
      ...found,
    });
  };
  const refuse = (
    { policy_type_id, policy_instance_id, revision }: RicMessages['A1_POLICY_REQ'],
    enforceReason: 'STATEMENT_NOT_APPLICABLE' | 'OTHER_REASON',
    detail: string,
  ) =>
    bus.send('A1_POLICY_RESP', {
      policy_type_id,
      policy_instance_id,
      revision,
      handler_id: SLICE_PRB,
      status: { enforceStatus: 'NOT_ENFORCED', enforceReason },
      detail,
    });
  const policiesOf = (cell: Cell) =>
    [...policies.values()].filter(
      (policy) =>
        policy.plmn === cell.plmn &&
        cell.slices.includes(policy.snssai) &&
        (policy.cells === undefined || policy.cells.includes(cell.key)),
    );

  const arm = (cell: Cell, ms: number) => {
    clearTimeout(cell.timer);
    cell.timer = setTimeout(() => enforce(cell), ms);
  };
  /** Changes that come while one waits, or while a control is under way, go out together. */
  const schedule = (cell: Cell) => {
    if (!cell.connected || cell.dirty) return;
    setDirty(cell, true);
    if (!cell.flight) arm(cell, config.coalesceMs);
  };
  const planOf = (cell: Cell, concerned: readonly SlicePolicy[]) =>
    planCell(cell.slices, concerned, (policy) => {
      const { statement } = policy;
      if (statement.kind === 'ratio') return statement.ratio;
      if (statement.kind === 'unsupported') return statement.detail;
      return rates.derive(policy, cell, targetsOf(policy, cells));
    });

  const enforce = (cell: Cell) => {
    cell.timer = undefined;
    setDirty(cell, false);
    if (!cell.connected || cell.flight) return settle();
    const concerned = policiesOf(cell);
    const plan = planOf(cell, concerned);
    const list = JSON.stringify(plan.ratios);
    const flight: Flight = {
      xid: randomUUID(),
      plan,
      list,
      revisions: new Map(concerned.map(({ id, revision }) => [id, revision])),
    };
    const needed = concerned.length > 0 || cell.touched;
    if (!needed || cell.acknowledged === list) return done(cell, flight);
    if (cell.rcFunctionID === undefined) return failed(cell, flight, 'the E2 node offers no RAN control');
    cell.flight = flight;
    cell.touched = true;
    cell.acknowledged = undefined;
    flights.set(flight.xid, cell);
    // Refusals do not wait for the RAN: they are not in what it is asked for.
    record(cell, flight, undefined);
    count('controls');
    bus.send('RIC_CONTROL_REQ', {
      meid: cell.meid,
      xid: flight.xid,
      ranFunctionID: cell.rcFunctionID,
      ...controlOf(cell, plan.ratios),
    });
  };

  /** Writes down what became of the plan's policies in this cell and answers those whose status is now known. */
  const record = (cell: Cell, { plan, revisions }: Flight, granted: Omit<CellOutcome, 'revision'> | undefined) => {
    for (const [id, verdict] of plan.verdicts) {
      const revision = revisions.get(id) ?? 0;
      if (verdict.kind === 'refused')
        cell.outcomes.set(id, { revision, state: 'refused', reason: verdict.reason, detail: verdict.detail });
      else if (verdict.kind === 'superseded') cell.outcomes.set(id, { revision, state: 'superseded', detail: '' });
      else if (granted) cell.outcomes.set(id, { revision, ...granted });
    }
    for (const id of plan.verdicts.keys()) {
      const policy = policies.get(id);
      if (policy) answer(policy);
    }
  };
  const done = (cell: Cell, flight: Flight) => {
    record(cell, flight, { state: 'enforced', detail: '' });
    settle();
  };
  const failed = (cell: Cell, flight: Flight, detail: string) => {
    record(cell, flight, { state: 'refused', reason: 'OTHER_REASON', detail });
    settle();
  };
  const settle = () => {
    if (isIdle()) onIdle();
  };

  const remove = (id: string) => {
    const policy = policies.get(id);
    if (!policy) return;
    policies.delete(id);
    answered.delete(id);
    rates.forget(id);
    for (const cell of targetsOf(policy, cells)) {
      cell.outcomes.delete(id);
      schedule(cell);
    }
  };

  return {
    get idle() {
      return isIdle();
    },
    get sizes() {
      const connectedCells = [...cells.values()].filter((cell) => cell.connected).length;
      return { policies: policies.size, cells: cells.size, connectedCells };
    },
    policyRequest(request) {
      if (!(POLICY_TYPES as readonly string[]).includes(request.policy_type_id)) return;
      count('policyRequests');
      if (request.operation === 'DELETE') return remove(request.policy_instance_id);
      const before = policies.get(request.policy_instance_id);
      if (before && before.revision > request.revision) return;
      let policy: SlicePolicy;
      try {
        policy = readPolicy(request);
      } catch (error) {
        remove(request.policy_instance_id);
        return refuse(request, 'STATEMENT_NOT_APPLICABLE', asRanloopError(error).message);
      }
      if (!before && policies.size >= config.maxPolicies)
        return refuse(request, 'OTHER_REASON', `more than ${config.maxPolicies} policies`);
      // A change of scope leaves cells behind; they must be told too.
      const affected = new Set(before ? targetsOf(before, cells) : []);
      policies.delete(policy.id);
      policies.set(policy.id, policy);
      answered.delete(policy.id);
      for (const cell of targetsOf(policy, cells)) affected.add(cell);
      for (const cell of affected) schedule(cell);
      answer(policy);
    },
    nodeConnected({ meid, node }) {
      const rc = node.gnb.ranFunctions.find(({ ranFunctionOid }) => ranFunctionOid === RC_FUNCTION.oid);
      const fresh = new Set(node.gnb.servedNrCells.map((served) => cellKey(plmnToOctets(served.plmn), served.ncI)));
      // Cells that the node no longer has are gone for good, not lost.
      for (const cell of [...cells.values()]) if (cell.meid === meid && !fresh.has(cell.key)) forget(cell);
      for (const served of node.gnb.servedNrCells) {
        const made = createCell(served, { meid, rcFunctionID: rc?.ranFunctionId });
        const known = cells.get(made.key);
        if (known?.connected && known.meid === meid) continue;
        if (known) forget(known);
        if (cells.size >= MOST_CELLS) {
          const oldest = [...cells.values()].find((cell) => !cell.connected);
          if (!oldest) continue;
          forget(oldest);
        }
        cells.set(made.key, known ? { ...made, radio: known.radio, touched: known.touched } : made);
      }
      for (const key of fresh) {
        const cell = cells.get(key);
        if (cell) schedule(cell);
      }
      for (const policy of policies.values()) answer(policy);
      settle();
    },
    nodeLost({ meid }) {
      for (const cell of cells.values()) {
        if (cell.meid !== meid) continue;
        cell.connected = false;
        cell.acknowledged = undefined;
        cell.outcomes.clear();
        clearTimeout(cell.timer);
        setDirty(cell, false);
        if (cell.flight) flights.delete(cell.flight.xid);
        cell.flight = undefined;
      }
      for (const policy of policies.values()) answer(policy);
      settle();
    },
    controlDone(xid, failure) {
      const cell = flights.get(xid);
      const flight = cell?.flight;
      flights.delete(xid);
      if (!cell || !flight) return;
      cell.flight = undefined;
      if (cell.dirty) arm(cell, config.coalesceMs);
      if (!failure) {
        count('acknowledged');
        cell.acknowledged = flight.list;
        return done(cell, flight);
      }
      count('failed');
      const detail = failureText(failure.cause, failure.outcome);
      log.warn({ node: cell.meid, cell: cell.key, detail }, 'control failed');
      if (!cell.dirty && worthAnotherTry(failure.cause)) arm(cell, config.retryMs);
      failed(cell, flight, detail);
    },
    measured(key, slices) {
      const cell = cells.get(key);
      if (!cell) return;
      count('indications');
      for (const { snssai, ...measured } of slices)
        if (cell.slices.includes(snssai)) cell.radio.observe(snssai, measured);
      const rated = policiesOf(cell).filter(({ statement }) => statement.kind === 'rate');
      if (rated.length === 0 || cell.flight || cell.dirty) return;
      // Only a ratio that moved beyond its hysteresis makes another list.
      const { ratios } = planOf(cell, policiesOf(cell));
      if (JSON.stringify(ratios) !== cell.acknowledged) schedule(cell);
    },
    stop() {
      for (const cell of cells.values()) clearTimeout(cell.timer);
    },
  };

  function forget(cell: Cell): void {
    clearTimeout(cell.timer);
    setDirty(cell, false);
    if (cell.flight) flights.delete(cell.flight.xid);
    cells.delete(cell.key);
  }
}
