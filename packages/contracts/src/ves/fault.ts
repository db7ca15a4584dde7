import Type, { type Static } from 'typebox';
import { closed, HashMap, oneOf, strings } from './shapes.ts';

export const EventSeverity = oneOf('CRITICAL', 'MAJOR', 'MINOR', 'WARNING', 'NORMAL');

/** A fault, or with severity NORMAL its end. */
export const FaultFields = closed({
  faultFieldsVersion: oneOf('4.0'),
  alarmCondition: Type.String(),
  eventSeverity: EventSeverity,
  eventSourceType: Type.String(),
  specificProblem: Type.String(),
  vfStatus: oneOf('Active', 'Idle', 'Preparing to terminate', 'Ready to terminate', 'Requesting termination'),
  alarmAdditionalInformation: Type.Optional(HashMap),
  ...strings('alarmInterfaceA', 'eventCategory'),
});
export type FaultFields = Static<typeof FaultFields>;
