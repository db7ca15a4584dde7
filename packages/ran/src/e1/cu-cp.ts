import { createServer, type Server, type Socket } from 'node:net';
import { e1ap } from '@ranloop/codecs/e1ap';
import { createFrameReader, frame } from '@ranloop/codecs/frames';
import type { E1apPdu, E1apValue } from '@ranloop/contracts/e1';
import { plmnToOctets, snssaiFromText, snssaiText } from '@ranloop/contracts/e2';
import { RanloopError } from '@ranloop/contracts/errors';
import type { Service } from '@ranloop/kit/lifecycle';
import { createLink, type Link } from '@ranloop/kit/link';
import type { Log } from '@ranloop/kit/log';
import type { PeriodReport } from '../plant.ts';
import type { E1Config } from './config.ts';

const MOST_CU_UPS = 16;
const UE_IDS = 4_294_967_296;
/** Nominal downlink AMBR of a UE, bit/s. */
const UE_AMBR = 1_000_000_000;
const FIVE_QI: Readonly<Record<string, number>> = { '01': 9, '02': 82, '03': 79 };

interface CuUp {
  readonly link: Link<E1apPdu>;
  readonly name: string;
  readonly slices: ReadonlySet<string>;
  overloaded: boolean;
}

interface Context {
  readonly cpId: number;
  readonly group: string;
  readonly snssai: string;
  readonly cuUp: CuUp;
  upId: number | undefined;
}

export interface CuCpStats {
  readonly cuUps: number;
  readonly overloaded: number;
  readonly contexts: number;
  /** Contexts that no CU-UP took. */
  readonly refused: number;
  /** Downlink octets reported by S-NSSAI. */
  readonly usage: Readonly<Record<string, number>>;
}

/** gNB-CU-CP end of E1: lets CU-UPs in and keeps as many bearer contexts as there are active UEs. */
export interface CuCp extends Service {
  readonly port: number;
  /** Sets up and releases contexts to follow RRC.ConnMean; resolves when each was answered or timed out. */
  report(report: PeriodReport): Promise<void>;
  stats(): CuCpStats;
}

export function createCuCp(
  config: E1Config,
  { log, count }: { log: Log; count: (direction: 'in' | 'out', message: string) => void },
): CuCp {
  const cuUps = new Set<CuUp>();
  const links = new Set<Link<E1apPdu>>();
  const contexts = new Map<number, Context>();
  const groups = new Map<string, Set<Context>>();
  const waiting = new Map<number, () => void>();
  const usage: Record<string, number> = {};
  const plmn = plmnToOctets(config.plmnId);
  let refused = 0;
  let lastUe = 0;
  let server: Server | undefined;

  const drop = (context: Context) => {
    contexts.delete(context.cpId);
    groups.get(context.group)?.delete(context);
    answered(context.cpId);
  };
  const answered = (cpId: number) => {
    const resolve = waiting.get(cpId);
    waiting.delete(cpId);
    resolve?.();
  };

  const accept = (socket: Socket) => {
    let cuUp: CuUp | undefined;
    const link = createLink<E1apPdu>(socket, {
      frame,
      reader: createFrameReader(),
      codec: e1ap,
      onMessage(pdu) {
        count('in', pdu.message);
        if (pdu.message === 'GNBCUUPE1SetupRequest') cuUp = setup(link, pdu.value) ?? cuUp;
        else if (cuUp) receive(cuUp, pdu);
        else link.destroy('no E1 setup');
      },
      onRefused: (error) => log.warn({ code: error.code, reason: error.message }, 'E1AP message refused'),
      onClose(reason) {
        links.delete(link);
        if (!cuUp) return;
        log.info({ cuUp: cuUp.name, reason }, 'CU-UP is gone');
        cuUps.delete(cuUp);
        for (const context of [...contexts.values()]) if (context.cuUp === cuUp) drop(context);
      },
    });
    links.add(link);
  };

  const send = (link: Link<E1apPdu>, pdu: E1apPdu) => {
    if (link.send(pdu)) count('out', pdu.message);
  };

  const setup = (link: Link<E1apPdu>, request: E1apValue<'GNBCUUPE1SetupRequest'>): CuUp | undefined => {
    const { transactionID } = request;
    const own = request.supportedPLMNs.find((supported) => supported.pLMNIdentity === plmn);
    if (!own || cuUps.size >= MOST_CU_UPS) {
      const cause = own
        ? ({ misc: 'control-processing-overload' } as const)
        : ({ radioNetwork: 'unspecified' } as const);
      send(link, { message: 'GNBCUUPE1SetupFailure', value: { transactionID, cause, timeToWait: 'v10s' } });
      return undefined;
    }
    const name = request['gNB-CU-UP-Name'] ?? String(request['gNB-CU-UP-ID']);
    const cuUp = { link, name, slices: new Set(own.sliceSupportList.map(snssaiText)), overloaded: false };
    cuUps.add(cuUp);
    send(link, { message: 'GNBCUUPE1SetupResponse', value: { transactionID, 'gNB-CU-CP-Name': config.cuCpName } });
    return cuUp;
  };

  const receive = (cuUp: CuUp, pdu: E1apPdu) => {
    switch (pdu.message) {
      case 'BearerContextSetupResponse': {
        const context = contexts.get(pdu.value['gNB-CU-CP-UE-E1AP-ID']);
        if (!context) return;
        context.upId = pdu.value['gNB-CU-UP-UE-E1AP-ID'];
        answered(context.cpId);
        return;
      }
      case 'BearerContextSetupFailure': {
        const context = contexts.get(pdu.value['gNB-CU-CP-UE-E1AP-ID']);
        if (!context) return;
        refused++;
        drop(context);
        return;
      }
      case 'BearerContextReleaseComplete':
        answered(pdu.value['gNB-CU-CP-UE-E1AP-ID']);
        return;
      case 'GNBCUUPStatusIndication':
        cuUp.overloaded = pdu.value['gNB-CU-UP-OverloadInformation'] === 'overloaded';
        return;
      case 'DataUsageReport': {
        const context = contexts.get(pdu.value['gNB-CU-CP-UE-E1AP-ID']);
        if (!context) return;
        const octets = pdu.value.dataUsageReportList
          .flatMap(({ dRBUsageReportList }) => dRBUsageReportList)
          .reduce((sum, { usageCountDL }) => sum + usageCountDL, 0);
        usage[context.snssai] = (usage[context.snssai] ?? 0) + octets;
        return;
      }
      default:
        log.warn({ message: pdu.message }, 'E1AP message out of place');
    }
  };

  const answerOf = (cpId: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(() => answered(cpId), config.requestTimeoutMs);
      waiting.set(cpId, () => {
        clearTimeout(timer);
        resolve();
      });
    });

  const add = (group: string, snssai: string): Promise<void> | undefined => {
    const cuUp = [...cuUps].find((candidate) => candidate.slices.has(snssai) && !candidate.overloaded);
    if (!cuUp) {
      refused++;
      return undefined;
    }
    lastUe = (lastUe + 1) % UE_IDS;
    const context: Context = { cpId: lastUe, group, snssai, cuUp, upId: undefined };
    contexts.set(context.cpId, context);
    const ofGroup = groups.get(group) ?? new Set();
    groups.set(group, ofGroup.add(context));
    const done = answerOf(context.cpId);
    send(cuUp.link, {
      message: 'BearerContextSetupRequest',
      value: {
        'gNB-CU-CP-UE-E1AP-ID': context.cpId,
        uEDLAggregateMaximumBitRate: UE_AMBR,
        servingPLMN: plmn,
        activityNotificationLevel: 'ue',
        pDUSessionResourceToSetupList: [
          {
            pDUSessionID: 1,
            pDUSessionType: 'ipv4',
            sNSSAI: snssaiFromText(snssai),
            dRBToSetupListNGRAN: [{ dRBID: 1, fiveQI: FIVE_QI[snssai.slice(0, 2)] ?? 9 }],
          },
        ],
      },
    });
    return done;
  };
  const release = (context: Context): Promise<void> | undefined => {
    const { cpId, upId, cuUp } = context;
    drop(context);
    if (upId === undefined) return undefined;
    const done = answerOf(cpId);
    send(cuUp.link, {
      message: 'BearerContextReleaseCommand',
      value: { 'gNB-CU-CP-UE-E1AP-ID': cpId, 'gNB-CU-UP-UE-E1AP-ID': upId, cause: { radioNetwork: 'unspecified' } },
    });
    return done;
  };

  return {
    get port() {
      const address = server?.address();
      return typeof address === 'object' && address ? address.port : config.port;
    },
    async report(report) {
      const answers: (Promise<void> | undefined)[] = [];
      for (const { cell, slices } of report.cells) {
        for (const { slice, counters } of slices) {
          const group = `${cell.dn} ${slice.snssai}`;
          const wanted = Math.min(config.contextsPerSlice, Math.max(0, Math.round(counters['RRC.ConnMean'] ?? 0)));
          const present = [...(groups.get(group) ?? [])];
          for (let i = present.length; i < wanted; i++) answers.push(add(group, slice.snssai));
          for (const context of present.slice(wanted)) answers.push(release(context));
        }
      }
      await Promise.all(answers);
    },
    stats: () => ({
      cuUps: cuUps.size,
      overloaded: [...cuUps].filter(({ overloaded }) => overloaded).length,
      contexts: contexts.size,
      refused,
      usage: { ...usage },
    }),
    start: () =>
      new Promise((resolve, reject) => {
        server = createServer(accept);
        server.maxConnections = 2 * MOST_CU_UPS;
        server.on('error', (error: NodeJS.ErrnoException) => {
          const taken = new RanloopError(
            'RL_CONFIG',
            `port ${config.port} (E1) is taken; choose others with --port-base`,
          );
          reject(error.code === 'EADDRINUSE' ? taken : error);
        });
        server.listen(config.port, config.host, resolve);
      }),
    stop: () =>
      new Promise((resolve) => {
        if (!server) return resolve();
        server.close(() => resolve());
        for (const link of links) link.destroy('the CU-CP stops');
      }),
  };
}
