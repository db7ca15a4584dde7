import Type, { type Static } from 'typebox';
import { EventSeverity, FaultFields as LaterFault } from '../fault.ts';
import { numbers, oneOf, requiredNumbers, strings } from '../shapes.ts';
import { StateChangeFields as LaterStateChange } from '../state-change.ts';
import { SyslogFields as LaterSyslog } from '../syslog.ts';
import { ThresholdCrossingAlertFields as LaterAlert } from '../threshold-crossing-alert.ts';
import { MeasurementsForVfScalingFields } from './measurement.ts';
import { MobileFlowFields } from './mobile-flow.ts';
import { Fields, JsonObjects, NamedFields, VendorVnfNameFields } from './shapes.ts';

/** The path of the event listener of VES 5 (common event format 28.3 to 28.4.1). */
export const VES5_EVENT_LISTENER = '/eventListener/v5';

/** What a VES 5.4.1 listener says of itself on every reply. */
export const VES5_VERSION_HEADERS = {
  'x-minorversion': '4',
  'x-patchversion': '1',
  'x-latestversion': '5.4.1',
} as const;

/** The block that an event of a domain carries. */
export const VES5_BLOCKS = {
  fault: 'faultFields',
  heartbeat: 'heartbeatFields',
  measurementsForVfScaling: 'measurementsForVfScalingFields',
  mobileFlow: 'mobileFlowFields',
  other: 'otherFields',
  sipSignaling: 'sipSignalingFields',
  stateChange: 'stateChangeFields',
  syslog: 'syslogFields',
  thresholdCrossingAlert: 'thresholdCrossingAlertFields',
  voiceQuality: 'voiceQualityFields',
} as const;

const DOMAINS = Object.keys(VES5_BLOCKS) as (keyof typeof VES5_BLOCKS)[];

const Header = Type.Object({
  domain: Type.Enum([...DOMAINS]),
  eventId: Type.String(),
  eventName: Type.String(),
  internalHeaderFields: Type.Optional(Type.Object({})),
  priority: oneOf('High', 'Medium', 'Normal', 'Low'),
  reportingEntityName: Type.String(),
  sequence: Type.Integer(),
  sourceName: Type.String(),
  ...requiredNumbers('startEpochMicrosec', 'lastEpochMicrosec', 'version'),
  ...strings('eventType', 'nfcNamingCode', 'nfNamingCode', 'reportingEntityId', 'sourceId'),
});

const FaultFields = Type.Object({
  ...LaterFault.properties,
  faultFieldsVersion: Type.Number(),
  alarmAdditionalInformation: Type.Optional(Fields),
});

const HeartbeatFields = Type.Object({
  heartbeatFieldsVersion: Type.Number(),
  heartbeatInterval: Type.Integer(),
  additionalFields: Type.Optional(Fields),
});

const OtherFields = Type.Object({
  otherFieldsVersion: Type.Number(),
  hashOfNameValuePairArrays: Type.Optional(NamedFields),
  jsonObjects: Type.Optional(JsonObjects),
  nameValuePairs: Type.Optional(Fields),
});

const SipSignalingFields = Type.Object({
  sipSignalingFieldsVersion: Type.Number(),
  correlator: Type.String(),
  localIpAddress: Type.String(),
  localPort: Type.String(),
  remoteIpAddress: Type.String(),
  remotePort: Type.String(),
  vendorVnfNameFields: VendorVnfNameFields,
  additionalInformation: Type.Optional(Fields),
  ...strings('compressedSip', 'summarySip'),
});

const StateChangeFields = Type.Object({
  ...LaterStateChange.properties,
  stateChangeFieldsVersion: Type.Number(),
  additionalFields: Type.Optional(Fields),
});

const { syslogMsgHost: _host, syslogTs: _time, ...syslog } = LaterSyslog.properties;

const SyslogFields = Type.Object({
  ...syslog,
  syslogFieldsVersion: Type.Number(),
  additionalFields: Type.Optional(Type.String()),
});

const CrossedCounter = Type.Object({
  criticality: oneOf('CRIT', 'MAJ'),
  name: Type.String(),
  thresholdCrossed: Type.String(),
  value: Type.String(),
});

const ThresholdCrossingAlertFields = Type.Object({
  ...LaterAlert.properties,
  thresholdCrossingFieldsVersion: Type.Number(),
  additionalParameters: Type.Array(CrossedCounter),
  eventSeverity: EventSeverity,
  additionalFields: Type.Optional(Fields),
});

const ENDS = ['OctetsDiscarded', 'OctetsReceived', 'OctetsSent', 'PacketsDiscarded', 'PacketsReceived', 'PacketsSent'];

const EndOfCallVqmSummaries = Type.Object({
  adjacencyName: Type.String(),
  endpointDescription: oneOf('Caller', 'Callee'),
  ...numbers('endpointJitter', 'localJitter', 'mosCqe', 'packetsLost', 'packetLossPercent', 'rFactor'),
  ...numbers('roundTripDelay', ...ENDS.flatMap((what) => [`endpointRtp${what}`, `localRtp${what}`])),
});

const VoiceQualityFields = Type.Object({
  voiceQualityFieldsVersion: Type.Number(),
  calleeSideCodec: Type.String(),
  callerSideCodec: Type.String(),
  correlator: Type.String(),
  midCallRtcp: Type.String(),
  vendorVnfNameFields: VendorVnfNameFields,
  additionalInformation: Type.Optional(Fields),
  endOfCallVqmSummaries: Type.Optional(EndOfCallVqmSummaries),
  ...strings('phoneNumber'),
});

/** One event of VES 5. */
export const Ves5Event = Type.Object({
  commonEventHeader: Header,
  faultFields: Type.Optional(FaultFields),
  heartbeatFields: Type.Optional(HeartbeatFields),
  measurementsForVfScalingFields: Type.Optional(MeasurementsForVfScalingFields),
  mobileFlowFields: Type.Optional(MobileFlowFields),
  otherFields: Type.Optional(OtherFields),
  sipSignalingFields: Type.Optional(SipSignalingFields),
  stateChangeFields: Type.Optional(StateChangeFields),
  syslogFields: Type.Optional(SyslogFields),
  thresholdCrossingAlertFields: Type.Optional(ThresholdCrossingAlertFields),
  voiceQualityFields: Type.Optional(VoiceQualityFields),
});
export type Ves5Event = Static<typeof Ves5Event>;

export const Ves5Single = Type.Object({ event: Ves5Event });
export const Ves5Batch = Type.Object({ eventList: Type.Array(Ves5Event) });
