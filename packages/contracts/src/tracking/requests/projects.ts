import Type, { type Static } from 'typebox';
import { FreeObject, Id, Ids, Strings } from '../common.ts';

const text = Type.Optional(Type.String());
const tags = Type.Optional(Strings);
const flag = Type.Optional(Type.Boolean());

export const ProjectsCreate = Type.Object({
  name: Type.String(),
  description: text,
  tags,
  system_tags: tags,
  default_output_destination: text,
});
export const ProjectId = Type.Object({ project: Id });
export const ProjectsUpdate = Type.Object({
  project: Id,
  name: text,
  description: text,
  tags,
  system_tags: tags,
  default_output_destination: text,
});
export const ProjectsDelete = Type.Object({
  project: Id,
  force: flag,
  delete_contents: flag,
  delete_external_artifacts: flag,
});
const nullable = Type.Optional(Type.Array(Type.Union([Id, Type.Null()]), { maxItems: 10_000 }));
const paging = {
  page: Type.Optional(Type.Integer({ minimum: 0 })),
  page_size: Type.Optional(Type.Integer({ minimum: 1 })),
};

export const ProjectsMove = Type.Object({ project: Id, new_location: text });
export const ProjectsMerge = Type.Object({ project: Id, destination_project: text });
/** `make_public` and `make_private`, of projects and of models. */
export const EntityIds = Type.Object({ ids: Ids });
/** What get_all_ex knows beside the language of queries. */
export const ProjectsListOptions = Type.Object({
  include_stats: flag,
  include_stats_filter: Type.Optional(FreeObject),
  include_dataset_stats: flag,
  stats_with_children: flag,
  stats_for_state: Type.Optional(Type.Enum(['active', 'archived'])),
  check_own_contents: flag,
  active_users: tags,
  children_type: Type.Optional(Type.Enum(['pipeline', 'report', 'dataset'])),
  children_tags: Type.Optional(Type.Array(Type.Union([Type.String(), Type.Null()]), { maxItems: 10_000 })),
  children_tags_filter: Type.Optional(FreeObject),
  allow_public: flag,
  non_public: flag,
  search_hidden: flag,
  shallow_search: flag,
});
export type ProjectsListOptions = Static<typeof ProjectsListOptions>;

export const ProjectsUniqueMetrics = Type.Object({
  project: Type.Optional(Id),
  ids: Type.Optional(Ids),
  include_subprojects: flag,
  model_metrics: flag,
});
/** Names of hyperparameters or of metadata; without a project those of all, or of the root alone. */
export const ProjectsNames = Type.Object({ project: Type.Optional(Id), include_subprojects: flag, ...paging });
export const ProjectsHyperparamValues = Type.Object({
  projects: nullable,
  section: Type.String(),
  name: Type.String(),
  allow_public: flag,
  include_subprojects: flag,
  pattern: text,
  ...paging,
});
export const ProjectsMetadataValues = Type.Object({
  projects: nullable,
  key: Type.String(),
  allow_public: flag,
  include_subprojects: flag,
  ...paging,
});
export const ProjectsTaskParents = Type.Object({
  projects: nullable,
  include_subprojects: flag,
  tasks_state: Type.Optional(Type.Enum(['active', 'archived'])),
  task_name: text,
});
export const ProjectsUserNames = Type.Object({
  projects: nullable,
  include_subprojects: flag,
  entity: Type.Optional(Type.Enum(['task', 'model'])),
});
