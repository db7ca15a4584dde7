import Type, { type Static, type TSchema } from 'typebox';
import { FreeObject, Id, Ids, Strings } from '../common.ts';

const text = Type.Optional(Type.String());
const flag = Type.Optional(Type.Boolean());
const positive = Type.Optional(Type.Integer({ minimum: 1 }));

/** Null is as good as absent, also inside of lists. */
const orNull = <S extends TSchema>(schema: S) => Type.Optional(Type.Union([schema, Type.Null()]));
const variants = orNull(Strings);

export const MetricVariants = Type.Object({ metric: Type.String(), variants });
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
export const ScalarMetricData = Type.Object({
  task: Id,
  metric: Type.String(),
  scroll_id: text,
  no_scroll: flag,
  ...model,
});
export const SingleValues = Type.Object({ tasks: Ids, metrics, ...model });
export const EventsOfTask = Type.Object({ task: Id, ...model });
export const VectorHistogram = Type.Object({ task: Id, metric: Type.String(), variant: Type.String(), ...model });
export const TaskLog = Type.Object({
  task: Id,
  batch_size: positive,
  navigate_earlier: flag,
  from_timestamp: Type.Optional(Type.Number()),
  order,
  metrics,
});
/** get_task_log below 2.9. */
export const LegacyTaskLog = Type.Object({
  task: Id,
  order,
  batch_size: positive,
  scroll_id: text,
  from: Type.Optional(Type.Enum(['head', 'tail'])),
});
export const DownloadTaskLog = Type.Object({
  task: Id,
  line_type: Type.Optional(Type.Enum(['json', 'text', 'JSON', 'TEXT'])),
  line_format: text,
});
export const ClearTaskLog = Type.Object({
  task: Id,
  threshold_sec: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000_000_000 })),
  allow_locked: flag,
  include_metrics: Type.Optional(Strings),
  exclude_metrics: Type.Optional(Strings),
});
export const ClearScroll = Type.Object({ scroll_id: text });
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
  metrics: Type.Array(Type.Object({ task: Id, metric: orNull(Type.String()), variants }), {
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
export const MultiTaskMetrics = Type.Object({ tasks: Ids, event_type: text, ...model });
const iteration = Type.Optional(Type.Integer({ minimum: -(2 ** 53), maximum: 2 ** 53 }));
const history = { task: Id, iteration, refresh: flag, scroll_id: text, navigate_current_metric: flag, ...model };
export const ImageSample = Type.Object({ metric: Type.String(), variant: Type.String(), ...history });
export const PlotSample = Type.Object({ metric: Type.String(), ...history });
export const NextSample = Type.Object({
  task: Id,
  scroll_id: Type.String(),
  navigate_earlier: flag,
  next_iteration: flag,
  ...model,
});
/** debug_images below 2.7. */
export const LegacyImages = Type.Object({ task: Id, iters: positive, scroll_id: text, ...model });
export const DeleteEvents = Type.Object({ task: Id, allow_locked: flag });
export const DeleteModelEvents = Type.Object({ model: Id, allow_locked: flag });
