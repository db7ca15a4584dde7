import { randomUUID } from 'node:crypto';
import type { PolicyStatusObject } from '@ranloop/contracts/a1';
import { asRanloopError, type ErrorCode, type FieldProblem, RanloopError } from '@ranloop/contracts/errors';
import { type PolicyHistory, type PolicyRequest, R1_POLICY } from '@ranloop/contracts/r1';
import type { A1Answer } from './a1-client.ts';
import type { LivePolicies, LivePolicy } from './live.ts';
import type { Locks } from './locks.ts';
import { type Ric, type Rics, requireAvailable } from './rics.ts';
import { isSettled } from './status.ts';
import type { NewEvent, PolicyRow, PolicyStore } from './store.ts';

export const CALLBACKS = `${R1_POLICY}/callbacks`;

export interface PolicyParts {
  readonly store: PolicyStore;
  readonly live: LivePolicies;
  readonly rics: Rics;
  readonly locks: Locks;
  readonly callbackBaseUrl: string;
  readonly mostPolicies: number;
  readonly signal: AbortSignal;
  /** Called when a RIC could not be reached. */
  readonly onAway: (ric: Ric) => void;
}

export interface StatusAnswer extends PolicyStatusObject {
  readonly lastModified: string;
  readonly status: PolicyStatusObject;
}

export interface Policies {
  create(request: PolicyRequest): Promise<PolicyRequest & { policyId: string }>;
  update(policyId: string, policyObject: Record<string, unknown>): Promise<void>;
  remove(policyId: string): Promise<void>;
  status(policyId: string, waitSeconds: number): Promise<StatusAnswer>;
  history(policyId: string): Promise<PolicyHistory>;
  find(policyId: string): Promise<PolicyRow>;
  /** A status that came in on the callback address of `token`; false when there is no such address. */
  reported(token: string, status: PolicyStatusObject): Promise<boolean>;
}

/** How often a RIC that does not call back is asked while someone waits. */
const ASK_MS = 1_000;
const PENDING: PolicyStatusObject = { enforceStatus: 'NOT_ENFORCED', enforceReason: 'OTHER_REASON' };

export function createPolicies(parts: PolicyParts): Policies {
  const { store, live, rics, locks } = parts;

  const find = async (policyId: string) => {
    const row = live.get(policyId)?.row;
    if (row) return row;
    throw new RanloopError('RL_NOT_FOUND', `no policy ${policyId}`);
  };
  const failed = async (policyId: string, time: Date, what: { detail: string; httpStatus?: number }) =>
    store.record({ policyId, time, kind: 'FAILED', ...what });

  /** A RIC that cannot be reached is unavailable from now on; supervision finds out when it is back. */
  async function reach(
    ric: Ric,
    { policyId, time }: { policyId: string; time: Date },
    call: () => Promise<A1Answer>,
  ): Promise<A1Answer> {
    try {
      return await call();
    } catch (error) {
      ric.state = 'UNAVAILABLE';
      parts.onAway(ric);
      await failed(policyId, time, { detail: asRanloopError(error).message });
      throw error;
    }
  }

  async function send(ric: Ric, row: PolicyRow, kind: 'CREATED' | 'UPDATED'): Promise<void> {
    const time = new Date();
    const answer = await reach(ric, { policyId: row.policy_id, time }, () =>
      ric.client.put(
        { typeId: row.policy_type_id, policyId: row.policy_id },
        row.policy_object,
        callbackAddress(parts.callbackBaseUrl, row.callback_token),
      ),
    );
    const { httpStatus } = answer;
    if (httpStatus < 200 || httpStatus > 299) {
      const refusal = refusalOf(ric, answer);
      await failed(row.policy_id, time, { detail: refusal.message, httpStatus });
      throw refusal;
    }
    // A quick RIC reports before its answer to the PUT has arrived here.
    const policy = live.get(row.policy_id);
    const status = policy?.status ?? null;
    const stored = { ...row, status, status_time: status ? new Date() : null };
    await store.save(stored, { policyId: row.policy_id, time, kind, httpStatus, policyObject: row.policy_object });
    if (policy) policy.row = stored;
  }

  async function ask(row: PolicyRow, policy: LivePolicy): Promise<PolicyStatusObject | undefined> {
    const ric = rics.get(row.ric_id);
    const status = await ric.client
      .status({ typeId: row.policy_type_id, policyId: row.policy_id })
      .catch(() => undefined);
    if (status && isSettled(status) && !policy.status) await settle(policy, status, 'the RIC said so when asked');
    return policy.status ?? status;
  }

  async function settle(policy: LivePolicy, status: PolicyStatusObject, detail?: string): Promise<void> {
    live.report(policy, status);
    const time = new Date();
    if (policy.row) policy.row = { ...policy.row, status, status_time: time };
    const event: NewEvent = { policyId: policy.policyId, time, kind: 'STATUS', status };
    await store.setStatus(policy.policyId, status, detail === undefined ? event : { ...event, detail });
  }

  return {
    find,
    async create(request) {
      const { nearRtRicId, policyTypeId, policyObject, serviceId = '', transient = false } = request;
      const policyId = request.policyId ?? randomUUID();
      const ric = rics.get(nearRtRicId);
      requireAvailable(ric);
      (await rics.type(ric, policyTypeId)).check(policyObject, '/policyObject');
      await locks.run(policyId, async () => {
        if (live.get(policyId))
          throw new RanloopError('RL_CONFLICT', `policy ${policyId} exists already`, {
            fields: [{ path: '/policyId', problem: 'names a policy that exists' }],
          });
        if (live.size >= parts.mostPolicies)
          throw new RanloopError('RL_BUSY', `there are ${live.size} policies, which is the most allowed`);
        const { token } = live.add(policyId);
        const row: PolicyRow = {
          policy_id: policyId,
          ric_id: nearRtRicId,
          policy_type_id: policyTypeId,
          service_id: serviceId,
          transient,
          policy_object: policyObject,
          callback_token: token,
          status: null,
          status_time: null,
          created_at: new Date(),
          deleted_at: null,
        };
        await send(ric, row, 'CREATED').catch((error: unknown) => {
          live.remove(policyId);
          throw error;
        });
      });
      return { ...request, policyId };
    },

    async update(policyId, policyObject) {
      await locks.run(policyId, async () => {
        const row = await find(policyId);
        const ric = rics.get(row.ric_id);
        requireAvailable(ric);
        (await rics.type(ric, row.policy_type_id)).check(policyObject, '');
        const policy = live.get(policyId);
        const before = policy?.status;
        if (policy) policy.status = undefined;
        await send(ric, { ...row, policy_object: policyObject }, 'UPDATED').catch((error: unknown) => {
          if (policy && !policy.status) policy.status = before;
          throw error;
        });
      });
    },

    async remove(policyId) {
      await locks.run(policyId, async () => {
        const row = await find(policyId);
        const ric = rics.get(row.ric_id);
        requireAvailable(ric);
        const time = new Date();
        const answer = await reach(ric, { policyId, time }, () =>
          ric.client.delete({ typeId: row.policy_type_id, policyId }),
        );
        const { httpStatus } = answer;
        // 404: the RIC has forgotten it, which is what was asked for.
        if (httpStatus !== 404 && (httpStatus < 200 || httpStatus > 299)) {
          const refusal = refusalOf(ric, answer);
          await failed(policyId, time, { detail: refusal.message, httpStatus });
          throw refusal;
        }
        await store.save({ ...row, deleted_at: time }, { policyId, time, kind: 'DELETED', httpStatus });
        live.remove(policyId);
      });
    },

    async status(policyId, waitSeconds) {
      const row = await find(policyId);
      const policy = live.get(policyId);
      if (!policy) throw new RanloopError('RL_NOT_FOUND', `no policy ${policyId}`);
      const until = performance.now() + waitSeconds * 1_000;
      let said = policy.status;
      for (;;) {
        const left = until - performance.now();
        if (!policy.status && left > 0) await live.waitForReport(policy, Math.min(left, ASK_MS), parts.signal);
        said = policy.status ?? (await ask(row, policy));
        const gone = live.get(policyId) !== policy || parts.signal.aborted;
        if (policy.status || gone || performance.now() >= until) break;
      }
      const status = said ?? PENDING;
      const { status_time, created_at } = policy.row ?? row;
      return { ...status, lastModified: (status_time ?? created_at).toISOString(), status };
    },

    async history(policyId) {
      const row = await store.find(policyId, { deleted: true });
      const events = await store.events(policyId);
      if (!row) throw new RanloopError('RL_NOT_FOUND', `no policy ${policyId}`);
      return {
        policyId,
        nearRtRicId: row.ric_id,
        policyTypeId: row.policy_type_id,
        serviceId: row.service_id,
        events,
      };
    },

    async reported(token, status) {
      const policy = live.byToken(token);
      if (!policy) return false;
      await settle(policy, status);
      return true;
    },
  };
}

export function callbackAddress(base: string, token: string): string {
  return `${base.replace(/\/+$/, '')}${CALLBACKS}/${token}`;
}

const BY_STATUS: Readonly<Record<number, ErrorCode>> = { 400: 'RL_INVALID', 404: 'RL_NOT_FOUND', 409: 'RL_CONFLICT' };

/** The RIC's refusal in its own words; its body may be problem details, text, or nothing. */
export function refusalOf(ric: Ric, { httpStatus, body }: A1Answer): RanloopError {
  const problem = (typeof body === 'object' && body !== null ? body : {}) as {
    title?: unknown;
    detail?: unknown;
    fields?: unknown;
  };
  const words = [problem.detail, problem.title, body].find((value) => typeof value === 'string') ?? 'no reason given';
  const fields = Array.isArray(problem.fields) ? (problem.fields as unknown[]).filter(isField).slice(0, 20) : [];
  return new RanloopError(
    BY_STATUS[httpStatus] ?? 'RL_UPSTREAM',
    `RIC ${ric.config.ricId} answered ${httpStatus}: ${String(words).slice(0, 500)}`,
    { fields },
  );
}

function isField(value: unknown): value is FieldProblem {
  const { path, problem } = (value ?? {}) as Record<string, unknown>;
  return typeof path === 'string' && typeof problem === 'string';
}
