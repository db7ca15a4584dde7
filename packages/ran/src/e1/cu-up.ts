import { connect } from 'node:net';
import { e1ap } from '@ranloop/codecs/e1ap';
import { createFrameReader, frame } from '@ranloop/codecs/frames';
import type { E1apPdu } from '@ranloop/contracts/e1';
import { plmnToOctets, snssaiFromText, snssaiText } from '@ranloop/contracts/e2';
import type { Service } from '@ranloop/kit/lifecycle';
import { createLink, type Link } from '@ranloop/kit/link';
import type { Log } from '@ranloop/kit/log';
import type { PeriodReport, SliceIdentity } from '../plant.ts';
import type { E1Config } from './config.ts';

/** Part of the capacity above which the CU-UP is overloaded, and under which it is not any more. */
const OVERLOADED = 0.9;
const RELIEVED = 0.8;
/** Seconds from 1900 to 1970; usage reports count from 1900. */
const NTP_EPOCH = 2_208_988_800;
const UE_IDS = 4_294_967_296;

/** gNB-CU-UP end of E1: holds bearer contexts, says when it is overloaded, reports what was carried. */
export interface CuUp extends Service {
  /**
   * Of a closed period: the load, and one usage report per slice. The simulation knows volumes per slice and not per UE,
   * so a slice's volume stands on one of its contexts.
   */
  report(report: PeriodReport): Promise<void>;
  /** Resolves at the accepted E1 setup. */
  connected(): Promise<void>;
  readonly contexts: number;
}

export function createCuUp(
  config: E1Config & { readonly cuCpPort: () => number },
  {
    slices,
    log,
    count,
  }: {
    slices: readonly SliceIdentity[];
    log: Log;
    count: (direction: 'in' | 'out', message: string) => void;
  },
): CuUp {
  const contexts = new Map<number, { cpId: number; snssai: string }>();
  const plmn = plmnToOctets(config.plmnId);
  let link: Link<E1apPdu> | undefined;
  let ready = false;
  let stopping = false;
  let overloaded = false;
  let transactionID = 0;
  let lastUe = 0;
  let timer: NodeJS.Timeout | undefined;
  let waiting: (() => void)[] = [];

  const send = (pdu: E1apPdu) => {
    if (link?.send(pdu)) count('out', pdu.message);
  };
  const nextTransaction = () => {
    transactionID = (transactionID + 1) % 256;
    return transactionID;
  };
  const tellStatus = () =>
    send({
      message: 'GNBCUUPStatusIndication',
      value: {
        transactionID: nextTransaction(),
        'gNB-CU-UP-OverloadInformation': overloaded ? 'overloaded' : 'not-overloaded',
      },
    });

  const receive = (pdu: E1apPdu) => {
    count('in', pdu.message);
    switch (pdu.message) {
      case 'GNBCUUPE1SetupResponse':
        ready = true;
        if (overloaded) tellStatus();
        for (const resolve of waiting) resolve();
        waiting = [];
        return;
      case 'GNBCUUPE1SetupFailure':
        log.warn({ cause: pdu.value.cause }, 'the CU-CP refused E1 setup');
        link?.end();
        return;
      case 'BearerContextSetupRequest': {
        const cpId = pdu.value['gNB-CU-CP-UE-E1AP-ID'];
        const session = pdu.value.pDUSessionResourceToSetupList[0];
        const snssai = session ? snssaiText(session.sNSSAI) : '';
        const known = slices.some((slice) => slice.snssai === snssai);
        if (!session || !known || contexts.size >= config.maxContexts) {
          const cause = known
            ? ({ misc: 'control-processing-overload' } as const)
            : ({ radioNetwork: 'resource-not-available-for-the-slice' } as const);
          send({ message: 'BearerContextSetupFailure', value: { 'gNB-CU-CP-UE-E1AP-ID': cpId, cause } });
          return;
        }
        lastUe = (lastUe + 1) % UE_IDS;
        contexts.set(lastUe, { cpId, snssai });
        send({
          message: 'BearerContextSetupResponse',
          value: {
            'gNB-CU-CP-UE-E1AP-ID': cpId,
            'gNB-CU-UP-UE-E1AP-ID': lastUe,
            pDUSessionResourceSetupList: [
              {
                pDUSessionID: session.pDUSessionID,
                dRBSetupListNGRAN: session.dRBToSetupListNGRAN.map(({ dRBID }) => ({
                  dRBID,
                  gTPTEID: lastUe.toString(16).padStart(8, '0'),
                })),
              },
            ],
          },
        });
        return;
      }
      case 'BearerContextReleaseCommand': {
        const { cause: _, ...ids } = pdu.value;
        contexts.delete(ids['gNB-CU-UP-UE-E1AP-ID']);
        send({ message: 'BearerContextReleaseComplete', value: ids });
        return;
      }
      default:
        log.warn({ message: pdu.message }, 'E1AP message out of place');
    }
  };

  const open = () => {
    const socket = connect({ host: config.host, port: config.cuCpPort() });
    link = createLink<E1apPdu>(socket, {
      frame,
      reader: createFrameReader(),
      codec: e1ap,
      onMessage: receive,
      onRefused: (error) => log.warn({ code: error.code, reason: error.message }, 'E1AP message refused'),
      onClose() {
        ready = false;
        link = undefined;
        contexts.clear();
        if (!stopping) timer = setTimeout(open, config.reconnectMs);
      },
    });
    socket.once('connect', () =>
      send({
        message: 'GNBCUUPE1SetupRequest',
        value: {
          transactionID: nextTransaction(),
          'gNB-CU-UP-ID': config.cuUpId,
          'gNB-CU-UP-Name': config.cuUpName,
          cNSupport: 'c-5gc',
          supportedPLMNs: [
            { pLMNIdentity: plmn, sliceSupportList: slices.map(({ snssai }) => snssaiFromText(snssai)) },
          ],
          'gNB-CU-UP-Capacity': 255,
        },
      }),
    );
  };

  return {
    get contexts() {
      return contexts.size;
    },
    connected: () =>
      new Promise((resolve) => {
        if (ready) resolve();
        else waiting.push(resolve);
      }),
    async report(report) {
      const seconds = report.end - report.start;
      const volumes = volumesBySlice(report);
      const load = [...volumes.values()].reduce((sum, mbit) => sum + mbit, 0) / seconds / config.capacityMbps;
      const before = overloaded;
      overloaded = load > OVERLOADED || (overloaded && load >= RELIEVED);
      if (!ready) return;
      if (overloaded !== before) tellStatus();
      const stamp = (time: number) =>
        (Math.floor(config.epochMicros / 1e6 + time + NTP_EPOCH) % UE_IDS).toString(16).padStart(8, '0');
      for (const [snssai, mbit] of volumes) {
        const context = [...contexts].find(([, held]) => held.snssai === snssai);
        if (!context) continue;
        const [upId, { cpId }] = context;
        send({
          message: 'DataUsageReport',
          value: {
            'gNB-CU-CP-UE-E1AP-ID': cpId,
            'gNB-CU-UP-UE-E1AP-ID': upId,
            dataUsageReportList: [
              {
                dRBID: 1,
                rATType: 'nR',
                dRBUsageReportList: [
                  {
                    startTimeStamp: stamp(report.start),
                    endTimeStamp: stamp(report.end),
                    usageCountUL: 0,
                    usageCountDL: Math.round((mbit * 1e6) / 8),
                  },
                ],
              },
            ],
          },
        });
      }
      await link?.flushed();
    },
    async start() {
      stopping = false;
      open();
    },
    async stop() {
      stopping = true;
      clearTimeout(timer);
      link?.destroy('the CU-UP stops');
    },
  };
}

function volumesBySlice(report: PeriodReport): Map<string, number> {
  const volumes = new Map<string, number>();
  for (const { slices } of report.cells)
    for (const { slice, counters } of slices)
      volumes.set(slice.snssai, (volumes.get(slice.snssai) ?? 0) + (counters['DRB.PdcpSduVolumeDL'] ?? 0));
  return volumes;
}
