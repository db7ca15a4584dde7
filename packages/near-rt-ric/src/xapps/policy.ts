import {
  type CellId,
  ORAN_SLICE_SLA_TARGET,
  OranSliceSlaTarget,
  RANLOOP_SLICE_SLA_TARGET,
  RanloopSliceSlaTarget,
  type SliceId,
} from '@ranloop/contracts/a1';
import { plmnToOctets } from '@ranloop/contracts/e2';
import type { RicMessages } from '@ranloop/contracts/ric';
import { checker } from '@ranloop/contracts/schema';
import type { Ratio } from './ratios.ts';

/** What a policy asks of a cell: ratios outright, or a rate (kbit/s, of the slice over all its cells) to turn into ratios. */
export type Statement =
  | { readonly kind: 'ratio'; readonly ratio: Ratio }
  | { readonly kind: 'rate'; readonly guaranteed: number; readonly ceiling: number | undefined }
  | { readonly kind: 'unsupported'; readonly detail: string };

export interface SlicePolicy {
  readonly id: string;
  readonly typeId: string;
  readonly revision: number;
  readonly snssai: string;
  readonly plmn: string;
  /** Keys of the cells it is for; undefined for every cell that serves the slice. */
  readonly cells: readonly string[] | undefined;
  readonly statement: Statement;
}

export const POLICY_TYPES = [RANLOOP_SLICE_SLA_TARGET, ORAN_SLICE_SLA_TARGET] as const;

const checkRanloop = checker(RanloopSliceSlaTarget);
const checkOran = checker(OranSliceSlaTarget);

/** PLMN octets and NR cell identity: names a cell over all E2 nodes. */
export function cellKey(plmn: string, ncI: number): string {
  return `${plmn}:${ncI}`;
}

/** Reads the policy of a request; throws RL_INVALID for contents that its type does not allow. */
export function readPolicy(request: RicMessages['A1_POLICY_REQ']): SlicePolicy {
  const base = { id: request.policy_instance_id, typeId: request.policy_type_id, revision: request.revision };
  if (request.policy_type_id === RANLOOP_SLICE_SLA_TARGET) {
    const { scope, sliceSlaResources } = checkRanloop(request.payload, 'policy');
    const { minPrbRatio: min, maxPrbRatio: max, dedicatedPrbRatio: dedicated } = sliceSlaResources;
    return {
      ...base,
      ...sliceOf(scope.sliceId),
      cells: [keyOf(scope.cellId)],
      statement: { kind: 'ratio', ratio: { min, max, dedicated } },
    };
  }
  const { scope, sliceSlaObjectives, sliceSlaResources } = checkOran(request.payload, 'policy');
  return {
    ...base,
    ...sliceOf(scope.sliceId),
    cells: sliceSlaResources?.cellIdList?.map(keyOf),
    statement: rateOf(sliceSlaObjectives),
  };
}

function sliceOf({ sst, sd, plmnId }: SliceId): { snssai: string; plmn: string } {
  return { snssai: sst.toString(16).padStart(2, '0') + (sd ?? '').toLowerCase(), plmn: plmnToOctets(plmnId) };
}

function keyOf({ plmnId, cId }: CellId): string {
  return cellKey(plmnToOctets(plmnId), cId.ncI);
}

/** PRB ratios can hold a downlink rate of the slice, and nothing else: an objective that they cannot hold is not enforced. */
function rateOf(objectives: OranSliceSlaTarget['sliceSlaObjectives']): Statement {
  const { guaDlThptPerSlice, maxDlThptPerSlice, ...others } = objectives;
  const other = Object.entries(others).find(([, value]) => value !== undefined)?.[0];
  if (other) return { kind: 'unsupported', detail: `${other} cannot be enforced by PRB ratios` };
  const guaranteed = guaDlThptPerSlice ?? 0;
  if (maxDlThptPerSlice !== undefined && maxDlThptPerSlice < guaranteed)
    return { kind: 'unsupported', detail: 'maxDlThptPerSlice is under guaDlThptPerSlice' };
  return { kind: 'rate', guaranteed, ceiling: maxDlThptPerSlice };
}
