import Type from 'typebox';
import { FreeObject, Id, Strings } from '../common.ts';
import { Query } from './query.ts';
import { EpochSeconds, IntervalSeconds } from './workers.ts';

const text = Type.Optional(Type.String());
const tags = Type.Optional(Strings);
const flag = Type.Optional(Type.Boolean());
/** So many from the front; a negative number counts from the back, 0 means all. */
const entries = Type.Optional(Type.Integer());
/** By key, or the items alone. */
const metadata = Type.Optional(Type.Union([FreeObject, Type.Array(FreeObject, { maxItems: 10_000 })]));

export const QueuesCreate = Type.Object({
  name: Type.String(),
  display_name: text,
  tags,
  system_tags: tags,
  metadata,
});
export const QueuesUpdate = Type.Object({
  queue: Id,
  name: text,
  display_name: text,
  tags,
  system_tags: tags,
  metadata,
});
export const QueueId = Type.Object({ queue: Id });
export const QueuesGet = Type.Object({ queue: Id, max_task_entries: entries });
export const QueuesDelete = Type.Object({ queue: Id, force: flag });
export const QueueTask = Type.Object({ queue: Id, task: Id });
export const QueuesAddTask = Type.Object({ queue: Id, task: Id, update_execution_queue: flag });
export const QueuesRemoveTask = Type.Object({ queue: Id, task: Id, update_task_status: flag });
export const QueuesNextTask = Type.Object({ queue: Id, task: text, get_task_info: flag });
export const QueuesMoveTask = Type.Object({ queue: Id, task: Id, count: Type.Optional(Type.Integer({ minimum: 1 })) });
export const QueuesMetadata = Type.Object({
  queue: Id,
  metadata: Type.Array(FreeObject, { maxItems: 10_000 }),
  replace_metadata: flag,
});
export const QueuesDeleteMetadata = Type.Object({ queue: Id, keys: Strings });
export const QueuesQuery = Type.Intersect([Query, Type.Object({ max_task_entries: entries })]);
export const QueuesMetrics = Type.Object({
  from_date: EpochSeconds,
  to_date: EpochSeconds,
  interval: IntervalSeconds,
  /** Without any, one series over all queues. */
  queue_ids: tags,
  /** Measures the queues as they are before it answers. */
  refresh: flag,
  search_hidden: flag,
});
