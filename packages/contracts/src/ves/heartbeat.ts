import Type, { type Static } from 'typebox';
import { closed, HashMap, oneOf } from './shapes.ts';

/** `heartbeatInterval` is in seconds. The block itself is optional in a heartbeat event. */
export const HeartbeatFields = closed({
  heartbeatFieldsVersion: oneOf('3.0'),
  heartbeatInterval: Type.Integer(),
  additionalFields: Type.Optional(HashMap),
});
export type HeartbeatFields = Static<typeof HeartbeatFields>;
