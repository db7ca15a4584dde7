import Type, { type Static } from 'typebox';
import { SliceAssuranceConfig } from './slice-assurance/index.ts';

const HttpUrl = Type.String({ pattern: '^https?://', maxLength: 2_048 });

export const rappsConfig = Type.Object(
  {
    /** Root of the R1 port. */
    r1Url: Type.Optional(HttpUrl),
    inferenceUrl: Type.Optional(HttpUrl),
    /** `settled` gives up after this. */
    settleSeconds: Type.Number({ default: 60, exclusiveMinimum: 0, maximum: 3_600 }),
    /** Decisions older than this are deleted; 0 keeps them for ever. */
    decisionDays: Type.Number({ default: 0, minimum: 0 }),
    sliceAssurance: Type.Object(SliceAssuranceConfig.properties, { additionalProperties: false, default: {} }),
  },
  { additionalProperties: false },
);
export type RappsConfig = Static<typeof rappsConfig>;
