import type { PolicyTypeObject } from '@ranloop/contracts/a1';
import { RanloopError } from '@ranloop/contracts/errors';
import type { RicInfo } from '@ranloop/contracts/r1';
import { type A1Client, createA1Client } from './a1-client.ts';
import type { PolicyConfig, RicConfig } from './config.ts';
import { type PolicyCheck, policyCheck } from './validate.ts';

export interface PolicyType {
  readonly object: PolicyTypeObject;
  readonly check: PolicyCheck;
}

/** One Near-RT RIC as last seen. */
export interface Ric {
  readonly config: RicConfig;
  readonly client: A1Client;
  state: RicInfo['state'];
  readonly types: Map<string, PolicyType>;
}

export interface Rics {
  readonly all: readonly Ric[];
  get(ricId: string): Ric;
  /** The type as the RIC serves it; asks the RIC again when it is not known yet. RL_INVALID when it has none. */
  type(ric: Ric, typeId: string): Promise<PolicyType>;
  /** Reads the RIC's types anew; those known keep their schema unless `all`. */
  readTypes(ric: Ric, options: { all: boolean }): Promise<void>;
}

export function createRics(config: PolicyConfig, signal: AbortSignal): Rics {
  const rics = new Map<string, Ric>();
  for (const ric of config.rics) {
    if (rics.has(ric.ricId))
      throw new RanloopError('RL_CONFIG', `two RICs are named ${ric.ricId}`, {
        fields: [{ path: '/rics', problem: `ricId ${ric.ricId} is there twice` }],
      });
    const { ricId, baseUrl } = ric;
    const client = createA1Client({ ricId, baseUrl, timeoutSeconds: config.requestTimeoutSeconds, signal });
    rics.set(ricId, { config: ric, client, state: 'UNAVAILABLE', types: new Map() });
  }

  async function readTypes(ric: Ric, { all }: { all: boolean }): Promise<void> {
    const ids = await ric.client.policyTypes();
    for (const id of [...ric.types.keys()]) if (!ids.includes(id)) ric.types.delete(id);
    for (const id of ids) {
      if (ric.types.has(id) && !all) continue;
      const object = await ric.client.policyType(id);
      ric.types.set(id, { object, check: policyCheck(id, object.policySchema) });
    }
  }

  return {
    all: [...rics.values()],
    get(ricId) {
      const ric = rics.get(ricId);
      if (ric) return ric;
      throw new RanloopError('RL_NOT_FOUND', `no Near-RT RIC is named ${ricId}`, {
        fields: [{ path: '/nearRtRicId', problem: 'names no RIC that is configured' }],
      });
    },
    async type(ric, typeId) {
      if (!ric.types.has(typeId)) await readTypes(ric, { all: false });
      const type = ric.types.get(typeId);
      if (type) return type;
      throw new RanloopError('RL_INVALID', `RIC ${ric.config.ricId} does not support policy type ${typeId}`, {
        fields: [{ path: '/policyTypeId', problem: 'is not supported by the RIC' }],
      });
    },
    readTypes,
  };
}

/** PMS refuses with 423 whatever would need a RIC that is away. */
export function requireAvailable(ric: Ric): void {
  if (ric.state === 'UNAVAILABLE')
    throw new RanloopError('RL_BUSY', `RIC ${ric.config.ricId} is not operational, its state is ${ric.state}`);
}

export function ricInfo(ric: Ric): RicInfo {
  return {
    ricId: ric.config.ricId,
    managedElementIds: ric.config.managedElementIds,
    state: ric.state,
    policyTypeIds: [...ric.types.keys()],
  };
}
