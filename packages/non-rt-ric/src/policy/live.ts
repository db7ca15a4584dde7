import { randomBytes } from 'node:crypto';
import type { PolicyStatusObject } from '@ranloop/contracts/a1';
import type { PolicyRow } from './store.ts';

/** What is held of each policy between requests: its token, its newest status, and who waits for one. */
export interface LivePolicy {
  readonly policyId: string;
  /** Part of the callback address given to the RIC: who knows it may report on this policy, and on no other. */
  readonly token: string;
  /** Undefined since the last change of the policy until the RIC reports. */
  status: PolicyStatusObject | undefined;
  /** As it is stored; undefined until the RIC has taken it for the first time. */
  row: PolicyRow | undefined;
  /** The last refusal that was recorded while bringing it back, so that it is told once. */
  lastFailure: string;
  readonly waiters: Set<() => void>;
}

export interface LivePolicies {
  readonly size: number;
  add(policyId: string, row?: PolicyRow): LivePolicy;
  get(policyId: string): LivePolicy | undefined;
  byToken(token: string): LivePolicy | undefined;
  remove(policyId: string): void;
  report(policy: LivePolicy, status: PolicyStatusObject): void;
  /** Resolves at the next report, when the time is over, when the policy goes, or when `signal` aborts. */
  waitForReport(policy: LivePolicy, milliseconds: number, signal: AbortSignal): Promise<void>;
}

export function createLivePolicies(): LivePolicies {
  const policies = new Map<string, LivePolicy>();
  const tokens = new Map<string, LivePolicy>();
  const wake = (policy: LivePolicy) => {
    for (const waiter of [...policy.waiters]) waiter();
  };
  return {
    get size() {
      return policies.size;
    },
    add(policyId, row) {
      const policy: LivePolicy = {
        policyId,
        token: row?.callback_token ?? randomBytes(24).toString('base64url'),
        status: row?.status ?? undefined,
        row,
        lastFailure: '',
        waiters: new Set(),
      };
      policies.set(policyId, policy);
      tokens.set(policy.token, policy);
      return policy;
    },
    get: (policyId) => policies.get(policyId),
    byToken: (token) => tokens.get(token),
    remove(policyId) {
      const policy = policies.get(policyId);
      if (!policy) return;
      policies.delete(policyId);
      tokens.delete(policy.token);
      wake(policy);
    },
    report(policy, status) {
      policy.status = status;
      wake(policy);
    },
    waitForReport: (policy, milliseconds, signal) =>
      new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer);
          policy.waiters.delete(done);
          signal.removeEventListener('abort', done);
          resolve();
        };
        const timer = setTimeout(done, milliseconds);
        policy.waiters.add(done);
        signal.addEventListener('abort', done);
        if (signal.aborted) done();
      }),
  };
}
