import { asRanloopError, RanloopError } from '@ranloop/contracts/errors';
import type { PrbRatio } from '@ranloop/contracts/r1';
import type { Log } from '@ranloop/kit/log';
import type { PolicyClient } from '@ranloop/sdk/r1';
import { cellFacts, POLICY_TYPE, policyIdOf, policyObject, ratioOf, SERVICE_ID } from './cells.ts';
import type { SliceAssuranceConfig } from './config.ts';

/** One change of one policy; without `after` the policy is deleted. */
export interface Change {
  readonly dn: string;
  readonly snssai: string;
  readonly before: PrbRatio | undefined;
  readonly after: PrbRatio | undefined;
  readonly guaranteed: number;
}

export interface Outcome {
  readonly policyId: string;
  /** ENFORCED, NOT_ENFORCED, DELETED, or FAILED when the RIC did not take it. */
  readonly enforceStatus: 'ENFORCED' | 'NOT_ENFORCED' | 'DELETED' | 'FAILED';
}

export interface Actuator {
  /** Whether a RIC takes policies for the cell now; a text says why not. */
  look(): Promise<string | undefined>;
  /** The ratios that policies of an earlier run still hold, by policy id. */
  adopt(): Promise<ReadonlyMap<string, PrbRatio>>;
  /** Sends changes and waits for what the RIC makes of them; in the order given. */
  apply(changes: readonly Change[]): Promise<Outcome[]>;
}

export function createActuator(
  client: PolicyClient,
  { config, log }: { config: () => SliceAssuranceConfig; log: Log },
): Actuator {
  const existing = new Set<string>();
  const ricsByElement = new Map<string, string>();
  let anyRic: string | undefined;

  function ricOf(dn: string): string {
    const ric = ricsByElement.get(cellFacts(config(), dn).managedElement) ?? config().ricId ?? anyRic;
    if (ric !== undefined) return ric;
    throw new RanloopError('RL_UPSTREAM', `no Near-RT RIC takes ${POLICY_TYPE} for ${dn}`);
  }

  async function put(change: Change & { after: PrbRatio }): Promise<string> {
    const policyId = policyIdOf(change.dn, change.snssai);
    const object = { ...policyObject(config(), { ...change, ratio: change.after }) };
    if (existing.has(policyId)) {
      try {
        await client.put(policyId, object);
        return policyId;
      } catch (error) {
        if (asRanloopError(error).code !== 'RL_NOT_FOUND') throw error;
        existing.delete(policyId);
      }
    }
    const request = {
      nearRtRicId: ricOf(change.dn),
      policyTypeId: POLICY_TYPE,
      policyId,
      policyObject: object,
      serviceId: SERVICE_ID,
    };
    try {
      await client.create(request);
    } catch (error) {
      if (asRanloopError(error).code !== 'RL_CONFLICT') throw error;
      await client.put(policyId, object);
    }
    existing.add(policyId);
    return policyId;
  }

  async function remove(policyId: string): Promise<void> {
    try {
      await client.delete(policyId);
    } catch (error) {
      if (asRanloopError(error).code !== 'RL_NOT_FOUND') throw error;
    }
    existing.delete(policyId);
  }

  async function send(change: Change): Promise<boolean> {
    try {
      if (change.after) await put({ ...change, after: change.after });
      else await remove(policyIdOf(change.dn, change.snssai));
      return true;
    } catch (error) {
      log.warn({ err: asRanloopError(error), cell: change.dn, snssai: change.snssai }, 'the policy was not taken');
      return false;
    }
  }

  async function outcome(change: Change, taken: boolean): Promise<Outcome> {
    const policyId = policyIdOf(change.dn, change.snssai);
    if (!taken) return { policyId, enforceStatus: 'FAILED' };
    if (!change.after) return { policyId, enforceStatus: 'DELETED' };
    try {
      const status = await client.status(policyId, { waitSeconds: config().enforceSeconds });
      return { policyId, enforceStatus: status.enforceStatus };
    } catch (error) {
      log.warn({ err: asRanloopError(error), policyId }, 'the status of the policy is not known');
      return { policyId, enforceStatus: 'NOT_ENFORCED' };
    }
  }

  return {
    async look() {
      const rics = await client.rics().catch(() => []);
      const fit = rics.filter(
        ({ state, policyTypeIds }) => state !== 'UNAVAILABLE' && policyTypeIds.includes(POLICY_TYPE),
      );
      ricsByElement.clear();
      for (const { ricId, managedElementIds } of fit) for (const id of managedElementIds) ricsByElement.set(id, ricId);
      anyRic = fit[0]?.ricId;
      return fit.length > 0 ? undefined : `no Near-RT RIC is available that takes policies of type ${POLICY_TYPE}`;
    },
    async adopt() {
      const found = new Map<string, PrbRatio>();
      for (const { policyId } of await client.list({ serviceId: SERVICE_ID, policyTypeId: POLICY_TYPE })) {
        existing.add(policyId);
        const ratio = ratioOf(await client.get(policyId));
        if (ratio) found.set(policyId, ratio);
      }
      return found;
    },
    async apply(changes) {
      // What shrinks goes first: the minima of a cell must at no moment add up to more than the cell, or the RIC
      // refuses the one that comes last.
      const shrinks = ({ before, after }: Change) => before !== undefined && (after?.min ?? 0) < before.min;
      const taken = new Map<Change, boolean>();
      const wave = async (part: readonly Change[]) => {
        await Promise.all(part.map(async (change) => taken.set(change, await send(change))));
      };
      await wave(changes.filter(shrinks));
      await wave(changes.filter((change) => !shrinks(change)));
      return Promise.all(changes.map((change) => outcome(change, taken.get(change) === true)));
    },
  };
}
