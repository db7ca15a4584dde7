import { rcControlHeader, rcControlMessage } from '@ranloop/codecs/e2sm';
import { nrCgi, plmnToOctets, RC_SLICE_PRB_QUOTA, snssaiFromText, snssaiText } from '@ranloop/contracts/e2';
import type { ServedNrCell } from '@ranloop/contracts/ric';
import type { CellPlan } from './plan.ts';
import { cellKey } from './policy.ts';
import { type CellRadio, createCellRadio } from './radio.ts';
import type { Wish } from './ratios.ts';

/** The outcome of a policy in a cell: `revision` is the content that it is about. */
export interface CellOutcome {
  readonly revision: number;
  readonly state: 'enforced' | 'superseded' | 'refused';
  readonly reason?: 'SCOPE_NOT_APPLICABLE' | 'STATEMENT_NOT_APPLICABLE' | 'OTHER_REASON';
  readonly detail: string;
}

/** A control on its way to the node. */
export interface Flight {
  readonly xid: string;
  readonly plan: CellPlan;
  readonly list: string;
  /** Revisions of the policies that the plan rests on. */
  readonly revisions: ReadonlyMap<string, number>;
}

/** What the xApp knows of one cell. It is kept when its node is lost, so that a policy can say so. */
export interface Cell {
  readonly key: string;
  readonly plmn: string;
  readonly slices: readonly string[];
  readonly served: ServedNrCell;
  readonly radio: CellRadio;
  readonly outcomes: Map<string, CellOutcome>;
  meid: string;
  connected: boolean;
  rcFunctionID: number | undefined;
  /** The list that the node has acknowledged last; undefined when what it uses is not known. */
  acknowledged: string | undefined;
  /** A control was sent once: from then on the cell is ours, also when its last policy is gone. */
  touched: boolean;
  flight: Flight | undefined;
  /** Waits for further changes, or for another try. */
  timer: NodeJS.Timeout | undefined;
  /** True while changes wait for their control; a wait for another try does not count. */
  dirty: boolean;
}

export function createCell(
  served: ServedNrCell,
  { meid, rcFunctionID }: { meid: string; rcFunctionID: number | undefined },
): Cell {
  const plmn = plmnToOctets(served.plmn);
  return {
    key: cellKey(plmn, served.ncI),
    plmn,
    served,
    slices: served.slices.map(snssaiText),
    radio: createCellRadio(),
    outcomes: new Map(),
    meid,
    connected: true,
    rcFunctionID,
    acknowledged: undefined,
    touched: false,
    flight: undefined,
    timer: undefined,
    dirty: false,
  };
}

/** Header and message of the control that gives a cell these ratios. */
export function controlOf(cell: Cell, ratios: readonly Wish[]): { controlHeader: string; controlMessage: string } {
  return {
    controlHeader: rcControlHeader.encode({
      'ric-controlHeader-formats': {
        'controlHeader-Format1': {
          ueID: { 'gNB-DU-UEID': { 'gNB-CU-UE-F1AP-ID': 0 } },
          'ric-Style-Type': RC_SLICE_PRB_QUOTA.style,
          'ric-ControlAction-ID': RC_SLICE_PRB_QUOTA.action,
        },
      },
    }),
    controlMessage: rcControlMessage.encode({
      'ric-controlMessage-formats': {
        'controlMessage-Format1': {
          nrCgi: nrCgi(cell.plmn, cell.served.ncI),
          rrmPolicyRatioList: ratios.map(({ snssai, ratio }) => ({
            rrmPolicy: { rrmPolicyMemberList: [{ plmnIdentity: cell.plmn, sNSSAI: snssaiFromText(snssai) }] },
            minPrbPolicyRatio: ratio.min,
            maxPrbPolicyRatio: ratio.max,
            dedicatedPrbPolicyRatio: ratio.dedicated,
          })),
        },
      },
    }),
  };
}
