import {
  KpmActionDefinition,
  KpmEventTrigger,
  KpmFunctionDefinition,
  KpmIndicationHeader,
  KpmIndicationMessage,
  RcControlHeader,
  RcControlMessage,
  RcControlOutcome,
  RcFunctionDefinition,
} from '@ranloop/contracts/e2';
import type { Static, TSchema } from 'typebox';
import { jsonCodec } from '../carrier.ts';
import { asOctets, type OctetsCodec } from '../hex.ts';

export type { OctetsCodec } from '../hex.ts';
export { ntpFromSeconds, secondsFromNtp } from './time.ts';

const octetsOf = <S extends TSchema>(schema: S, what: string): OctetsCodec<Static<S>> =>
  asOctets(jsonCodec(schema, what));

/** E2SM-KPM and E2SM-RC: the octet strings that E2AP carries without looking inside. */
export const kpmFunctionDefinition = octetsOf(KpmFunctionDefinition, 'E2SM-KPM-RANfunction-Description');
export const kpmEventTrigger = octetsOf(KpmEventTrigger, 'E2SM-KPM-EventTriggerDefinition');
export const kpmActionDefinition = octetsOf(KpmActionDefinition, 'E2SM-KPM-ActionDefinition');
export const kpmIndicationHeader = octetsOf(KpmIndicationHeader, 'E2SM-KPM-IndicationHeader');
export const kpmIndicationMessage = octetsOf(KpmIndicationMessage, 'E2SM-KPM-IndicationMessage');
export const rcFunctionDefinition = octetsOf(RcFunctionDefinition, 'E2SM-RC-RANFunctionDefinition');
export const rcControlHeader = octetsOf(RcControlHeader, 'E2SM-RC-ControlHeader');
export const rcControlMessage = octetsOf(RcControlMessage, 'E2SM-RC-ControlMessage');
export const rcControlOutcome = octetsOf(RcControlOutcome, 'E2SM-RC-ControlOutcome');
