import {
  kpmActionDefinition,
  kpmEventTrigger,
  kpmIndicationHeader,
  kpmIndicationMessage,
  ntpFromSeconds,
} from '@ranloop/codecs/e2sm';
import {
  type Cause,
  type E2apPdu,
  type E2apValue,
  KPM_FUNCTION,
  type KpmMeasInfo,
  type KpmRecordItem,
  ncIOf,
  type RicRequestID,
  snssaiText,
} from '@ranloop/contracts/e2';
import type { CellIdentity, CellReport, PeriodReport } from '../plant.ts';
import { REPORTED } from './identity.ts';

const MOST_SUBSCRIPTIONS = 64;
/** Granularity periods in one report. */
const MOST_RECORDS = 60;
const SERIAL_NUMBERS = 65_536;

interface Action {
  readonly id: number;
  readonly ncI: number;
  readonly measInfoList: readonly KpmMeasInfo[];
  /** Records of the periods that are not reported yet, and the start of the first of them. */
  held: { items: KpmRecordItem[]; start: number }[];
}

interface Subscription {
  readonly id: RicRequestID;
  readonly recordsPerReport: number;
  readonly actions: readonly Action[];
  serial: number;
}

/** The KPM subscriptions of a node: report style 1, one action per cell. */
export interface KpmReports {
  subscribe(request: E2apValue<'RICsubscriptionRequest'>): E2apPdu;
  unsubscribe(request: E2apValue<'RICsubscriptionDeleteRequest'>): E2apPdu;
  /** The indications that a closed measurement period brings about. */
  report(report: PeriodReport): E2apPdu[];
  clear(): void;
}

export function createKpmReports({
  cells,
  periodMs,
  epochMicros,
  senderName,
}: {
  cells: readonly CellIdentity[];
  periodMs: number;
  epochMicros: number;
  senderName: string;
}): KpmReports {
  const subscriptions = new Map<string, Subscription>();
  const keyOf = ({ ricRequestorID, ricInstanceID }: RicRequestID) => `${ricRequestorID}:${ricInstanceID}`;

  const admit = (id: number, definition: string | undefined): Action | Cause => {
    if (definition === undefined) return { ricRequest: 'action-not-supported' };
    const { measInfoList, granulPeriod, cellGlobalID } =
      kpmActionDefinition.decode(definition)['actionDefinition-formats']['actionDefinition-Format1'];
    // Node-wide sums are not offered, so that every number belongs to one cell.
    if (!cellGlobalID || granulPeriod !== periodMs) return { ricRequest: 'action-not-supported' };
    const ncI = ncIOf(cellGlobalID['nR-CGI']);
    const known = measInfoList.every(({ measType }) => (REPORTED as readonly string[]).includes(measType.measName));
    if (!known || !cells.some((cell) => cell.ncI === ncI)) return { ricRequest: 'requestedInformationUnavailable' };
    return { id, ncI, measInfoList, held: [] };
  };

  return {
    subscribe({ ricRequestID, ranFunctionID, ricSubscriptionDetails }) {
      const failure = (cause: Cause): E2apPdu => ({
        message: 'RICsubscriptionFailure',
        value: { ricRequestID, ranFunctionID, cause },
      });
      if (ranFunctionID !== KPM_FUNCTION.id) return failure({ ricRequest: 'ran-function-id-invalid' });
      if (subscriptions.has(keyOf(ricRequestID))) return failure({ ricRequest: 'duplicate-ric-request-id' });
      if (subscriptions.size >= MOST_SUBSCRIPTIONS) return failure({ ricRequest: 'function-resource-limit' });
      const trigger = kpmEventTrigger.decode(ricSubscriptionDetails.ricEventTriggerDefinition);
      const { reportingPeriod } = trigger['eventDefinition-formats']['eventDefinition-Format1'];
      const recordsPerReport = reportingPeriod / periodMs;
      if (!Number.isInteger(recordsPerReport) || recordsPerReport > MOST_RECORDS)
        return failure({ ricRequest: 'eventTriggerNotSupported' });

      const actions: Action[] = [];
      const notAdmitted: { ricActionID: number; cause: Cause }[] = [];
      for (const action of ricSubscriptionDetails['ricAction-ToBeSetup-List']) {
        const outcome =
          action.ricActionType === 'report'
            ? admit(action.ricActionID, action.ricActionDefinition)
            : ({ ricRequest: 'action-not-supported' } as const);
        if ('held' in outcome) actions.push(outcome);
        else notAdmitted.push({ ricActionID: action.ricActionID, cause: outcome });
      }
      const refused = notAdmitted[0];
      if (actions.length === 0) return failure(refused?.cause ?? { ricRequest: 'unspecified' });
      subscriptions.set(keyOf(ricRequestID), { id: ricRequestID, recordsPerReport, actions, serial: 0 });
      return {
        message: 'RICsubscriptionResponse',
        value: {
          ricRequestID,
          ranFunctionID,
          'ricAction-Admitted-List': actions.map(({ id }) => ({ ricActionID: id })),
          ...(refused ? { 'ricAction-NotAdmitted-List': notAdmitted } : {}),
        },
      };
    },
    unsubscribe({ ricRequestID, ranFunctionID }) {
      if (!subscriptions.delete(keyOf(ricRequestID)))
        return {
          message: 'RICsubscriptionDeleteFailure',
          value: { ricRequestID, ranFunctionID, cause: { ricRequest: 'request-id-unknown' } },
        };
      return { message: 'RICsubscriptionDeleteResponse', value: { ricRequestID, ranFunctionID } };
    },
    report(report) {
      const indications: E2apPdu[] = [];
      for (const subscription of subscriptions.values()) {
        for (const action of subscription.actions) {
          const cell = report.cells.find((candidate) => candidate.cell.ncI === action.ncI);
          if (!cell) continue;
          action.held.push({ items: measure(cell, action.measInfoList), start: report.start });
          if (action.held.length < subscription.recordsPerReport) continue;
          indications.push(indication(subscription, action));
          action.held = [];
        }
      }
      return indications;
    },
    clear: () => subscriptions.clear(),
  };

  function indication(subscription: Subscription, action: Action): E2apPdu {
    const start = epochMicros / 1e6 + (action.held[0]?.start ?? 0);
    const serial = subscription.serial;
    subscription.serial = (serial + 1) % SERIAL_NUMBERS;
    return {
      message: 'RICindication',
      value: {
        ricRequestID: subscription.id,
        ranFunctionID: KPM_FUNCTION.id,
        ricActionID: action.id,
        ricIndicationSN: serial,
        ricIndicationType: 'report',
        ricIndicationHeader: kpmIndicationHeader.encode({
          'indicationHeader-formats': {
            'indicationHeader-Format1': { colletStartTime: ntpFromSeconds(start), senderName },
          },
        }),
        ricIndicationMessage: kpmIndicationMessage.encode({
          'indicationMessage-formats': {
            'indicationMessage-Format1': {
              measData: action.held.map(({ items }) => ({ measRecord: items })),
              measInfoList: [...action.measInfoList],
              granulPeriod: periodMs,
            },
          },
        }),
      },
    };
  }
}

/** E2SM-KPM counts volumes in kbit, TS 28.552 and the plant in Mbit. */
const KPM_FACTOR: Readonly<Record<string, number>> = { 'DRB.PdcpSduVolumeDL': 1_000 };

function measure(cell: CellReport, measInfoList: readonly KpmMeasInfo[]): KpmRecordItem[] {
  return measInfoList.flatMap(({ measType, labelInfoList }) =>
    labelInfoList.map(({ measLabel }) => {
      const name = measType.measName;
      if ('noLabel' in measLabel) return record(name, cell.counters[name]);
      const snssai = snssaiText(measLabel.sliceID);
      return record(name, cell.slices.find(({ slice }) => slice.snssai === snssai)?.counters[name]);
    }),
  );
}

function record(name: string, measured: number | undefined): KpmRecordItem {
  if (measured === undefined || !Number.isFinite(measured)) return { noValue: null };
  const value = measured * (KPM_FACTOR[name] ?? 1);
  return Number.isInteger(value) && value >= 0 && value <= 4_294_967_295 ? { integer: value } : { real: value };
}
