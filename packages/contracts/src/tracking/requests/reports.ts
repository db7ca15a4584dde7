import Type, { type Static } from 'typebox';
import { Id, Strings } from '../common.ts';
import { MetricVariants } from './events.ts';

const text = Type.Optional(Type.String());
const tags = Type.Optional(Strings);
const flag = Type.Optional(Type.Boolean());

export const ReportsCreate = Type.Object({
  name: Type.String(),
  project: text,
  comment: text,
  report: text,
  report_assets: tags,
  tags,
});
export type ReportsCreate = Static<typeof ReportsCreate>;
export const ReportsUpdate = Type.Object({
  task: Id,
  name: text,
  comment: text,
  report: text,
  report_assets: tags,
  tags,
});
export type ReportsUpdate = Static<typeof ReportsUpdate>;
export const ReportsMove = Type.Object({ task: Id, project: text, project_name: text });
export const ReportsDelete = Type.Object({ task: Id, force: flag });
/** The note goes by either name. */
export const ReportsNote = Type.Object({ task: Id, comment: text, message: text });

const metrics = Type.Optional(Type.Array(MetricVariants, { maxItems: 1_000 }));
const iters = Type.Optional(Type.Integer({ minimum: 1 }));
/** Which events come with the tasks; a part that is given, though empty, is answered. */
export const ReportsTaskData = Type.Object({
  model_events: flag,
  include_subprojects: flag,
  debug_images: Type.Optional(Type.Object({ iters, metrics })),
  plots: Type.Optional(Type.Object({ iters, metrics, last_iters_per_task_metric: flag })),
  scalar_metrics_iter_histogram: Type.Optional(
    Type.Object({
      key: Type.Optional(Type.Enum(['iter', 'timestamp', 'iso_time'])),
      samples: Type.Optional(Type.Integer({ minimum: 1, maximum: 6_000 })),
      metrics,
    }),
  ),
  single_value_metrics: Type.Optional(Type.Object({ metrics })),
});
export type ReportsTaskData = Static<typeof ReportsTaskData>;
