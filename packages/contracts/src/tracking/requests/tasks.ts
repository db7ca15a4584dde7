import Type, { type Static } from 'typebox';
import { FreeObject, Id, Ids, Strings, TaskStatusSchema, TaskTypeSchema } from '../common.ts';

const text = Type.Optional(Type.String());
const tags = Type.Optional(Strings);
const flag = Type.Optional(Type.Boolean());
const free = Type.Optional(FreeObject);
const Items = Type.Array(FreeObject, { maxItems: 10_000 });

const contents = {
  comment: text,
  tags,
  system_tags: tags,
  project: text,
  parent: text,
  output_dest: text,
  execution: free,
  script: free,
  hyperparams: free,
  configuration: free,
  models: free,
  container: free,
};

export const TasksCreate = Type.Object({ name: Type.String(), type: TaskTypeSchema, ...contents });
export type TasksCreate = Static<typeof TasksCreate>;

export const TasksEdit = Type.Object({
  task: Id,
  force: flag,
  name: text,
  type: Type.Optional(TaskTypeSchema),
  runtime: free,
  output: free,
  report: text,
  report_assets: tags,
  ...contents,
});
export type TasksEdit = Static<typeof TasksEdit>;

export const TasksUpdate = Type.Object({
  task: Id,
  name: text,
  comment: text,
  tags,
  system_tags: tags,
  project: text,
  created: text,
  status_message: text,
  output__error: text,
});
export type TasksUpdate = Static<typeof TasksUpdate>;

export const TaskId = Type.Object({ task: Id });
export const TaskIds = Type.Object({ ids: Ids });
export const TasksList = Type.Object({ tasks: Ids });

const change = { status_reason: text, status_message: text };
export const TaskStatusChange = Type.Object({ task: Id, force: flag, ...change });
export const TasksStop = Type.Object({ task: Id, force: flag, include_pipeline_steps: flag, ...change });
export type TasksStop = Static<typeof TasksStop>;
export const TasksArchive = Type.Object({ tasks: Ids, include_pipeline_steps: flag, ...change });
export type TaskStatusChange = Static<typeof TaskStatusChange>;
export const TasksCompleted = Type.Object({ task: Id, force: flag, publish: flag, ...change });
export const TasksPublish = Type.Object({ task: Id, force: flag, publish_model: flag, ...change });
export const TasksEnqueue = Type.Object({
  task: Id,
  queue: text,
  queue_name: text,
  verify_watched_queue: flag,
  update_execution_queue: flag,
  ...change,
});
export type TasksEnqueue = Static<typeof TasksEnqueue>;
export const TasksDequeue = Type.Object({
  task: Id,
  remove_from_all_queues: flag,
  new_status: Type.Optional(TaskStatusSchema),
  ...change,
});
export type TasksDequeue = Static<typeof TasksDequeue>;

const removal = {
  force: flag,
  move_to_trash: flag,
  return_file_urls: flag,
  delete_output_models: flag,
  delete_external_artifacts: flag,
  clear_all: flag,
  include_pipeline_steps: flag,
  ...change,
};
export const TasksReset = Type.Object({ task: Id, ...removal });
export type TasksReset = Static<typeof TasksReset>;
export const TasksDelete = Type.Object({ task: Id, ...removal });

/** The many-calls take the options of their single call and a list of ids. */
export const TasksMany = Type.Object({
  ids: Ids,
  ...removal,
  queue: text,
  queue_name: text,
  publish_model: flag,
  validate_tasks: flag,
  verify_watched_queue: flag,
  new_status: Type.Optional(TaskStatusSchema),
});
export type TasksMany = Static<typeof TasksMany>;

export const TasksClone = Type.Object({
  task: Id,
  new_task_name: text,
  new_task_comment: text,
  new_task_tags: tags,
  new_task_system_tags: tags,
  new_task_parent: text,
  new_task_project: text,
  new_project_name: text,
  new_task_hyperparams: free,
  new_task_configuration: free,
  new_task_container: free,
  new_task_input_models: Type.Optional(Items),
  execution_overrides: free,
  validate_references: flag,
  /** As clients before 2.12 call them. */
  new_hyperparams: free,
  new_configuration: free,
});
export type TasksClone = Static<typeof TasksClone>;

export const TasksMove = Type.Object({ ids: Ids, project: text, project_name: text });
export const TasksUpdateTags = Type.Object({ ids: Ids, add_tags: tags, remove_tags: tags });
export const TasksRequirements = Type.Object({ task: Id, requirements: FreeObject });
export const TasksEditRuntime = Type.Object({ task: Id, add_or_update: free, remove: tags, force: flag });
export const TasksEditHyperparams = Type.Object({
  task: Id,
  hyperparams: Items,
  replace_hyperparams: Type.Optional(Type.Union([Type.Literal('none'), Type.Literal('section'), Type.Literal('all')])),
  force: flag,
});
export const TasksDeleteHyperparams = Type.Object({ task: Id, hyperparams: Items, force: flag });
export const TasksEditConfiguration = Type.Object({
  task: Id,
  configuration: Items,
  replace_configuration: flag,
  force: flag,
});
export const TasksDeleteConfiguration = Type.Object({ task: Id, configuration: Strings, force: flag });
export const TasksConfigurations = Type.Object({ tasks: Ids, names: tags });
export const TasksConfigurationNames = Type.Object({ tasks: Ids, skip_empty: flag });
export const TasksArtifacts = Type.Object({ task: Id, artifacts: Items, force: flag });

const direction = Type.Union([Type.Literal('input'), Type.Literal('output')]);
export const TasksAddModel = Type.Object({
  task: Id,
  name: Type.String(),
  model: Id,
  type: direction,
  iteration: Type.Optional(Type.Integer()),
});
export const TasksDeleteModels = Type.Object({
  task: Id,
  models: Type.Array(Type.Object({ name: Type.String(), type: direction })),
});
export const TasksTypes = Type.Object({ projects: tags });
