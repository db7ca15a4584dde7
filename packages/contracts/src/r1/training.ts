import Type, { type Static } from 'typebox';

/** R1 training: starts pipelines and tells how they go. Times are ISO 8601. */
export const R1_TRAINING = '/r1/training/v1';

const Scalar = Type.Union([Type.String({ maxLength: 10_000 }), Type.Number(), Type.Boolean()]);

/** A parameter of a task: a scalar, or a list of scalars of one kind. */
export const TaskParameter = Type.Union([
  Scalar,
  Type.Array(Type.String({ maxLength: 10_000 }), { maxItems: 1_000 }),
  Type.Array(Type.Number(), { maxItems: 1_000 }),
  Type.Array(Type.Boolean(), { maxItems: 1_000 }),
]);
export type TaskParameter = Static<typeof TaskParameter>;

/** `POST /pipelines/{name}/runs`. `params` names parameters of the pipeline, or `<step>.<parameter>` of one step. */
export const PipelineRunRequest = Type.Object(
  {
    reason: Type.String({ minLength: 1, maxLength: 1_000 }),
    params: Type.Optional(Type.Record(Type.String({ minLength: 1, maxLength: 256 }), TaskParameter)),
  },
  { additionalProperties: false },
);
export type PipelineRunRequest = Static<typeof PipelineRunRequest>;

/** 202. `joined`: a run was under way already, and this is it. */
export const PipelineRunAccepted = Type.Object({ runId: Type.String(), joined: Type.Boolean() });
export type PipelineRunAccepted = Static<typeof PipelineRunAccepted>;

export const PipelineStepRun = Type.Object({
  name: Type.String(),
  recipe: Type.String(),
  state: Type.Union([
    Type.Literal('waiting'),
    Type.Literal('queued'),
    Type.Literal('running'),
    Type.Literal('done'),
    Type.Literal('failed'),
    Type.Literal('stopped'),
  ]),
  /** The task that runs the step; absent while it waits. */
  taskId: Type.Optional(Type.String()),
  /** 0..100, when the step's task tells. */
  progress: Type.Optional(Type.Number()),
  iteration: Type.Optional(Type.Integer()),
  reason: Type.Optional(Type.String()),
  started: Type.Optional(Type.String()),
  ended: Type.Optional(Type.String()),
});
export type PipelineStepRun = Static<typeof PipelineStepRun>;

export const PipelineRun = Type.Object({
  /** Id of the controller task. */
  id: Type.String(),
  pipeline: Type.String(),
  state: Type.Union([Type.Literal('running'), Type.Literal('done'), Type.Literal('failed'), Type.Literal('stopped')]),
  /** Why it was started. */
  reason: Type.String(),
  /** Why it failed or was stopped. */
  failure: Type.Optional(Type.String()),
  started: Type.String(),
  ended: Type.Optional(Type.String()),
  params: Type.Record(Type.String(), TaskParameter),
  steps: Type.Array(PipelineStepRun),
});
export type PipelineRun = Static<typeof PipelineRun>;
