import Type, { type Static } from 'typebox';
import { closed, HashMap, oneOf } from './shapes.ts';

const State = oneOf('inService', 'maintenance', 'outOfService');

export const StateChangeFields = closed({
  stateChangeFieldsVersion: oneOf('4.0'),
  newState: State,
  oldState: State,
  stateInterface: Type.String(),
  additionalFields: Type.Optional(HashMap),
});
export type StateChangeFields = Static<typeof StateChangeFields>;
