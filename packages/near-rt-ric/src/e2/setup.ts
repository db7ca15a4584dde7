import { f1SetupRequest } from '@ranloop/codecs/e2ap';
import { kpmFunctionDefinition, rcFunctionDefinition } from '@ranloop/codecs/e2sm';
import {
  type Cause,
  type E2apValue,
  KPM_FUNCTION,
  ncIOf,
  plmnFromOctets,
  type RanFunctionItem,
  RC_FUNCTION,
} from '@ranloop/contracts/e2';
import { RanloopError } from '@ranloop/contracts/errors';
import type { NodeInfo, ServedNrCell } from '@ranloop/contracts/ric';

type SetupRequest = E2apValue<'E2setupRequest'>;
type Identity = Pick<NodeInfo, 'ranName' | 'globalNbId' | 'managedElement' | 'gnb'>;

export interface Accepted {
  readonly identity: Identity;
  readonly accepted: readonly RanFunctionItem[];
  readonly rejected: readonly { readonly ranFunctionID: number; readonly cause: Cause }[];
}

/** Reads who a node is, which cells it has and which of its RAN functions are understood here; throws when it is unclear. */
export function readSetup(request: SetupRequest): Accepted {
  const { 'global-gNB-ID': gnb, 'gNB-DU-ID': duId } = request.globalE2nodeID.gNB;
  const plmn = plmnFromOctets(gnb['plmn-id']);
  const { value, length } = gnb['gnb-id']['gnb-ID'];
  const ranName = ranNameOf(plmn, { nbId: nbIdHex(value, length), duId });
  const { cells, name } = readCells(request);
  const accepted: RanFunctionItem[] = [];
  const rejected: { ranFunctionID: number; cause: Cause }[] = [];
  for (const item of request.ranFunctionsAdded) {
    if (understood(item)) accepted.push(item);
    else
      rejected.push({
        ranFunctionID: item.ranFunctionID,
        cause: { ricService: 'ran-function-not-supported' },
      });
  }
  return {
    accepted,
    rejected,
    identity: {
      ranName,
      globalNbId: { plmnId: plmn.mcc + plmn.mnc, nbId: nbIdHex(value, length) },
      managedElement: name ?? ranName,
      gnb: {
        gnbType: 'GNB',
        servedNrCells: cells,
        ranFunctions: accepted.map((item) => ({
          ranFunctionId: item.ranFunctionID,
          ranFunctionDefinition: item.ranFunctionDefinition,
          ranFunctionRevision: item.ranFunctionRevision,
          ranFunctionOid: item.ranFunctionOID,
        })),
      },
    },
  };
}

/** As e2mgr names nodes: `gnb_001_001_00019b`, and `gnbd_001_001_00019b_0` for a gNB-DU; the MNC is padded to 3 digits. */
function ranNameOf(
  { mcc, mnc }: { mcc: string; mnc: string },
  { nbId, duId }: { nbId: string; duId?: number | undefined },
): string {
  const place = `${mcc}_${mnc.padStart(3, '0')}_${nbId}`;
  return duId === undefined ? `gnb_${place}` : `gnbd_${place}_${duId}`;
}

/** The gNB id is a BIT STRING of 22 to 32 bits from the left; its name is the number in hex, at least 6 digits. */
function nbIdHex(value: string, length: number): string {
  const padding = value.length * 4 - length;
  if (padding < 0 || padding > 7)
    throw new RanloopError('RL_INVALID', `gnb-ID of ${length} bits does not fit ${value.length / 2} octets`);
  return Math.floor(Number.parseInt(value, 16) / 2 ** padding)
    .toString(16)
    .padStart(6, '0');
}

function readCells(request: SetupRequest): { cells: ServedNrCell[]; name: string | undefined } {
  const f1 = request.e2nodeComponentConfigAddition.find((item) => item.e2nodeComponentInterfaceType === 'f1');
  if (!f1) throw new RanloopError('RL_INVALID', 'e2nodeComponentConfigAddition holds no f1 component');
  const setup = f1SetupRequest.decode(f1.e2nodeComponentConfiguration.e2nodeComponentRequestPart);
  const cells = setup['gNB-DU-Served-Cells-List'].map((cell) => ({
    plmn: plmnFromOctets(cell.nRCGI.pLMNIdentity),
    ncI: ncIOf(cell.nRCGI),
    prbs: cell['nR-Mode-Info'].tDD.nRNRB,
    slices: cell.servedPLMNs.flatMap((plmn) => plmn.tAISliceSupportList.map((item) => item.sNSSAI)),
  }));
  return { cells, name: setup['gNB-DU-Name'] };
}

function understood({ ranFunctionOID, ranFunctionDefinition }: RanFunctionItem): boolean {
  try {
    if (ranFunctionOID === KPM_FUNCTION.oid) kpmFunctionDefinition.decode(ranFunctionDefinition);
    else if (ranFunctionOID === RC_FUNCTION.oid) rcFunctionDefinition.decode(ranFunctionDefinition);
    else return false;
    return true;
  } catch {
    return false;
  }
}
