import Type, { type Static } from 'typebox';
import { EventSeverity } from './fault.ts';
import { closed, HashMap, oneOf, strings } from './shapes.ts';

const CrossedCounter = closed({
  criticality: oneOf('CRIT', 'MAJ'),
  hashMap: HashMap,
  thresholdCrossed: Type.String(),
});

/** Both timestamps are RFC 2822 text. */
export const ThresholdCrossingAlertFields = closed({
  thresholdCrossingFieldsVersion: oneOf('4.0'),
  additionalParameters: Type.Array(CrossedCounter),
  alertAction: oneOf('CLEAR', 'CONT', 'SET'),
  alertDescription: Type.String(),
  alertType: oneOf('CARD-ANOMALY', 'ELEMENT-ANOMALY', 'INTERFACE-ANOMALY', 'SERVICE-ANOMALY'),
  collectionTimestamp: Type.String(),
  eventSeverity: EventSeverity,
  eventStartTimestamp: Type.String(),
  additionalFields: Type.Optional(HashMap),
  associatedAlertIdList: Type.Optional(Type.Array(Type.String())),
  ...strings('alertValue', 'dataCollector', 'elementType', 'interfaceName', 'networkService', 'possibleRootCause'),
});
export type ThresholdCrossingAlertFields = Static<typeof ThresholdCrossingAlertFields>;
