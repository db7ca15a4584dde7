import Type, { type Static } from 'typebox';
import { Micros, Snssai } from './telemetry.ts';

/** R1 rApps: what runs, how it is set, and what it decided. */
export const R1_RAPPS = '/r1/rapps/v1';

/** Percent of the PRBs of a cell, 0..100, as in E2SM-RC style 2 action 6. min <= max; dedicated <= min. */
export const PrbRatio = Type.Object({
  min: Type.Number({ minimum: 0, maximum: 100 }),
  max: Type.Number({ minimum: 0, maximum: 100 }),
  dedicated: Type.Number({ minimum: 0, maximum: 100 }),
});
export type PrbRatio = Static<typeof PrbRatio>;

export const RAppInfo = Type.Object({
  id: Type.String(),
  version: Type.String(),
  description: Type.String(),
  /** WAITING names what is missing in `reason`: a model, telemetry, a RIC. */
  state: Type.Union([Type.Literal('STOPPED'), Type.Literal('WAITING'), Type.Literal('RUNNING')]),
  reason: Type.String(),
  /** End of the last measured period that was decided on. */
  lastPeriod: Type.Optional(Micros),
  decisions: Type.Integer(),
});
export type RAppInfo = Static<typeof RAppInfo>;

/** The rule that decided, in the order in which the rules are asked. */
export const DecisionRule = Type.Union([
  Type.Literal('stale-telemetry'),
  Type.Literal('flagged-telemetry'),
  Type.Literal('no-model'),
  Type.Literal('rolled-back'),
  Type.Literal('hold-off'),
  Type.Literal('rate-limited'),
  Type.Literal('within-hysteresis'),
  Type.Literal('withdrawn'),
  Type.Literal('changed'),
]);
export type DecisionRule = Static<typeof DecisionRule>;

/** One decision for one cell and slice, with all that it rested on and what came of it. */
export const Decision = Type.Object({
  id: Type.String(),
  /** When it was decided, by the clock of the telemetry. */
  time: Micros,
  cell: Type.String(),
  snssai: Snssai,
  telemetry: Type.Object({ from: Micros, to: Micros, rows: Type.Integer(), sha256: Type.String() }),
  features: Type.Object({ schema: Type.String(), values: Type.Array(Type.Number()) }),
  model: Type.Optional(
    Type.Object({ name: Type.String(), version: Type.String(), sha256: Type.String(), modelId: Type.String() }),
  ),
  /** Demand in PRB for the period that this decision is for: median and upper quantile. */
  forecast: Type.Optional(Type.Object({ target: Micros, p50: Type.Number(), p90: Type.Number() })),
  before: Type.Optional(PrbRatio),
  after: Type.Optional(PrbRatio),
  rule: DecisionRule,
  policyId: Type.Optional(Type.String()),
  enforceStatus: Type.Optional(Type.String()),
  /** SLA violation seconds of the cell and slice since the change, here and in the twin. */
  effect: Type.Optional(Type.Object({ periods: Type.Integer(), here: Type.Number(), twin: Type.Number() })),
});
export type Decision = Static<typeof Decision>;
