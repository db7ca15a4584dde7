import Type, { type Static } from 'typebox';
import { closed, HashMap, numbers, oneOf, strings } from './shapes.ts';

export const SyslogFields = closed({
  syslogFieldsVersion: oneOf('4.0'),
  eventSourceType: Type.String(),
  syslogMsg: Type.String(),
  syslogTag: Type.String(),
  additionalFields: Type.Optional(HashMap),
  syslogFacility: Type.Optional(Type.Integer()),
  syslogPri: Type.Optional(Type.Integer()),
  syslogSev: Type.Optional(oneOf('Alert', 'Critical', 'Debug', 'Emergency', 'Error', 'Info', 'Notice', 'Warning')),
  ...numbers('syslogProcId', 'syslogVer'),
  ...strings('eventSourceHost', 'syslogMsgHost', 'syslogProc', 'syslogSData', 'syslogSdId', 'syslogTs'),
});
export type SyslogFields = Static<typeof SyslogFields>;
