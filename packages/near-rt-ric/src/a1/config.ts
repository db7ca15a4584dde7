import Type, { type Static } from 'typebox';

export const a1Config = Type.Object(
  {
    ricId: Type.String({ minLength: 1, maxLength: 128, pattern: '^[A-Za-z0-9._-]+$', default: 'ric-1' }),
    /** The Non-RT RIC that serves `/A1-EI/v1`; without it no enrichment information is asked for. */
    eiBaseUrl: Type.Optional(Type.String({ pattern: '^https?://', maxLength: 2_048 })),
    /** Where the Non-RT RIC reaches this port; by default the loopback address that it listens on. */
    resultBaseUrl: Type.Optional(Type.String({ pattern: '^https?://', maxLength: 2_048 })),
    /** The A1 port has no authentication of its own: peers that are not on this machine are refused. */
    allowRemote: Type.Boolean({ default: false }),
    maxPolicies: Type.Integer({ minimum: 1, maximum: 1_000_000, default: 10_000 }),
    /** Pauses before each further try of a status notification. */
    notifyRetryMs: Type.Array(Type.Integer({ minimum: 0, maximum: 600_000 }), {
      maxItems: 10,
      default: [200, 1_000, 5_000],
    }),
    /** How often the EI job is asked for again, so that a Non-RT RIC that lost it gets it back. */
    eiCheckMs: Type.Integer({ minimum: 50, maximum: 3_600_000, default: 15_000 }),
  },
  { additionalProperties: false },
);
export type A1Config = Static<typeof a1Config>;
