import Type, { type Static } from 'typebox';
import { FreeObject, Id, Ids, Strings } from '../common.ts';

const text = Type.Optional(Type.String());
const tags = Type.Optional(Strings);
const flag = Type.Optional(Type.Boolean());

/** A map by key; older clients send a list. */
const metadata = Type.Optional(Type.Union([FreeObject, Type.Array(FreeObject, { maxItems: 10_000 })]));

const contents = {
  comment: text,
  design: Type.Optional(Type.Unknown()),
  framework: text,
  labels: Type.Optional(Type.Record(Type.String(), Type.Integer())),
  metadata,
  parent: text,
  project: text,
  ready: flag,
  system_tags: tags,
  tags,
  task: text,
  uri: text,
};

export const ModelsCreate = Type.Object({ ...contents, name: Type.String(), uri: Type.String(), public: flag });
export type ModelsCreate = Static<typeof ModelsCreate>;
export const ModelsEdit = Type.Object({
  model: Id,
  name: text,
  iteration: Type.Optional(Type.Integer()),
  created: text,
  ui_cache: Type.Optional(FreeObject),
  ...contents,
});
export type ModelsEdit = Static<typeof ModelsEdit>;
export const ModelId = Type.Object({ model: Id });
export const ModelIds = Type.Object({ ids: Ids });
export const ModelsSetReady = Type.Object({ model: Id, publish_task: flag, force_publish_task: flag });
/** Both names of the flag are in use. */
export const ModelsPublishMany = Type.Object({
  ids: Ids,
  publish_task: flag,
  publish_tasks: flag,
  force_publish_task: flag,
});
export const ModelsMetadata = Type.Object({
  model: Id,
  metadata: Type.Array(FreeObject, { maxItems: 10_000 }),
  replace_metadata: flag,
});
export const ModelsDeleteMetadata = Type.Object({ model: Id, keys: Strings });
export const ModelsDelete = Type.Object({ model: Id, force: flag, delete_external_artifacts: flag });
export const ModelsDeleteMany = Type.Object({ ids: Ids, force: flag, delete_external_artifacts: flag });
export const ModelsMove = Type.Object({ ids: Ids, project: text, project_name: text });
export const ModelsUpdateTags = Type.Object({ ids: Ids, add_tags: tags, remove_tags: tags });
export const ModelsByTask = Type.Object({ task: Id });
export const ModelsUpdateForTask = Type.Object({
  task: Id,
  uri: text,
  name: text,
  comment: text,
  tags,
  system_tags: tags,
  override_model_id: text,
  iteration: Type.Optional(Type.Integer()),
});
export type ModelsUpdateForTask = Static<typeof ModelsUpdateForTask>;
export const ModelsFrameworks = Type.Object({
  projects: Type.Optional(Type.Array(Type.Union([Type.String(), Type.Null()]), { maxItems: 10_000 })),
});
