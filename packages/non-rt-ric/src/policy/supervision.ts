import { asRanloopError } from '@ranloop/contracts/errors';
import type { Log } from '@ranloop/kit/log';
import { mapBounded } from './locks.ts';
import { callbackAddress, type PolicyParts, refusalOf } from './policies.ts';
import type { Ric } from './rics.ts';
import { isSettled } from './status.ts';
import type { PolicyRow } from './store.ts';

export interface Supervision {
  /** Checks one RIC now, and mends what differs. */
  check(ric: Ric): Promise<void>;
  /** Looks for a RIC soon, since it could not be reached. */
  hurry(ric: Ric): void;
  start(): void;
  stop(): Promise<void>;
}

interface SupervisionParts extends PolicyParts {
  readonly log: Log;
  readonly supervisionSeconds: number;
  /** Called when a RIC is there that was not. */
  readonly onAvailable: (ric: Ric) => Promise<void>;
}

/** A RIC that is away is looked for this often. */
const AWAY_MS = 500;
const WIDTH = 8;

/**
 * Keeps the policies at each RIC equal to ours, in number, name and content. What a RIC lost, for whatever reason, is
 * sent again; what it refuses then stays ours and is told in its history. A transient policy that a RIC lost ends.
 * Policies that a RIC has and we never made are taken off it.
 */
export function createSupervision(parts: SupervisionParts): Supervision {
  const { store, live, rics, locks, log, signal } = parts;
  const timers = new Map<Ric, NodeJS.Timeout>();
  const underWay = new Set<Promise<void>>();

  async function check(ric: Ric): Promise<void> {
    const wasAway = ric.state === 'UNAVAILABLE';
    try {
      await rics.readTypes(ric, { all: wasAway });
      ric.state = wasAway ? 'SYNCHRONIZING' : 'CONSISTENCY_CHECK';
      const pairs = new Map<string, string>();
      for (const typeId of ric.types.keys())
        for (const policyId of await ric.client.policyIds(typeId)) pairs.set(policyId, typeId);
      for (const row of await store.list({ ricId: ric.config.ricId })) pairs.set(row.policy_id, row.policy_type_id);
      await mapBounded([...pairs], WIDTH, ([policyId, typeId]) =>
        locks.run(policyId, () => reconcile(ric, { policyId, typeId })),
      );
      ric.state = 'AVAILABLE';
    } catch (error) {
      ric.state = 'UNAVAILABLE';
      if (!wasAway && !signal.aborted) log.warn({ ric: ric.config.ricId, err: error }, 'Near-RT RIC is unavailable');
      return;
    }
    if (wasAway) {
      log.info({ ric: ric.config.ricId, types: [...ric.types.keys()] }, 'Near-RT RIC is available');
      await parts.onAvailable(ric);
    }
  }

  /** Under the policy's lock, so that a change under way cannot be taken for a difference. */
  async function reconcile(ric: Ric, { policyId, typeId }: { policyId: string; typeId: string }): Promise<void> {
    const row = await store.find(policyId);
    const there = await ric.client.policy(typeId, policyId);
    if (row && row.ric_id === ric.config.ricId) {
      if (there === undefined) await bringBack(ric, row, 'sent again: the RIC had lost it');
      else if (!sameJson(there, row.policy_object))
        await bringBack(ric, row, 'sent again: its content differed at the RIC');
      else await refreshStatus(ric, row);
      return;
    }
    if (there === undefined) return;
    const { httpStatus } = await ric.client.delete({ typeId, policyId });
    log.warn({ ric: ric.config.ricId, policyId, httpStatus }, 'took a policy off the RIC that was not made here');
  }

  async function bringBack(ric: Ric, row: PolicyRow, detail: string): Promise<void> {
    const { policy_id: policyId, policy_object: policyObject } = row;
    const time = new Date();
    if (row.transient) {
      await store.save(
        { ...row, deleted_at: time },
        { policyId, time, kind: 'DELETED', detail: 'transient, and the RIC lost it' },
      );
      live.remove(policyId);
      return;
    }
    const policy = live.get(policyId);
    if (policy) policy.status = undefined;
    const answer = await ric.client.put(
      { typeId: row.policy_type_id, policyId },
      policyObject,
      callbackAddress(parts.callbackBaseUrl, row.callback_token),
    );
    const { httpStatus } = answer;
    if (httpStatus >= 200 && httpStatus <= 299) {
      if (policy) policy.lastFailure = '';
      const status = policy?.status ?? null;
      const stored = { ...row, status, status_time: status ? time : null };
      if (policy) policy.row = stored;
      await store.save(stored, { policyId, time, kind: 'UPDATED', httpStatus, policyObject, detail });
      return;
    }
    const refusal = refusalOf(ric, answer).message;
    if (policy?.lastFailure === refusal) return;
    if (policy) policy.lastFailure = refusal;
    await store.record({ policyId, time, kind: 'FAILED', httpStatus, detail: `${detail}; ${refusal}` });
  }

  async function refreshStatus(ric: Ric, row: PolicyRow): Promise<void> {
    const policy = live.get(row.policy_id);
    if (!policy || policy.status) return;
    const status = await ric.client.status({ typeId: row.policy_type_id, policyId: row.policy_id });
    if (!status || !isSettled(status) || policy.status) return;
    const time = new Date();
    policy.row = { ...row, status, status_time: time };
    live.report(policy, status);
    await store.setStatus(row.policy_id, status, { policyId: row.policy_id, time, kind: 'STATUS', status });
  }

  function schedule(ric: Ric, delay: number): void {
    if (signal.aborted) return;
    timers.set(
      ric,
      setTimeout(() => {
        timers.delete(ric);
        const work = check(ric)
          .catch((error: unknown) => log.error({ err: asRanloopError(error), ric: ric.config.ricId }, 'supervision'))
          .finally(() => {
            underWay.delete(work);
            const pause = parts.supervisionSeconds * 1_000;
            schedule(ric, ric.state === 'UNAVAILABLE' ? Math.min(AWAY_MS, pause) : pause);
          });
        underWay.add(work);
      }, delay),
    );
  }

  return {
    check,
    hurry(ric) {
      // While a check is under way no timer runs, and the check will see for itself.
      if (!timers.has(ric)) return;
      clearTimeout(timers.get(ric));
      schedule(ric, Math.min(AWAY_MS, parts.supervisionSeconds * 1_000));
    },
    start: () => {
      for (const ric of rics.all) schedule(ric, 0);
    },
    async stop() {
      for (const timer of timers.values()) clearTimeout(timer);
      await Promise.all(underWay);
    },
  };
}

/** Equal as JSON values: the order of keys means nothing. */
function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length && keys.every((key) => key in right && sameJson(left[key], right[key]))
  );
}
