import Type, { type Static } from 'typebox';
import { closed, oneOf, requiredNumbers, strings } from './shapes.ts';

/** VES event listener 7.2.1, common event header 4.1. Times are meant as microseconds; senders differ (see the collector). */
export const VES_DOMAINS = [
  'fault',
  'heartbeat',
  'measurement',
  'mobileFlow',
  'notification',
  'other',
  'perf3gpp',
  'pnfRegistration',
  'sipSignaling',
  'stateChange',
  'stndDefined',
  'syslog',
  'thresholdCrossingAlert',
  'voiceQuality',
] as const;
export type VesDomain = (typeof VES_DOMAINS)[number];

export const CommonEventHeader = closed({
  domain: oneOf(...VES_DOMAINS),
  eventId: Type.String(),
  eventName: Type.String(),
  internalHeaderFields: Type.Optional(Type.Object({})),
  priority: oneOf('High', 'Medium', 'Normal', 'Low'),
  reportingEntityName: Type.String(),
  sequence: Type.Integer(),
  sourceName: Type.String(),
  ...requiredNumbers('startEpochMicrosec', 'lastEpochMicrosec'),
  version: oneOf('4.0', '4.0.1', '4.1'),
  vesEventListenerVersion: oneOf('7.0', '7.0.1', '7.1', '7.1.1', '7.2', '7.2.1'),
  ...strings(
    'eventType',
    'nfNamingCode',
    'nfcNamingCode',
    'nfVendorName',
    'reportingEntityId',
    'sourceId',
    'stndDefinedNamespace',
    'timeZoneOffset',
  ),
});
export type CommonEventHeader = Static<typeof CommonEventHeader>;
