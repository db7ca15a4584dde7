import type { PolicyStatusObject } from '@ranloop/contracts/a1';
import { asRanloopError, RanloopError } from '@ranloop/contracts/errors';
import type { RicMessages, RicPolicies } from '@ranloop/contracts/ric';
import type { Bus } from '@ranloop/kit/bus';
import type { Log } from '@ranloop/kit/log';
import type { Notifier } from './notifier.ts';
import { type PolicyRow, type PolicyStore, type PutOutcome, statusOf } from './store.ts';
import type { PolicyType } from './types.ts';

/** The life of policies: durable first, then handed to the xApps, and their status as the xApps answer. */
export interface Policies {
  typeOf(typeId: string): PolicyType;
  put(
    typeId: string,
    policyId: string,
    given: { body: unknown; notificationDestination: string | undefined },
  ): Promise<PutOutcome>;
  get(typeId: string, policyId: string): Promise<PolicyRow>;
  status(typeId: string, policyId: string): Promise<PolicyStatusObject>;
  ids(typeId: string): Promise<string[]>;
  remove(typeId: string, policyId: string): Promise<void>;
  overview(limit: number): Promise<RicPolicies>;
  /** Hands all policies, or those of a type, to the xApps as if they were new. */
  resend(typeId?: string): Promise<void>;
  answered(response: RicMessages['A1_POLICY_RESP']): void;
  /** Resolves when every answer that has come is stored. */
  settled(): Promise<void>;
  /** Stores what is left, with one try. */
  stop(): Promise<void>;
}

const STORE_RETRY_MS = 500;

export function createPolicies({
  types,
  store,
  bus,
  log,
  notifier,
  maxPolicies,
}: {
  types: ReadonlyMap<string, PolicyType>;
  store: PolicyStore;
  bus: Bus<RicMessages>;
  log: Log;
  notifier: Notifier;
  maxPolicies: number;
}): Policies {
  /** The newest answer for each policy that is not stored yet; written together, one statement at a time. */
  const answers = new Map<string, RicMessages['A1_POLICY_RESP']>();
  let writing: Promise<void> = Promise.resolve();
  let busy = false;
  let stopped = false;

  const send = (operation: 'CREATE' | 'UPDATE' | 'DELETE', row: PolicyRow) =>
    bus.send('A1_POLICY_REQ', {
      operation,
      policy_type_id: row.type_id,
      policy_instance_id: row.policy_id,
      revision: row.revision,
      payload: row.body,
    });

  /** Requests for one policy run one after the other, so that the xApps hear of them in the order of the store. */
  const turns = new Map<string, Promise<unknown>>();
  const inTurn = <T>(policyId: string, work: () => Promise<T>): Promise<T> => {
    const run = (turns.get(policyId) ?? Promise.resolve()).then(work, work);
    const over = run
      .catch(() => undefined)
      .then(() => {
        if (turns.get(policyId) === over) turns.delete(policyId);
      });
    turns.set(policyId, over);
    return run;
  };

  const drain = async () => {
    while (answers.size > 0) {
      const batch = new Map(answers);
      answers.clear();
      const changes = [...batch.values()].map((answer) => ({ policyId: answer.policy_instance_id, ...answer }));
      try {
        for (const row of await store.setStatuses(changes))
          if (row.notification_destination) notifier.notify(row.policy_id, row.notification_destination, statusOf(row));
      } catch (error) {
        log.error({ err: asRanloopError(error), policies: changes.length }, 'policy status could not be stored');
        if (stopped) return;
        // The xApps will not say it again: what they said stays, unless they have said something newer meanwhile.
        for (const [policyId, answer] of batch) if (!answers.has(policyId)) answers.set(policyId, answer);
        await new Promise((resolve) => setTimeout(resolve, STORE_RETRY_MS));
      }
    }
  };

  const typeOf = (typeId: string): PolicyType => {
    const type = types.get(typeId);
    if (!type) throw new RanloopError('RL_NOT_FOUND', `no policy type ${typeId}`);
    return type;
  };
  const get = async (typeId: string, policyId: string) => {
    const row = await store.get(typeOf(typeId).id, policyId);
    if (!row) throw new RanloopError('RL_NOT_FOUND', `no policy ${policyId} of type ${typeId}`);
    return row;
  };

  return {
    typeOf,
    get,
    async put(typeId, policyId, { body, notificationDestination }) {
      const type: PolicyType = typeOf(typeId);
      type.check(body);
      const scopeKey = type.scopeKey(body);
      return inTurn(policyId, async () => {
        const outcome = await store.put({ policyId, typeId, scopeKey, body, notificationDestination }, maxPolicies);
        if (outcome !== 'full') send(outcome.created ? 'CREATE' : 'UPDATE', outcome.row);
        return outcome;
      });
    },
    status: async (typeId, policyId) => statusOf(await get(typeId, policyId)),
    ids: (typeId) => store.ids(typeOf(typeId).id),
    async remove(typeId, policyId) {
      const { id } = typeOf(typeId);
      await inTurn(policyId, async () => {
        const row = await store.remove(id, policyId);
        if (!row) throw new RanloopError('RL_NOT_FOUND', `no policy ${policyId} of type ${typeId}`);
        answers.delete(policyId);
        notifier.forget(policyId);
        send('DELETE', row);
      });
    },
    async overview(limit) {
      const { rows, total } = await store.newest(limit);
      return {
        total,
        policies: rows.map((row) => ({
          policyId: row.policy_id,
          policyTypeId: row.type_id,
          policyObject: row.body,
          status: statusOf(row),
          detail: row.detail,
          created: row.created_at.toISOString(),
          lastModified: row.updated_at.toISOString(),
        })),
      };
    },
    async resend(typeId) {
      for (const row of await store.list(typeId)) send('CREATE', row);
    },
    answered(response) {
      answers.set(response.policy_instance_id, response);
      if (busy) return;
      busy = true;
      writing = drain().finally(() => {
        busy = false;
      });
    },
    async settled() {
      while (busy) await writing;
    },
    async stop() {
      stopped = true;
      await writing;
    },
  };
}
