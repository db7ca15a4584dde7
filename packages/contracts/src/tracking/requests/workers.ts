import Type from 'typebox';
import { FreeObject, Id, Strings } from '../common.ts';

const tags = Type.Optional(Strings);
const worker = Type.String({ minLength: 1, maxLength: 1_000 });

export const WorkersRegister = Type.Object({
  worker,
  /** Seconds without a report after which the worker is forgotten. */
  timeout: Type.Optional(Type.Integer({ minimum: 1, maximum: 31_536_000 })),
  queues: tags,
  tags,
  system_tags: tags,
  resources: Type.Optional(FreeObject),
});
export const WorkersUnregister = Type.Object({ worker });
export const WorkersStatusReport = Type.Object({
  worker,
  /** Epoch milliseconds. */
  timestamp: Type.Number(),
  task: Type.Optional(Id),
  queue: Type.Optional(Id),
  queues: tags,
  tags,
  system_tags: tags,
  machine_stats: Type.Optional(FreeObject),
});
export const WorkersGetAll = Type.Object({
  /** Seconds; 0 means all that are registered. */
  last_seen: Type.Optional(Type.Integer({ minimum: 0 })),
  worker_pattern: Type.Optional(Type.String()),
  tags,
  system_tags: tags,
});
