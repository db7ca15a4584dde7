import type { Json, SchemaDocument } from './document.ts';

/**
 * What every release of TS 28.532 (and TS 28.111 for faults) from 16 to 18 asks of its notifications. Members on which
 * releases differ are left open, so that data which one of them admits is not refused by another's schema.
 */
type Members = Readonly<Record<string, Json>>;

const text: Json = { type: 'string' };
const texts: Json = { type: 'array', items: text };
const map: Json = { type: 'object' };
const flag: Json = { type: 'boolean' };
const oneOf = (...values: readonly string[]): Json => ({ type: 'string', enum: values });
const object = (properties: Members, required: readonly string[] = []): Json => ({
  type: 'object',
  properties,
  required,
});

/** The header of a notification; `href` is a URI, which senders also write as a number. */
const HEADER: Members = { notificationId: { type: 'integer' }, eventTime: text, systemDN: text };
const HEADER_REQUIRED = ['href', 'notificationId', 'notificationType', 'eventTime', 'systemDN'];

function notification(type: string, properties: Members, required: readonly string[] = []): Json {
  const members = { ...HEADER, notificationType: oneOf(type), ...properties };
  return object(members, [...HEADER_REQUIRED, ...required]);
}

const ALARM: Members = {
  alarmId: text,
  alarmType: oneOf(
    'COMMUNICATIONS_ALARM',
    'QUALITY_OF_SERVICE_ALARM',
    'PROCESSING_ERROR_ALARM',
    'EQUIPMENT_ALARM',
    'ENVIRONMENTAL_ALARM',
    'INTEGRITY_VIOLATION',
    'OPERATIONAL_VIOLATION',
    'PHYSICAL_VIOLATION',
    'SECURITY_SERVICE_OR_MECHANISM_VIOLATION',
    'TIME_DOMAIN_VIOLATION',
  ),
  probableCause: { type: ['string', 'integer'] },
  specificProblem: { type: ['string', 'integer'] },
  perceivedSeverity: oneOf('INDETERMINATE', 'CRITICAL', 'MAJOR', 'MINOR', 'WARNING', 'CLEARED'),
  backedUpStatus: flag,
  backUpObject: text,
  trendIndication: oneOf('MORE_SEVERE', 'NO_CHANGE', 'LESS_SEVERE'),
  thresholdInfo: object({ observedMeasurement: text }),
  correlatedNotifications: { type: 'array', items: map },
  // A map in TS 28.532, a list at some senders.
  stateChangeDefinition: { type: ['object', 'array'] },
  monitoredAttributes: map,
  proposedRepairActions: text,
  additionalText: text,
  additionalInformation: map,
  rootCauseIndicator: flag,
  clearUserId: text,
  clearSystemId: text,
};
const ALARM_REQUIRED = ['alarmId', 'alarmType', 'probableCause', 'perceivedSeverity'];
const alarm = (type: string, further: Members = {}, required: readonly string[] = []) =>
  notification(type, { ...ALARM, ...further }, [...ALARM_REQUIRED, ...required]);

const FAULT: Members = {
  NotifyNewAlarm: alarm('notifyNewAlarm'),
  NotifyChangedAlarm: alarm('notifyChangedAlarm'),
  NotifyChangedAlarmGeneral: alarm('notifyChangedAlarmGeneral', { changedAlarmAttributes: map }),
  NotifyClearedAlarm: alarm('notifyClearedAlarm'),
  NotifyAckStateChanged: alarm('notifyAckStateChanged', { ackState: oneOf('ACKNOWLEDGED', 'UNACKNOWLEDGED') }, [
    'ackState',
  ]),
  NotifyComments: alarm('notifyComments', {}, ['comments']),
  NotifyAlarmListRebuilt: object({ ...HEADER, reason: text }, [...HEADER_REQUIRED, 'reason']),
};

const HEARTBEAT = notification('notifyHeartbeat', { heartbeatNtfPeriod: { type: 'integer' } });

const FILE: Json = object(
  {
    fileLocation: text,
    fileSize: { type: 'integer', minimum: 0 },
    fileReadyTime: text,
    fileExpirationTime: text,
    fileCompression: text,
    fileFormat: text,
    fileDataType: text,
  },
  ['fileLocation'],
);
const FILES: Json = { type: 'array', items: FILE };

const FILE_REPORT: Members = {
  NotifyFileReady: notification('notifyFileReady', { fileInfoList: FILES, additionalText: text }, ['fileInfoList']),
  NotifyFilePreparationError: notification('notifyFilePreparationError', { reason: text, additionalText: text }),
};

/** The first release 16 kept header and body of a notification apart. */
const apart = (type: string): Json =>
  object({
    header: object({ uri: text, notificationId: { type: ['integer', 'string'] }, notificationType: oneOf(type) }),
    body: object({ fileInfoList: FILES, additionalText: text, reason: text }),
  });

const EARLY_FILE_REPORT: Members = {
  ...FILE_REPORT,
  'notifyFileReady-NotifType': apart('notifyFileReady'),
  'notifyFilePreparationError-NotifType': apart('notifyFilePreparationError'),
};

const PROVISIONING: Members = {
  NotifyMoiCreation: notification('notifyMOICreation', { attributeList: map, additionalText: text }),
  NotifyMoiDeletion: notification('notifyMOIDeletion', { attributeList: map, additionalText: text }),
  NotifyMoiAttributeValueChanges: notification('notifyMOIAttributeValueChanges', { additionalText: text }, [
    'attributeListValueChanges',
  ]),
  NotifyMoiChanges: notification('notifyMOIChanges', { moiChanges: { type: 'array', items: map } }, ['moiChanges']),
};

const PERFORMANCE: Members = {
  NotifyThresholdCrossing: notification('notifyThresholdCrossing', {
    observedPerfMetricName: text,
    observedPerfMetricDirection: text,
    thresholdValue: { type: ['number', 'string', 'object'] },
    jobIds: texts,
  }),
};

/** By the name that the file has in the repository of 3GPP SA5, whatever the branch. */
const FILES_OF_SA5: Readonly<Record<string, Members>> = {
  'faultMnS.yaml': FAULT,
  'TS28532_FaultMnS.yaml': FAULT,
  'TS28111_FaultNrm.yaml': FAULT,
  'TS28111_FaultMnS.yaml': FAULT,
  'heartbeatNtf.yaml': { NotifyHeartbeat: HEARTBEAT, 'notifyHeartbeat-NotifType': HEARTBEAT },
  'TS28532_HeartbeatNtf.yaml': { NotifyHeartbeat: HEARTBEAT },
  'PerDataFileReportMnS.yaml': EARLY_FILE_REPORT,
  'TS28532_FileDataReportingMnS.yaml': FILE_REPORT,
  'provMnS.yaml': PROVISIONING,
  'TS28532_ProvMnS.yaml': PROVISIONING,
  'TS28532_PerfMnS.yaml': PERFORMANCE,
};

const SA5 = /^https:\/\/forge\.3gpp\.org\/rep\/sa5\/[\w./-]{1,200}\/OpenAPI\/([\w.-]{1,100})$/i;
const address = (file: string) => `https://schemas.invalid/${file}`;

export const SHIPPED: ReadonlyMap<string, SchemaDocument> = new Map(
  Object.entries(FILES_OF_SA5).map(([file, schemas]) => [address(file), { content: { components: { schemas } } }]),
);

/** Under which address a public one is shipped; the text itself when it is none of SA5's. */
export function shippedAddress(publicUrl: string): string {
  const file = SA5.exec(publicUrl)?.[1];
  return file === undefined ? publicUrl : address(file);
}
