import Type from 'typebox';
import { FreeObject } from '../common.ts';
import { EpochSeconds, IntervalSeconds } from './workers.ts';

const name = Type.String({ maxLength: 4_096 });
const text = Type.Optional(name);
const id = Type.String({ minLength: 1, maxLength: 1_000 });
const count = Type.Optional(Type.Number());

/** What a container says of itself with every call. Sizes are text or bytes; clients send either. */
const model = {
  container_id: id,
  endpoint_name: name,
  endpoint_url: text,
  model_name: name,
  model_source: text,
  model_version: text,
  preprocess_artifact: text,
  input_type: text,
  input_size: Type.Optional(Type.Union([name, Type.Number()])),
  reference: Type.Optional(
    Type.Array(
      Type.Object({ type: Type.Enum(['app_id', 'app_instance', 'model', 'task', 'url']), value: Type.String() }),
      { maxItems: 1_000 },
    ),
  ),
};

export const ServingRegister = Type.Object({
  ...model,
  /** Seconds without a report after which the container is forgotten. */
  timeout: Type.Optional(Type.Integer({ minimum: 1, maximum: 31_536_000 })),
});
export const ServingUnregister = Type.Object({ container_id: id });
export const ServingReport = Type.Object({
  ...model,
  uptime_sec: count,
  requests_num: count,
  requests_min: count,
  latency_ms: count,
  machine_stats: Type.Optional(FreeObject),
});
export const ServingDetails = Type.Object({ endpoint_url: name });
export const ServingHistory = Type.Object({
  endpoint_url: name,
  from_date: EpochSeconds,
  to_date: EpochSeconds,
  interval: IntervalSeconds,
  metric_type: Type.Optional(
    Type.Enum([
      'requests',
      'requests_min',
      'latency_ms',
      'cpu_count',
      'gpu_count',
      'cpu_util',
      'gpu_util',
      'ram_total',
      'ram_used',
      'ram_free',
      'gpu_ram_total',
      'gpu_ram_used',
      'gpu_ram_free',
      'network_rx',
      'network_tx',
    ]),
  ),
  instance_charts: Type.Optional(Type.Boolean()),
});
