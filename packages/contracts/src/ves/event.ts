import Type, { type Static } from 'typebox';
import { FaultFields } from './fault.ts';
import { CommonEventHeader, type VesDomain } from './header.ts';
import { HeartbeatFields } from './heartbeat.ts';
import { MeasurementFields } from './measurement.ts';
import { MobileFlowFields } from './mobile-flow.ts';
import { NotificationFields } from './notification.ts';
import { OtherFields } from './other.ts';
import { Perf3gppFields } from './perf3gpp.ts';
import { PnfRegistrationFields } from './pnf-registration.ts';
import { closed } from './shapes.ts';
import { SipSignalingFields } from './sip-signaling.ts';
import { StateChangeFields } from './state-change.ts';
import { StndDefinedFields } from './stnd-defined.ts';
import { SyslogFields } from './syslog.ts';
import { ThresholdCrossingAlertFields } from './threshold-crossing-alert.ts';
import { VoiceQualityFields } from './voice-quality.ts';

/** The path of the event listener; only the major version is in it. */
export const VES_EVENT_LISTENER = '/eventListener/v7';

/** What a VES 7.2.1 listener says of itself on every reply. */
export const VES_VERSION_HEADERS = {
  'x-minorversion': '2',
  'x-patchversion': '1',
  'x-latestversion': '7.2.1',
} as const;

/** Bytes of one request, uncompressed: the hard limit of the specification. */
export const VES_MOST_BYTES = 2 * 1024 * 1024;

/** One event. The format itself does not tie `domain` to its block. */
export const VesEvent = closed({
  commonEventHeader: CommonEventHeader,
  faultFields: Type.Optional(FaultFields),
  heartbeatFields: Type.Optional(HeartbeatFields),
  measurementFields: Type.Optional(MeasurementFields),
  mobileFlowFields: Type.Optional(MobileFlowFields),
  notificationFields: Type.Optional(NotificationFields),
  otherFields: Type.Optional(OtherFields),
  perf3gppFields: Type.Optional(Perf3gppFields),
  pnfRegistrationFields: Type.Optional(PnfRegistrationFields),
  sipSignalingFields: Type.Optional(SipSignalingFields),
  stateChangeFields: Type.Optional(StateChangeFields),
  stndDefinedFields: Type.Optional(StndDefinedFields),
  syslogFields: Type.Optional(SyslogFields),
  thresholdCrossingAlertFields: Type.Optional(ThresholdCrossingAlertFields),
  voiceQualityFields: Type.Optional(VoiceQualityFields),
});
export type VesEvent = Static<typeof VesEvent>;

/** `POST /eventListener/v7[/{topic}]`. */
export const VesSingle = Type.Object({ event: VesEvent });
export type VesSingle = Static<typeof VesSingle>;

/** `POST /eventListener/v7/eventBatch`: the items are bare events, not wrapped in `event`. */
export const VesBatch = Type.Object({ eventList: Type.Array(VesEvent) });
export type VesBatch = Static<typeof VesBatch>;

/** The block that an event of a domain carries. */
export const VES_BLOCKS = {
  fault: 'faultFields',
  heartbeat: 'heartbeatFields',
  measurement: 'measurementFields',
  mobileFlow: 'mobileFlowFields',
  notification: 'notificationFields',
  other: 'otherFields',
  perf3gpp: 'perf3gppFields',
  pnfRegistration: 'pnfRegistrationFields',
  sipSignaling: 'sipSignalingFields',
  stateChange: 'stateChangeFields',
  stndDefined: 'stndDefinedFields',
  syslog: 'syslogFields',
  thresholdCrossingAlert: 'thresholdCrossingAlertFields',
  voiceQuality: 'voiceQualityFields',
} as const satisfies Record<VesDomain, keyof VesEvent>;
