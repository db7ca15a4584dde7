import { rcControlHeader, rcControlMessage, rcControlOutcome } from '@ranloop/codecs/e2sm';
import {
  type Cause,
  type E2apPdu,
  type E2apValue,
  ncIOf,
  RC_FUNCTION,
  RC_PARAMETERS,
  RC_SLICE_PRB_QUOTA,
  type RcControlOutcome,
  type RrmPolicyRatio,
  snssaiText,
} from '@ranloop/contracts/e2';
import type { CellIdentity, Plant, SliceRatio } from '../plant.ts';

class Refusal extends Error {
  readonly cause_: Cause;
  constructor(cause: Cause, text: string) {
    super(text);
    this.cause_ = cause;
  }
}

/** Applies RC control style 2 action 6 to the plant; the whole list of a message is applied, or none of it. */
export function applyControl(
  { ricRequestID, ranFunctionID, ricControlHeader, ricControlMessage }: E2apValue<'RICcontrolRequest'>,
  { plant, cells, plmn }: { plant: Pick<Plant, 'ratios' | 'setRatios'>; cells: readonly CellIdentity[]; plmn: string },
): E2apPdu {
  const request = { ricRequestID, ranFunctionID };
  try {
    if (ranFunctionID !== RC_FUNCTION.id)
      throw new Refusal({ ricRequest: 'ran-function-id-invalid' }, `RAN function ${ranFunctionID} is not RC`);
    const header = rcControlHeader.decode(ricControlHeader)['ric-controlHeader-formats']['controlHeader-Format1'];
    if (
      header['ric-Style-Type'] !== RC_SLICE_PRB_QUOTA.style ||
      header['ric-ControlAction-ID'] !== RC_SLICE_PRB_QUOTA.action
    )
      throw new Refusal({ ricRequest: 'action-not-supported' }, 'only style 2 action 6 is supported');
    const message = rcControlMessage.decode(ricControlMessage)['ric-controlMessage-formats']['controlMessage-Format1'];
    const cell = cells.find(({ ncI }) => ncI === ncIOf(message.nrCgi));
    if (!cell || message.nrCgi.pLMNIdentity !== plmn)
      throw new Refusal({ ricRequest: 'control-failed-to-execute' }, 'this node has no such cell');
    const ratios = merge(plant.ratios(cell.index, 'wanted'), readRatios(message.rrmPolicyRatioList, plmn));
    plant.setRatios(cell.index, ratios);
    const outcome = message.rrmPolicyRatioList.flatMap((item) => [
      [RC_PARAMETERS.minPrbPolicyRatio, item.minPrbPolicyRatio] as const,
      [RC_PARAMETERS.maxPrbPolicyRatio, item.maxPrbPolicyRatio] as const,
      [RC_PARAMETERS.dedicatedPrbPolicyRatio, item.dedicatedPrbPolicyRatio] as const,
    ]);
    const list = outcome.map(([id, valueInt]) => ({ 'ranParameter-ID': id, 'ranParameter-value': { valueInt } }));
    return { message: 'RICcontrolAcknowledge', value: { ...request, ricControlOutcome: outcomeOf(list) } };
  } catch (error) {
    const cause: Cause = error instanceof Refusal ? error.cause_ : { ricRequest: 'control-message-invalid' };
    const text = (error instanceof Error ? error.message : String(error)).slice(0, 500);
    const list = [
      { 'ranParameter-ID': RC_PARAMETERS.rrmPolicyRatioList, 'ranParameter-value': { valuePrintableString: text } },
    ];
    return { message: 'RICcontrolFailure', value: { ...request, cause, ricControlOutcome: outcomeOf(list) } };
  }
}

type OutcomeList = RcControlOutcome['ric-controlOutcome-formats']['controlOutcome-Format1']['ranP-List'];

function outcomeOf(list: OutcomeList): string {
  return rcControlOutcome.encode({
    'ric-controlOutcome-formats': { 'controlOutcome-Format1': { 'ranP-List': list.slice(0, 255) } },
  });
}

function readRatios(list: readonly RrmPolicyRatio[], plmn: string): SliceRatio[] {
  return list.flatMap((item) => {
    const [min, max, dedicated] = [item.minPrbPolicyRatio, item.maxPrbPolicyRatio, item.dedicatedPrbPolicyRatio];
    if (dedicated > min || min > max)
      throw new Refusal({ ricRequest: 'control-message-invalid' }, 'dedicated <= min <= max does not hold');
    return item.rrmPolicy.rrmPolicyMemberList.map((member) => {
      if (member.plmnIdentity !== plmn)
        throw new Refusal({ ricRequest: 'control-failed-to-execute' }, 'this node serves another PLMN');
      return { snssai: snssaiText(member.sNSSAI), ratio: { min, max, dedicated } };
    });
  });
}

/** The ratios that the cell would then have; all slices must be known, and together fit into it. */
function merge(current: readonly SliceRatio[], changes: readonly SliceRatio[]): SliceRatio[] {
  const merged = new Map(current.map((item) => [item.snssai, item.ratio]));
  for (const { snssai, ratio } of changes) {
    if (!merged.has(snssai))
      throw new Refusal({ ricRequest: 'control-failed-to-execute' }, `the cell has no slice ${snssai}`);
    merged.set(snssai, ratio);
  }
  const sum = [...merged.values()].reduce((total, { min }) => total + min, 0);
  if (sum > 100)
    throw new Refusal({ ricRequest: 'control-message-invalid' }, `the minima of the cell add up to ${sum} percent`);
  return [...merged].map(([snssai, ratio]) => ({ snssai, ratio }));
}
