import Type, { type Static } from 'typebox';

export const xappsConfig = Type.Object(
  {
    /** KPM reporting and granularity period: the measurement period of the RAN, in its own (simulated) time. */
    reportingPeriodMs: Type.Integer({ minimum: 1_000, maximum: 86_400_000, default: 60_000 }),
    /** Policy changes of one cell that arrive within this time become one control. */
    coalesceMs: Type.Integer({ minimum: 0, maximum: 1_000, default: 5 }),
    /** Pause before a subscription or a control that failed in transport is tried again. */
    retryMs: Type.Integer({ minimum: 10, maximum: 600_000, default: 2_000 }),
    maxPolicies: Type.Integer({ minimum: 1, maximum: 1_000_000, default: 10_000 }),
  },
  { additionalProperties: false },
);
export type XappsConfig = Static<typeof xappsConfig>;
