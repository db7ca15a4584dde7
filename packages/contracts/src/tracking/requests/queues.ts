import Type from 'typebox';
import { FreeObject, Id, Strings } from '../common.ts';

const text = Type.Optional(Type.String());
const tags = Type.Optional(Strings);
const flag = Type.Optional(Type.Boolean());
const entries = Type.Optional(Type.Integer({ minimum: 0 }));

export const QueuesCreate = Type.Object({
  name: Type.String(),
  display_name: text,
  tags,
  system_tags: tags,
  metadata: Type.Optional(FreeObject),
});
export const QueuesUpdate = Type.Object({
  queue: Id,
  name: text,
  display_name: text,
  tags,
  system_tags: tags,
  metadata: Type.Optional(FreeObject),
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
