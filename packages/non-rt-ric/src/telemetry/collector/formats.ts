import { type Check, checker } from '@ranloop/contracts/schema';
import {
  VES_BLOCKS,
  VES_EVENT_LISTENER,
  VES_VERSION_HEADERS,
  VES5_BLOCKS,
  VES5_EVENT_LISTENER,
  VES5_VERSION_HEADERS,
  Ves5Batch,
  Ves5Event,
  Ves5Single,
  VesBatch,
  VesEvent,
  VesSingle,
} from '@ranloop/contracts/ves';
import { type Collector, collectMeasurement, collectPerf3gpp, collectVfScaling } from '../canonical/index.ts';
import { badField } from '../refusal.ts';

/** What every version says of an event, whatever its blocks are. */
export interface ReportedEvent {
  readonly commonEventHeader: {
    readonly domain: string;
    readonly eventId: string;
    readonly sourceName: string;
    readonly sequence: number;
    readonly startEpochMicrosec: number;
    readonly lastEpochMicrosec: number;
    readonly stndDefinedNamespace?: string;
  };
  readonly faultFields?: { readonly eventSeverity: string };
  readonly notificationFields?: NonNullable<VesEvent['notificationFields']>;
  readonly stndDefinedFields?: NonNullable<VesEvent['stndDefinedFields']>;
}

/** A block that holds counters: its period in seconds, and how they are gathered. */
export interface Measured {
  readonly granularity: number;
  collect(into: Collector): void;
}

/** A major version of the event listener. */
export interface EventFormat {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The minor versions that a client may ask for. */
  readonly minors: readonly string[];
  readonly blocks: Readonly<Record<string, string>>;
  readonly single: Check<{ event: ReportedEvent }>;
  readonly batch: Check<{ eventList: ReportedEvent[] }>;
  readonly event: Check<ReportedEvent>;
  measured(event: ReportedEvent): Measured | undefined;
}

const VES_7: EventFormat = {
  path: VES_EVENT_LISTENER,
  headers: VES_VERSION_HEADERS,
  minors: ['0', '1', '2'],
  blocks: VES_BLOCKS,
  single: checker(VesSingle),
  batch: checker(VesBatch),
  event: checker(VesEvent),
  measured(event) {
    const { commonEventHeader, measurementFields, perf3gppFields } = event as VesEvent;
    if (measurementFields)
      return {
        granularity: seconds(measurementFields.measurementInterval, 'measurementFields/measurementInterval'),
        collect: (into) => collectMeasurement(measurementFields, commonEventHeader.sourceName, into),
      };
    if (!perf3gppFields) return undefined;
    const period = perf3gppFields.measDataCollection.granularityPeriod;
    return {
      granularity: seconds(period, 'perf3gppFields/measDataCollection/granularityPeriod'),
      collect(into) {
        collectPerf3gpp(perf3gppFields, into);
        if (Object.keys(perf3gppFields.eventAddlFields ?? {}).length > 0) into.leave();
      },
    };
  },
};

const VES_5: EventFormat = {
  path: VES5_EVENT_LISTENER,
  headers: VES5_VERSION_HEADERS,
  minors: ['4'],
  blocks: VES5_BLOCKS,
  single: checker(Ves5Single),
  batch: checker(Ves5Batch),
  event: checker(Ves5Event),
  measured(event) {
    const { commonEventHeader, measurementsForVfScalingFields: fields } = event as Ves5Event;
    if (!fields) return undefined;
    return {
      granularity: seconds(fields.measurementInterval, 'measurementsForVfScalingFields/measurementInterval'),
      collect: (into) => collectVfScaling(fields, commonEventHeader.sourceName, into),
    };
  },
};

export const EVENT_FORMATS: readonly EventFormat[] = [VES_7, VES_5];

function seconds(period: number, field: string): number {
  if (period >= 0 && period <= 1e9) return period;
  throw badField(field, 'must be a period in seconds, 0 to 1e9');
}
