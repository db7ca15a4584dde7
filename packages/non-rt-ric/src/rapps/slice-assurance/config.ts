import { PrbRatio, Snssai } from '@ranloop/contracts/r1';
import Type, { type Static } from 'typebox';

const Name = Type.String({ minLength: 1, maxLength: 1_024 });
const closed = { additionalProperties: false } as const;

/** Every number of the controller. Periods are measurement periods; percents are of a cell's PRBs. */
export const SliceAssuranceConfig = Type.Object(
  {
    /** Measurement period. */
    periodSeconds: Type.Number({ default: 60, exclusiveMinimum: 0, maximum: 86_400 }),
    model: Type.Object(
      { name: Type.String({ default: 'slice-demand', minLength: 1, maxLength: 256 }), version: Type.Optional(Name) },
      { ...closed, default: {} },
    ),
    /** The quantile of demand that a slice is given. */
    quantile: Type.Number({ default: 0.9, exclusiveMinimum: 0, exclusiveMaximum: 1 }),
    /**
     * Periods between the last report and the end of the period that is decided for: what is set for minute n is
     * decided on reports up to minute n - 2.
     */
    horizon: Type.Integer({ default: 2, minimum: 1, maximum: 100 }),
    /** By SST: the bound is multiplied by this. The mean demand of a period says nothing of its peaks, and delay does. */
    headroom: Type.Record(Type.String(), Type.Number({ minimum: 0, maximum: 10 }), {
      default: { '1': 1, '2': 1.1, '3': 1.05 },
    }),
    /** SSTs in the order in which they are served when the cell cannot hold all; left out: that of the shared rule. */
    priority: Type.Optional(Type.Array(Type.Integer({ minimum: 0, maximum: 255 }), { maxItems: 256 })),
    /** Percentage points in which a wanted ratio must differ before anything is sent. */
    hysteresisPercent: Type.Number({ default: 2, minimum: 0, maximum: 100 }),
    /** At most one change for each cell in this time. */
    minChangeSeconds: Type.Number({ default: 60, minimum: 0 }),
    /** Telemetry of a cell that is older than this is not acted on. */
    staleAfterPeriods: Type.Integer({ default: 2, minimum: 0 }),
    /** How long the last good policies are kept without telemetry or a model, before they are withdrawn. */
    keepLastGoodPeriods: Type.Integer({ default: 10, minimum: 0 }),
    /** Length of the window in which the effect is judged. */
    effectPeriods: Type.Integer({ default: 5, minimum: 1, maximum: 1_000 }),
    /** A window is worse than the twin's when it has more violation seconds by both of these. */
    rollbackMarginSeconds: Type.Number({ default: 60, minimum: 0 }),
    rollbackMarginShare: Type.Number({ default: 0.25, minimum: 0 }),
    /** Windows in a row that must be worse. */
    rollbackAfter: Type.Integer({ default: 2, minimum: 1 }),
    holdOffPeriods: Type.Integer({ default: 30, minimum: 0 }),
    /** Without a twin there is nothing to judge the effect by: the rApp then waits. */
    requireTwin: Type.Boolean({ default: true }),
    twinPrefix: Type.String({ default: 'twin-static-', minLength: 1, maxLength: 256 }),
    /**
     * What a cell falls back to: the entry for its DN, or else the one without a cell. Left out: its policies are deleted
     * and the RAN does as it would without any.
     */
    staticRatios: Type.Optional(
      Type.Array(Type.Object({ cell: Type.Optional(Name), snssai: Snssai, ratio: PrbRatio }, closed), {
        maxItems: 100_000,
      }),
    ),
    /** PRBs of a cell that is not listed in `cells`. */
    cellPrbs: Type.Integer({ default: 273, minimum: 1, maximum: 10_000 }),
    /** What DNs do not tell. Left out, the NCI is 2^14 times the number of the gNB plus that of the cell. */
    cells: Type.Array(
      Type.Object(
        {
          dn: Name,
          ncI: Type.Optional(Type.Integer({ minimum: 0, maximum: 68_719_476_735 })),
          prbs: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
        },
        closed,
      ),
      { default: [], maxItems: 10_000 },
    ),
    plmn: Type.Object(
      {
        mcc: Type.String({ default: '001', pattern: '^[0-9]{3}$' }),
        mnc: Type.String({ default: '01', pattern: '^[0-9]{2,3}$' }),
      },
      { ...closed, default: {} },
    ),
    /** The RIC for cells whose managed element no RIC names. */
    ricId: Type.Optional(Name),
    /** How long the rest of a period's reports are waited for after the first. */
    gatherSeconds: Type.Number({ default: 2, minimum: 0, maximum: 600 }),
    /** How long a RIC may take to enforce. */
    enforceSeconds: Type.Number({ default: 5, minimum: 0, maximum: 20 }),
    /** How often a model, a twin or a RIC that is missing is looked for. */
    lookSeconds: Type.Number({ default: 1, exclusiveMinimum: 0, maximum: 3_600 }),
    drift: Type.Object(
      {
        /** Forecasts that the rolling error is taken over. */
        forecasts: Type.Integer({ default: 2_520, minimum: 1, maximum: 1_000_000 }),
        /** Worse than on the test days by this factor: train again. */
        factor: Type.Number({ default: 1.5, exclusiveMinimum: 0 }),
        /** Population stability index of an input from which it counts as another. */
        stabilityIndex: Type.Number({ default: 0.25, exclusiveMinimum: 0 }),
        /** Rows that the inputs are compared over: by default a day of 7 cells and 3 slices. */
        rows: Type.Integer({ default: 30_240, minimum: 1, maximum: 1_000_000 }),
        /** At most one request for training in this time. */
        everySeconds: Type.Number({ default: 21_600, minimum: 0 }),
      },
      { ...closed, default: {} },
    ),
  },
  closed,
);
export type SliceAssuranceConfig = Static<typeof SliceAssuranceConfig>;
