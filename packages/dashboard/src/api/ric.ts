import type { NodebState, NodeInfo, RicPolicies, RicPolicy, XappInfo } from '@ranloop/contracts/ric';
import { requestJson } from './http.ts';
import { sliceName } from './r1.ts';

export type { NodebState, NodeInfo, RicPolicy, XappInfo };

const RIC = '/ric';

export const listNodes = (signal?: AbortSignal) => requestJson<NodebState[]>(`${RIC}/v1/nodeb/states`, { signal });

export const getNode = (name: string, signal?: AbortSignal) =>
  requestJson<NodeInfo>(`${RIC}/v1/nodeb/${encodeURIComponent(name)}`, { signal });

export const listXapps = (signal?: AbortSignal) => requestJson<XappInfo[]>(`${RIC}/ric/v1/xapps`, { signal });

/** All A1 policies of the RIC with their state, newest change first. */
export const listRicPolicies = (signal?: AbortSignal) => requestJson<RicPolicies>(`${RIC}/v1/policies`, { signal });

/** What a slice SLA policy is about and asks for; members that another policy type lacks are absent. */
export interface SlicePolicy {
  ncI?: number;
  sst?: number;
  sd?: string;
  ratio?: { min: number; max: number; dedicated: number };
}

export function readSlicePolicy(policyObject: Record<string, unknown>): SlicePolicy {
  const { scope, sliceSlaResources: resources } = policyObject as {
    scope?: { sliceId?: { sst?: number; sd?: string }; cellId?: { cId?: { ncI?: number } } };
    sliceSlaResources?: { minPrbRatio?: number; maxPrbRatio?: number; dedicatedPrbRatio?: number };
  };
  const found: SlicePolicy = {};
  if (scope?.cellId?.cId?.ncI !== undefined) found.ncI = scope.cellId.cId.ncI;
  if (scope?.sliceId?.sst !== undefined) found.sst = scope.sliceId.sst;
  if (scope?.sliceId?.sd !== undefined) found.sd = scope.sliceId.sd;
  if (resources?.maxPrbRatio !== undefined)
    found.ratio = {
      min: resources.minPrbRatio ?? 0,
      max: resources.maxPrbRatio,
      dedicated: resources.dedicatedPrbRatio ?? 0,
    };
  return found;
}

/** `gnb-1/3` of an NR cell identity: gNB identifiers of 22 bits, 14 for the cell (TS 38.413 9.3.1.7). */
export const cellKeyOfNci = (ncI: number): string => `gnb-${Math.floor(ncI / 16_384)}/${ncI % 16_384}`;

export const sstName = (sst: number | undefined): string =>
  sst === undefined ? '–' : sliceName(sst.toString(16).padStart(2, '0'));
