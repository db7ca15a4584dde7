import Type from 'typebox';
import { FreeObject, Strings } from '../common.ts';

const tags = Type.Optional(Strings);
const worker = Type.String({ minLength: 1, maxLength: 1_000 });
const workers = Type.Optional(Type.Array(Type.String(), { maxItems: 1_000 }));
/** Epoch seconds. */
export const EpochSeconds = Type.Number({ minimum: 0, maximum: 253_402_300_799 });
export const IntervalSeconds = Type.Integer({ minimum: 1, maximum: 1_000_000_000_000 });

export const WorkersRegister = Type.Object({
  worker,
  /** Seconds without a report after which the worker is forgotten. */
  timeout: Type.Optional(Type.Integer({ maximum: 31_536_000 })),
  queues: tags,
  tags,
  system_tags: tags,
  /** What a second of a task from these queues costs: how many processors stand behind each. */
  resources: Type.Optional(
    Type.Object({
      cpu_usage: Type.Optional(Type.Union([Type.Number({ minimum: 0 }), Type.Null()])),
      gpu_usage: Type.Optional(Type.Union([Type.Number({ minimum: 0 }), Type.Null()])),
    }),
  ),
});
export const WorkersUnregister = Type.Object({ worker });
export const WorkersStatusReport = Type.Object({
  worker,
  /** Epoch milliseconds; a client that reckons in seconds is understood. */
  timestamp: Type.Number(),
  task: Type.Optional(Type.String()),
  queue: Type.Optional(Type.String()),
  queues: tags,
  tags,
  system_tags: tags,
  machine_stats: Type.Optional(FreeObject),
});
export const WorkersGetAll = Type.Object({
  /** Seconds; 0 means all that are registered. */
  last_seen: Type.Optional(Type.Integer({ minimum: 0, maximum: 31_536_000_000 })),
  worker_pattern: Type.Optional(Type.String({ maxLength: 4_096 })),
  tags,
  system_tags: tags,
});
export const WorkersMetricKeys = Type.Object({ worker_ids: workers });
const span = { from_date: EpochSeconds, to_date: EpochSeconds, interval: IntervalSeconds };
export const WorkersActivity = Type.Object(span);
const aggregation = Type.Optional(Type.Enum(['avg', 'min', 'max']));
export const WorkersStats = Type.Object({
  ...span,
  /** The schema of the API calls the aggregation `category`; what clients send is `aggregation`. */
  items: Type.Array(Type.Object({ key: Type.String(), aggregation, category: aggregation }), {
    minItems: 1,
    maxItems: 100,
  }),
  split_by_variant: Type.Optional(Type.Boolean()),
  split_by_resource: Type.Optional(Type.Boolean()),
  worker_ids: workers,
});
export const WorkerProperties = Type.Object({ worker });
export const SetWorkerProperties = Type.Object({
  worker,
  runtime_properties: Type.Array(
    Type.Object({
      key: Type.String({ minLength: 1, maxLength: 500 }),
      value: Type.Optional(Type.Union([Type.String({ maxLength: 10_000 }), Type.Null()])),
      /** Seconds that it holds; 0 takes it away. */
      expiry: Type.Optional(Type.Union([Type.Integer({ minimum: 0, maximum: 3_153_600_000 }), Type.Null()])),
    }),
    { maxItems: 100 },
  ),
});
