import Type from 'typebox';
import { Id, Ids, Strings } from '../common.ts';

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
export const ProjectsUniqueMetrics = Type.Object({
  project: Type.Optional(Id),
  ids: Type.Optional(Ids),
  include_subprojects: flag,
  model_metrics: flag,
});
export const ProjectsHyperparams = Type.Object({
  project: Id,
  include_subprojects: flag,
  page: Type.Optional(Type.Integer({ minimum: 0 })),
  page_size: Type.Optional(Type.Integer({ minimum: 1 })),
});
