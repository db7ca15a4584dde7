import Type, { type Static } from 'typebox';
import { ArrayOfNamedHashMap, closed, HashMap, oneOf, strings } from './shapes.ts';

/** Also carries FileReady: changeType `FileReady`, one named hash map per file. */
export const NotificationFields = closed({
  notificationFieldsVersion: oneOf('2.0'),
  changeIdentifier: Type.String(),
  changeType: Type.String(),
  additionalFields: Type.Optional(HashMap),
  arrayOfNamedHashMap: Type.Optional(ArrayOfNamedHashMap),
  ...strings('changeContact', 'newState', 'oldState', 'stateInterface'),
});
export type NotificationFields = Static<typeof NotificationFields>;
