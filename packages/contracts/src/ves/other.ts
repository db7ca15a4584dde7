import Type, { type Static } from 'typebox';
import { ArrayOfJsonObject, ArrayOfNamedHashMap, closed, HashMap, oneOf } from './shapes.ts';

export const OtherFields = closed({
  otherFieldsVersion: oneOf('3.0'),
  arrayOfNamedHashMap: Type.Optional(ArrayOfNamedHashMap),
  hashMap: Type.Optional(HashMap),
  jsonObjects: Type.Optional(ArrayOfJsonObject),
});
export type OtherFields = Static<typeof OtherFields>;
