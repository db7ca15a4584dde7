import { createHash } from 'node:crypto';
import { VES_BLOCKS, type VesEvent } from '@ranloop/contracts/ves';
import {
  collectMeasurement,
  collectPerf3gpp,
  createCollector,
  epochMicros,
  type Identities,
  instantProblem,
  type TimeRules,
} from '../canonical/index.ts';
import type { AcceptedEvent, Point } from '../model.ts';
import { announcedFiles } from '../pm/index.ts';
import { redacted } from '../redact.ts';
import { badField, Refusal } from '../refusal.ts';

export interface AcceptRules extends TimeRules {
  readonly identities: Identities;
  /** True when no announced file can be taken. */
  readonly filesFull: () => boolean;
}

const MOST_SOURCE = 256;
const MOST_EVENT_ID = 1_024;
/** Domains whose values are samples; their events are kept as documents only when they say more. */
const MEASURED = new Set(['measurement', 'perf3gpp']);

/** The rules that the schema cannot express, and the samples of an event that follows them. `sender`: its address. */
export function accept(event: VesEvent, rules: AcceptRules, sender: string): AcceptedEvent {
  const header = event.commonEventHeader;
  checkBlock(event);
  const { sourceName: source, eventId, domain } = header;
  if (source === '' || source.length > MOST_SOURCE)
    throw badField('commonEventHeader/sourceName', `must have 1 to ${MOST_SOURCE} characters`);
  if (eventId === '' || eventId.length > MOST_EVENT_ID)
    throw badField('commonEventHeader/eventId', `must have 1 to ${MOST_EVENT_ID} characters`);
  checkEpoch('startEpochMicrosec', header.startEpochMicrosec);
  checkEpoch('lastEpochMicrosec', header.lastEpochMicrosec);
  const { micros: time, unit: timeUnit } = epochMicros(header.lastEpochMicrosec);
  const { points, more } = samplesOf(event, time, rules);
  const problem = points.length > 0 ? instantProblem(time, rules) : undefined;
  if (problem !== undefined) throw badField('commonEventHeader/lastEpochMicrosec', problem);
  const files = announcedFiles(event, sender);
  if (files.length > 0 && rules.filesFull()) throw new Refusal('SVC1000');
  const whole = MEASURED.has(domain) && !more && points.length > 0 ? undefined : JSON.stringify(event);
  const body = whole !== undefined && announces(event) ? redacted(whole) : whole;
  return { source, eventId, domain, time, timeUnit, identity: identityOf(event), points, body, files };
}

/** Locations of files, of whatever kind, may hold credentials, which are no part of what is kept of the event. */
function announces({ notificationFields, stndDefinedFields }: VesEvent): boolean {
  const { changeType } = notificationFields ?? {};
  const { notificationType } = (stndDefinedFields?.data ?? {}) as { notificationType?: unknown };
  return /^fileready$/i.test(changeType ?? '') || notificationType === 'notifyFileReady';
}

/** The schema leaves open whether the block is the domain's. A heartbeat may come without one. */
function checkBlock(event: VesEvent): void {
  const { domain, stndDefinedNamespace } = event.commonEventHeader;
  const wanted = VES_BLOCKS[domain];
  if (event[wanted] === undefined && domain !== 'heartbeat') throw new Refusal('SVC2006', ['attribute', wanted]);
  for (const block of Object.values(VES_BLOCKS)) {
    if (block !== wanted && event[block] !== undefined)
      throw badField(block, `does not belong to an event of domain ${domain}`);
  }
  if (domain === 'stndDefined' && !stndDefinedNamespace)
    throw new Refusal('SVC2006', ['attribute', 'commonEventHeader/stndDefinedNamespace']);
}

function checkEpoch(name: 'startEpochMicrosec' | 'lastEpochMicrosec', epoch: number): void {
  if (epoch < 0 || epoch >= 1e19) throw badField(`commonEventHeader/${name}`, 'is not a time since 1970');
}

function samplesOf(
  event: VesEvent,
  time: number,
  { identities }: AcceptRules,
): { points: readonly Point[]; more: boolean } {
  const { measurementFields, perf3gppFields } = event;
  const source = event.commonEventHeader.sourceName;
  if (measurementFields) {
    const granularity = seconds(measurementFields.measurementInterval, 'measurementFields/measurementInterval');
    const collector = createCollector(identities, { source, time, granularity });
    collectMeasurement(measurementFields, source, collector);
    return collector.collected();
  }
  if (perf3gppFields) {
    const period = perf3gppFields.measDataCollection.granularityPeriod;
    const granularity = seconds(period, 'perf3gppFields/measDataCollection/granularityPeriod');
    const collector = createCollector(identities, { source, time, granularity });
    collectPerf3gpp(perf3gppFields, collector);
    if (Object.keys(perf3gppFields.eventAddlFields ?? {}).length > 0) collector.leave();
    return collector.collected();
  }
  return { points: [], more: true };
}

function seconds(period: number, field: string): number {
  if (period >= 0 && period <= 1e9) return period;
  throw badField(field, 'must be a period in seconds, 0 to 1e9');
}

/**
 * An eventId is unique at its source, except that raise, change and clear of one fault share it (VES 7.2.1, sequence):
 * for faults the sequence and the times tell the reports apart.
 */
function identityOf({ commonEventHeader: header, faultFields }: VesEvent): string {
  const hash = createHash('md5').update(header.sourceName).update('\0').update(header.eventId);
  if (faultFields) hash.update(`\0${header.sequence}\0${header.lastEpochMicrosec}\0${faultFields.eventSeverity}`);
  return hash.digest('hex');
}
