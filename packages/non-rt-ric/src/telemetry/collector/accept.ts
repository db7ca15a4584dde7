import { createHash } from 'node:crypto';
import { createCollector, epochMicros, type Identities, instantProblem, type TimeRules } from '../canonical/index.ts';
import type { AcceptedEvent, Point } from '../model.ts';
import { announcedFiles } from '../pm/index.ts';
import { redacted } from '../redact.ts';
import { badField, Refusal } from '../refusal.ts';
import type { StndDefined } from '../stnd-defined/index.ts';
import type { EventFormat, ReportedEvent } from './formats.ts';

export interface AcceptRules extends TimeRules {
  readonly identities: Identities;
  /** True when no announced file can be taken. */
  readonly filesFull: () => boolean;
  readonly stndDefined: StndDefined;
}

const MOST_SOURCE = 256;
const MOST_EVENT_ID = 1_024;
/** What a request tells of all its events: their version, and the address that it came from. */
export interface Origin {
  readonly format: EventFormat;
  readonly sender: string;
}

/** The rules that the schema cannot express, and the samples of an event that follows them. */
export function accept(event: ReportedEvent, rules: AcceptRules, { format, sender }: Origin): AcceptedEvent {
  const header = event.commonEventHeader;
  checkBlock(event, format);
  const { sourceName: source, eventId, domain } = header;
  if (source === '' || source.length > MOST_SOURCE)
    throw badField('commonEventHeader/sourceName', `must have 1 to ${MOST_SOURCE} characters`);
  if (eventId === '' || eventId.length > MOST_EVENT_ID)
    throw badField('commonEventHeader/eventId', `must have 1 to ${MOST_EVENT_ID} characters`);
  checkEpoch('startEpochMicrosec', header.startEpochMicrosec);
  checkEpoch('lastEpochMicrosec', header.lastEpochMicrosec);
  const { micros: time, unit: timeUnit } = epochMicros(header.lastEpochMicrosec);
  const note = event.stndDefinedFields && rules.stndDefined.check(event.stndDefinedFields);
  const { points, more } = samplesOf(event, time, { format, rules });
  const problem = points.length > 0 ? instantProblem(time, rules) : undefined;
  if (problem !== undefined) throw badField('commonEventHeader/lastEpochMicrosec', problem);
  const files = announcedFiles(event, sender);
  if (files.length > 0 && rules.filesFull()) throw new Refusal('SVC1000');
  const whole =
    !more && points.length > 0 ? undefined : JSON.stringify(note === undefined ? event : noted(event, note));
  const body = whole !== undefined && announces(event) ? redacted(whole) : whole;
  return { source, eventId, domain, time, timeUnit, identity: identityOf(event), points, body, files };
}

/** The header has a place for what the collector has to say of an event (VES 7.2.1, internalHeaderFields). */
function noted(event: ReportedEvent, note: string): ReportedEvent {
  const header = { ...event.commonEventHeader, internalHeaderFields: { note } };
  return { ...event, commonEventHeader: header };
}

/** Locations of files, of whatever kind, may hold credentials, which are no part of what is kept of the event. */
function announces({ notificationFields, stndDefinedFields }: ReportedEvent): boolean {
  const { changeType } = notificationFields ?? {};
  const { notificationType } = (stndDefinedFields?.data ?? {}) as { notificationType?: unknown };
  return /^fileready$/i.test(changeType ?? '') || notificationType === 'notifyFileReady';
}

/** The schema leaves open whether the block is the domain's. A heartbeat may come without one. */
function checkBlock(event: ReportedEvent, { blocks }: EventFormat): void {
  const { domain, stndDefinedNamespace } = event.commonEventHeader;
  const wanted = blocks[domain] ?? '';
  const told = event as unknown as Readonly<Record<string, unknown>>;
  if (told[wanted] === undefined && domain !== 'heartbeat') throw new Refusal('SVC2006', ['attribute', wanted]);
  for (const block of Object.values(blocks)) {
    if (block !== wanted && told[block] !== undefined)
      throw badField(block, `does not belong to an event of domain ${domain}`);
  }
  if (domain === 'stndDefined' && !stndDefinedNamespace)
    throw new Refusal('SVC2006', ['attribute', 'commonEventHeader/stndDefinedNamespace']);
}

function checkEpoch(name: 'startEpochMicrosec' | 'lastEpochMicrosec', epoch: number): void {
  if (epoch < 0 || epoch >= 1e19) throw badField(`commonEventHeader/${name}`, 'is not a time since 1970');
}

interface Reading {
  readonly format: EventFormat;
  readonly rules: AcceptRules;
}

function samplesOf(
  event: ReportedEvent,
  time: number,
  { format, rules }: Reading,
): { points: readonly Point[]; more: boolean } {
  const measured = format.measured(event);
  if (!measured) return { points: [], more: true };
  const { granularity, collect } = measured;
  const source = event.commonEventHeader.sourceName;
  const collector = createCollector(rules.identities, { source, time, granularity });
  collect(collector);
  return collector.collected();
}

/**
 * An eventId is unique at its source, except that raise, change and clear of one fault share it (VES 7.2.1, sequence):
 * for faults the sequence and the times tell the reports apart.
 */
function identityOf({ commonEventHeader: header, faultFields }: ReportedEvent): string {
  const hash = createHash('md5').update(header.sourceName).update('\0').update(header.eventId);
  if (faultFields) hash.update(`\0${header.sequence}\0${header.lastEpochMicrosec}\0${faultFields.eventSeverity}`);
  return hash.digest('hex');
}
