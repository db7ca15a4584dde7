import Type, { type Static } from 'typebox';
import { closed, oneOf } from './shapes.ts';

/** An event of another standard (3GPP, O-RAN): `data` follows the schema that `schemaReference` names. */
export const StndDefinedFields = closed({
  stndDefinedFieldsVersion: oneOf('1.0'),
  data: Type.Object({}),
  schemaReference: Type.Optional(Type.String({ format: 'uri' })),
});
export type StndDefinedFields = Static<typeof StndDefinedFields>;
