import { EI_DEMAND_FORECAST } from '@ranloop/contracts/a1';
import Type, { type Static } from 'typebox';

const Id = Type.String({ minLength: 1, maxLength: 256 });
const HttpUrl = Type.String({ pattern: '^https?://', maxLength: 2_048 });

export const RicConfig = Type.Object({
  ricId: Id,
  /** Root of the RIC's A1 port, without `/A1-P/v2`. */
  baseUrl: HttpUrl,
  managedElementIds: Type.Array(Id, { default: [] }),
});
export type RicConfig = Static<typeof RicConfig>;

export const PolicyConfig = Type.Object({
  rics: Type.Array(RicConfig, { default: [], maxItems: 1_000 }),
  /** Where the RICs reach this host: root of the R1 port. */
  callbackBaseUrl: Type.Optional(HttpUrl),
  supervisionSeconds: Type.Number({ default: 60, exclusiveMinimum: 0, maximum: 86_400 }),
  requestTimeoutSeconds: Type.Number({ default: 10, exclusiveMinimum: 0, maximum: 300 }),
  /** Policies that may exist at one time. */
  mostPolicies: Type.Integer({ default: 100_000, minimum: 1 }),
  mostEiJobs: Type.Integer({ default: 1_000, minimum: 1 }),
  /** EI types that producers here deliver. */
  eiTypes: Type.Array(Id, { default: [EI_DEMAND_FORECAST], maxItems: 1_000 }),
  delivery: Type.Object(
    {
      attempts: Type.Integer({ default: 4, minimum: 1, maximum: 20 }),
      firstDelaySeconds: Type.Number({ default: 0.1, minimum: 0, maximum: 60 }),
    },
    { default: {} },
  ),
});
export type PolicyConfig = Static<typeof PolicyConfig>;
