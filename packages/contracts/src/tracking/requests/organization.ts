import Type, { type Static } from 'typebox';
import { FreeObject, Id, Strings } from '../common.ts';

const flag = Type.Optional(Type.Boolean());
const criteria = Type.Optional(FreeObject);

export const EntitiesCount = Type.Object({
  projects: criteria,
  tasks: criteria,
  models: criteria,
  pipelines: criteria,
  pipeline_runs: criteria,
  datasets: criteria,
  dataset_versions: criteria,
  reports: criteria,
  active_users: Type.Optional(Strings),
  search_hidden: flag,
  allow_public: flag,
  limit: Type.Optional(Type.Integer({ minimum: 0 })),
});
export type EntitiesCount = Static<typeof EntitiesCount>;

const ValueMapping = Type.Object({ key: Type.Unknown(), value: Type.Unknown() });
/** A column of an export: the field, what stands above it, and what stands for some of its values. */
export const FieldMapping = Type.Object({
  field: Type.String({ minLength: 1, maxLength: 1_000 }),
  name: Type.Optional(Type.String({ maxLength: 1_000 })),
  values: Type.Optional(Type.Array(ValueMapping, { maxItems: 1_000 })),
});
export type FieldMapping = Static<typeof FieldMapping>;
export const PrepareDownload = Type.Object({
  entity_type: Type.Enum(['task', 'model']),
  field_mappings: Type.Array(FieldMapping, { maxItems: 500 }),
  only_fields: Type.Array(Type.String({ maxLength: 1_000 }), { maxItems: 500 }),
  allow_public: flag,
  search_hidden: flag,
});
export type PrepareDownload = Static<typeof PrepareDownload>;
export const Download = Type.Object({ prepare_id: Id });

export const ProjectUsages = Type.Object({
  projects: Strings,
  from_date: Type.String(),
  to_date: Type.String(),
  include_development: flag,
  breakdown_keys: Type.Optional(Type.Array(Type.Enum(['project', 'user', 'queue']))),
  usage_fields: Type.Optional(Type.Array(Type.Enum(['duration', 'cpu_usage', 'gpu_usage']))),
});
export type ProjectUsages = Static<typeof ProjectUsages>;
