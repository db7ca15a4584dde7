import type { PolicyStatusObject, PolicyTypeObject } from '@ranloop/contracts/a1';
import {
  type EiDelivery,
  type PolicyHistory,
  type PolicyRef,
  type PolicyRequest,
  R1_EI,
  R1_POLICY,
  type RicInfo,
} from '@ranloop/contracts/r1';
import { type ClientConfig, createHttp } from './http.ts';

export interface PolicyFilter {
  readonly policyTypeId?: string;
  readonly nearRtRicId?: string;
  readonly serviceId?: string;
}

/** A1 policy management over R1. Every refusal keeps the RIC's own words. */
export interface PolicyClient {
  rics(filter?: { policyTypeId?: string }): Promise<RicInfo[]>;
  policyTypes(filter?: { nearRtRicId?: string }): Promise<{ policyTypeId: string; nearRtRicId: string }[]>;
  policyType(policyTypeId: string): Promise<PolicyTypeObject>;
  /** Answers the request with the id that the policy got. */
  create(request: PolicyRequest): Promise<PolicyRequest & { policyId: string }>;
  put(policyId: string, policyObject: Record<string, unknown>): Promise<void>;
  delete(policyId: string): Promise<void>;
  get(policyId: string): Promise<Record<string, unknown>>;
  list(filter?: PolicyFilter): Promise<PolicyRef[]>;
  /** With `waitSeconds` (at most 60) it answers when the status is ENFORCED or the time is over. */
  status(policyId: string, options?: { waitSeconds?: number }): Promise<PolicyStatusObject>;
  history(policyId: string): Promise<PolicyHistory>;
}

export function createPolicyClient(config: ClientConfig): PolicyClient {
  const http = createHttp(config);
  const policy = (id: string, rest = '') => `${R1_POLICY}/policies/${encodeURIComponent(id)}${rest}`;
  return {
    async rics({ policyTypeId } = {}) {
      return (await http.json<{ rics: RicInfo[] }>(`${R1_POLICY}/rics`, { query: { policyTypeId } })).rics;
    },
    policyTypes: ({ nearRtRicId } = {}) => http.json(`${R1_POLICY}/policy-types`, { query: { nearRtRicId } }),
    policyType: (id) => http.json(`${R1_POLICY}/policy-types/${encodeURIComponent(id)}`),
    create: (request) => http.json(`${R1_POLICY}/policies`, { method: 'POST', body: request }),
    async put(id, policyObject) {
      await http.json(policy(id), { method: 'PUT', body: policyObject });
    },
    async delete(id) {
      await http.json(policy(id), { method: 'DELETE' });
    },
    get: (id) => http.json(policy(id)),
    list: (filter = {}) => http.json(`${R1_POLICY}/policies`, { query: { ...filter } }),
    status: (id, { waitSeconds } = {}) => http.json(policy(id, '/status'), { query: { waitSeconds } }),
    history: (id) => http.json(policy(id, '/history')),
  };
}

export interface EiDelivered {
  /** How many jobs took the results. */
  readonly delivered: number;
  readonly failed: readonly { readonly jobId: string; readonly reason: string }[];
}

export interface EiClient {
  /** Hands results of an EI type over to every A1-EI job that asked for it. */
  deliver(eiTypeId: string, results: EiDelivery['results']): Promise<EiDelivered>;
}

export function createEiClient(config: ClientConfig): EiClient {
  const http = createHttp(config);
  return {
    deliver: (eiTypeId, results) =>
      http.json(`${R1_EI}/${encodeURIComponent(eiTypeId)}`, { method: 'POST', body: { results } }),
  };
}
