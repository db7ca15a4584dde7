import Type, { type Static } from 'typebox';

/** The state of the loop as the dashboard shows it: `GET /loop/v1/state`, and as events on `GET /loop/v1/stream`. */
export const LOOP = '/loop/v1';

/** The five runs with one seed and one offered traffic. */
export const RUNS = ['none', 'static', 'reactive', 'loop', 'oracle'] as const;
export type RunName = (typeof RUNS)[number];

const byRun = Type.Object({
  none: Type.Number(),
  static: Type.Number(),
  reactive: Type.Number(),
  loop: Type.Number(),
  oracle: Type.Number(),
});
export type ByRun = Static<typeof byRun>;

/** The nine steps of the loop, in order. */
export const LOOP_STEPS = [
  'report',
  'store',
  'extract',
  'train',
  'deploy',
  'decide',
  'enforce',
  'effect',
  'drift',
] as const;
export type LoopStep = (typeof LOOP_STEPS)[number];

export const SliceResult = Type.Object({
  slice: Type.String(),
  violationSeconds: byRun,
  servedMbit: byRun,
  unservedMbit: byRun,
  /** Mean share of the cells' PRBs, percent. */
  prbUse: byRun,
});
export type SliceResult = Static<typeof SliceResult>;

const Rate = Type.Object({ perSecond: Type.Number(), total: Type.Number() });

/** The arrows of the figure; messages or samples each second, over the last seconds. */
export const LOOP_ARROWS = ['o1', 'query', 'tasks', 'inference', 'a1', 'ei', 'e2', 'e1'] as const;
export type LoopArrow = (typeof LOOP_ARROWS)[number];

export const LoopState = Type.Object({
  phase: Type.String(),
  /** 0..1 within the phase; absent when its length is not known. */
  progress: Type.Optional(Type.Number()),
  round: Type.Integer(),
  seed: Type.Integer(),
  /** Simulated time, microseconds. */
  simulatedTime: Type.Integer(),
  speed: Type.Number(),
  steps: Type.Record(
    Type.String(),
    Type.Object({
      state: Type.Union([
        Type.Literal('waiting'),
        Type.Literal('running'),
        Type.Literal('done'),
        Type.Literal('failed'),
      ]),
      detail: Type.String(),
      taskId: Type.Optional(Type.String()),
    }),
  ),
  arrows: Type.Record(Type.String(), Rate),
  slices: Type.Array(SliceResult),
  violationSeconds: byRun,
  policyChanges: Type.Integer(),
  model: Type.Optional(
    Type.Object({
      id: Type.String(),
      version: Type.String(),
      taskId: Type.String(),
      rmse: Type.Number(),
      persistenceRmse: Type.Number(),
      meanRmse: Type.Number(),
    }),
  ),
});
export type LoopState = Static<typeof LoopState>;
