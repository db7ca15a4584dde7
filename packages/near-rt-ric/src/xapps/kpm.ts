import { kpmActionDefinition, kpmEventTrigger, kpmIndicationMessage } from '@ranloop/codecs/e2sm';
import {
  KPM_FUNCTION,
  type KpmMeasInfo,
  MOST_ACTIONS,
  nrCgi,
  plmnToOctets,
  type RicActionToBeSetup,
  snssaiText,
} from '@ranloop/contracts/e2';
import type { NodeInfo, ServedNrCell } from '@ranloop/contracts/ric';

const VOLUME = 'DRB.PdcpSduVolumeDL';
const PRB_USED = 'RRU.PrbUsedDl';
const PER_SLICE = [VOLUME, PRB_USED, 'DRB.UEThpDl', 'RRC.ConnMean'] as const;

export interface KpmRequest {
  readonly ranFunctionID: number;
  readonly eventTriggerDefinition: string;
  readonly actions: readonly RicActionToBeSetup[];
  /** The cell that each action is for, by action id. */
  readonly cells: ReadonlyMap<number, ServedNrCell>;
}

/** One action per cell, up to 16 a subscription; empty when the node offers no KPM. */
export function kpmRequests(node: NodeInfo, periodMs: number): KpmRequest[] {
  const kpm = node.gnb.ranFunctions.find(({ ranFunctionOid }) => ranFunctionOid === KPM_FUNCTION.oid);
  if (!kpm) return [];
  const eventTriggerDefinition = kpmEventTrigger.encode({
    'eventDefinition-formats': { 'eventDefinition-Format1': { reportingPeriod: periodMs } },
  });
  const requests: KpmRequest[] = [];
  for (let first = 0; first < node.gnb.servedNrCells.length; first += MOST_ACTIONS) {
    const cells = node.gnb.servedNrCells.slice(first, first + MOST_ACTIONS);
    requests.push({
      ranFunctionID: kpm.ranFunctionId,
      eventTriggerDefinition,
      cells: new Map(cells.map((cell, index) => [index + 1, cell])),
      actions: cells.map((cell, index) => ({
        ricActionID: index + 1,
        ricActionType: 'report' as const,
        ricActionDefinition: kpmActionDefinition.encode({
          'ric-Style-Type': 1,
          'actionDefinition-formats': {
            'actionDefinition-Format1': {
              measInfoList: measInfo(cell),
              granulPeriod: periodMs,
              cellGlobalID: { 'nR-CGI': nrCgi(plmnToOctets(cell.plmn), cell.ncI) },
            },
          },
        }),
      })),
    });
  }
  return requests;
}

function measInfo(cell: ServedNrCell): KpmMeasInfo[] {
  const perSlice = PER_SLICE.map((measName) => ({
    measType: { measName },
    labelInfoList: cell.slices.map((sliceID) => ({ measLabel: { sliceID } })),
  }));
  const total = {
    measType: { measName: 'RRU.PrbTotDl' },
    labelInfoList: [{ measLabel: { noLabel: 'true' as const } }],
  };
  return cell.slices.length > 0 ? [total, ...perSlice] : [total];
}

export interface SliceMeasurement {
  readonly snssai: string;
  readonly volumeKbit: number;
  readonly prbUsed: number;
  readonly seconds: number;
}

/** The slices' rows of an indication, one per record; rows without a value are left out. Throws for a message that does not fit itself. */
export function readIndication(message: string): SliceMeasurement[] {
  const { measData, measInfoList, granulPeriod } =
    kpmIndicationMessage.decode(message)['indicationMessage-formats']['indicationMessage-Format1'];
  const columns = measInfoList.flatMap(({ measType, labelInfoList }) =>
    labelInfoList.map(({ measLabel }) => ({
      name: measType.measName,
      snssai: 'sliceID' in measLabel ? snssaiText(measLabel.sliceID) : undefined,
    })),
  );
  return measData.flatMap(({ measRecord }) => {
    const rows = new Map<string, Record<string, number>>();
    for (const [index, { name, snssai }] of columns.entries()) {
      const item = measRecord[index];
      if (snssai === undefined || item === undefined || 'noValue' in item) continue;
      const row = rows.get(snssai) ?? {};
      row[name] = 'integer' in item ? item.integer : item.real;
      rows.set(snssai, row);
    }
    return [...rows].flatMap(([snssai, row]) => {
      const [volumeKbit, prbUsed] = [row[VOLUME], row[PRB_USED]];
      if (volumeKbit === undefined || prbUsed === undefined) return [];
      return [{ snssai, volumeKbit, prbUsed, seconds: granulPeriod / 1_000 }];
    });
  });
}
