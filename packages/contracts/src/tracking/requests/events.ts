import Type, { type Static } from 'typebox';
import { FreeObject, Id, Ids, Strings } from '../common.ts';

const text = Type.Optional(Type.String());
const flag = Type.Optional(Type.Boolean());
const positive = Type.Optional(Type.Integer({ minimum: 1 }));

export const MetricVariants = Type.Object({ metric: Type.String(), variants: Type.Optional(Strings) });
export type MetricVariants = Static<typeof MetricVariants>;
const metrics = Type.Optional(Type.Array(MetricVariants, { maxItems: 2_000 }));
const order = Type.Optional(Type.Union([Type.Literal('asc'), Type.Literal('desc')]));
const key = Type.Optional(Type.Union([Type.Literal('iter'), Type.Literal('timestamp'), Type.Literal('iso_time')]));
const samples = Type.Optional(Type.Integer({ minimum: 1, maximum: 6_000 }));
const model = { model_events: flag };

export const EventsAdd = FreeObject;
export const ScalarHistogram = Type.Object({ task: Id, samples, key, metrics, ...model });
export const MultiTaskHistogram = Type.Object({
  tasks: Type.Array(Id, { minItems: 1, maxItems: 100 }),
  samples,
  key,
  metrics,
  ...model,
});
export const ScalarRaw = Type.Object({
  task: Id,
  metric: MetricVariants,
  key,
  batch_size: Type.Optional(Type.Integer({ minimum: 1, maximum: 200_000 })),
  count_total: flag,
  scroll_id: text,
  ...model,
});
export const ScalarMetricData = Type.Object({ task: Id, metric: text, scroll_id: text, no_scroll: flag, ...model });
export const SingleValues = Type.Object({ tasks: Ids, metrics, ...model });
export const EventsOfTask = Type.Object({ task: Id, ...model });
export const VectorHistogram = Type.Object({ task: Id, metric: Type.String(), variant: Type.String(), ...model });
export const TaskLog = Type.Object({
  task: Id,
  batch_size: positive,
  navigate_earlier: flag,
  from_timestamp: Type.Optional(Type.Number()),
  order,
});
export const TaskEvents = Type.Object({
  task: Id,
  event_type: text,
  batch_size: positive,
  order,
  scroll_id: text,
  metrics,
  count_total: flag,
  ...model,
});
export const TaskPlots = Type.Object({
  task: Id,
  iters: positive,
  scroll_id: text,
  no_scroll: flag,
  metrics,
  ...model,
});
export const MultiTaskPlots = Type.Object({
  tasks: Type.Array(Id, { minItems: 1, maxItems: 100 }),
  iters: positive,
  last_iters_per_task_metric: flag,
  metrics,
  scroll_id: text,
  no_scroll: flag,
  ...model,
});
export const SamplesByMetric = Type.Object({
  metrics: Type.Array(Type.Object({ task: Id, metric: text, variants: Type.Optional(Strings) }), {
    minItems: 1,
    maxItems: 1_000,
  }),
  iters: positive,
  navigate_earlier: flag,
  refresh: flag,
  scroll_id: text,
  ...model,
});
export const TaskMetrics = Type.Object({ tasks: Ids, event_type: Type.String(), ...model });
export const DeleteEvents = Type.Object({ task: Id, allow_locked: flag });
