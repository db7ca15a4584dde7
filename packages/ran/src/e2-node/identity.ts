import { f1SetupRequest } from '@ranloop/codecs/e2ap';
import { kpmFunctionDefinition, rcFunctionDefinition } from '@ranloop/codecs/e2sm';
import {
  type E2apValue,
  KPM_FUNCTION,
  nrCgi,
  plmnToOctets,
  RC_FUNCTION,
  RC_SLICE_PRB_QUOTA,
  snssaiFromText,
} from '@ranloop/contracts/e2';
import type { CellIdentity, SliceIdentity } from '../plant.ts';
import type { E2NodeConfig } from './config.ts';

/** TS 28.552 counters that report style 1 offers; the plant measures them per cell, and per slice where it makes sense. */
export const REPORTED = [
  'RRU.PrbTotDl',
  'RRU.PrbUsedDl',
  'DRB.UEThpDl',
  'DRB.PdcpSduVolumeDL',
  'DRB.RlcSduDelayDl',
  'DRB.PdcpPacketDropRateDl',
  'RRC.ConnMean',
  'PEE.AvgPower',
] as const;

const DU_ID = 0;

/** What the node says of itself at setup: who it is, its cells and slices (as its F1 setup says them), its functions. */
export function setupRequest(
  config: E2NodeConfig,
  {
    cells,
    slices,
    transactionID,
  }: { cells: readonly CellIdentity[]; slices: readonly SliceIdentity[]; transactionID: number },
): E2apValue<'E2setupRequest'> {
  const plmn = plmnToOctets(config.plmnId);
  const gnbId = Number(/[0-9]{1,9}$/.exec(config.managedElement)?.[0] ?? 0);
  return {
    transactionID,
    globalE2nodeID: {
      gNB: {
        'global-gNB-ID': {
          'plmn-id': plmn,
          'gnb-id': { 'gnb-ID': { value: gnbId.toString(16).padStart(8, '0'), length: 32 } },
        },
        'gNB-DU-ID': DU_ID,
      },
    },
    ranFunctionsAdded: [
      {
        ranFunctionID: KPM_FUNCTION.id,
        ranFunctionDefinition: kpmDefinition(),
        ranFunctionRevision: KPM_FUNCTION.revision,
        ranFunctionOID: KPM_FUNCTION.oid,
      },
      {
        ranFunctionID: RC_FUNCTION.id,
        ranFunctionDefinition: rcDefinition(),
        ranFunctionRevision: RC_FUNCTION.revision,
        ranFunctionOID: RC_FUNCTION.oid,
      },
    ],
    e2nodeComponentConfigAddition: [
      {
        e2nodeComponentInterfaceType: 'f1',
        e2nodeComponentID: { e2nodeComponentInterfaceTypeF1: { 'gNB-DU-ID': DU_ID } },
        e2nodeComponentConfiguration: {
          e2nodeComponentRequestPart: f1SetupRequest.encode({
            'gNB-DU-ID': DU_ID,
            'gNB-DU-Name': config.managedElement,
            'gNB-DU-Served-Cells-List': cells.map((cell) => ({
              nRCGI: nrCgi(plmn, cell.ncI),
              servedPLMNs: [
                {
                  pLMNIdentity: plmn,
                  tAISliceSupportList: slices.map(({ snssai }) => ({ sNSSAI: snssaiFromText(snssai) })),
                },
              ],
              'nR-Mode-Info': { tDD: { nRNRB: cell.prbs } },
            })),
          }),
          e2nodeComponentResponsePart: '',
        },
      },
    ],
  };
}

function kpmDefinition(): string {
  return kpmFunctionDefinition.encode({
    'ranFunction-Name': {
      'ranFunction-ShortName': 'ORAN-E2SM-KPM',
      'ranFunction-E2SM-OID': KPM_FUNCTION.oid,
      'ranFunction-Description': 'KPM Monitor',
    },
    'ric-EventTriggerStyle-List': [
      {
        'ric-EventTriggerStyle-Type': 1,
        'ric-EventTriggerStyle-Name': 'Periodic Report',
        'ric-EventTriggerFormat-Type': 1,
      },
    ],
    'ric-ReportStyle-List': [
      {
        'ric-ReportStyle-Type': 1,
        'ric-ReportStyle-Name': 'E2 Node Measurement',
        'ric-ActionFormat-Type': 1,
        'measInfo-Action-List': REPORTED.map((measName) => ({ measName })),
        'ric-IndicationHeaderFormat-Type': 1,
        'ric-IndicationMessageFormat-Type': 1,
      },
    ],
  });
}

function rcDefinition(): string {
  return rcFunctionDefinition.encode({
    'ranFunction-Name': {
      'ranFunction-ShortName': 'ORAN-E2SM-RC',
      'ranFunction-E2SM-OID': RC_FUNCTION.oid,
      'ranFunction-Description': 'RAN Control',
    },
    'ranFunctionDefinition-Control': {
      'ric-ControlStyle-List': [
        {
          'ric-ControlStyle-Type': RC_SLICE_PRB_QUOTA.style,
          'ric-ControlStyle-Name': 'Radio Resource Allocation Control',
          'ric-ControlAction-List': [
            { 'ric-ControlAction-ID': RC_SLICE_PRB_QUOTA.action, 'ric-ControlAction-Name': 'Slice-level PRB quota' },
          ],
          'ric-ControlHeaderFormat-Type': 1,
          'ric-ControlMessageFormat-Type': 1,
          'ric-ControlOutcomeFormat-Type': 1,
        },
      ],
    },
  });
}
