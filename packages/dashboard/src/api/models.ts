import type { Curves } from './events.ts';
import { loadModel } from './inference.ts';
import { escapePattern } from './tasks.ts';
import { type Model, type Ref, refId, type Task, track } from './tracking.ts';

export interface ModelDetail extends Model {
  comment?: string;
  project?: Ref;
  task?: Ref;
  parent?: Ref;
  user?: Ref;
  last_update?: string;
  system_tags?: string[];
}

const FIELDS = [
  'id',
  'name',
  'comment',
  'uri',
  'framework',
  'ready',
  'created',
  'last_update',
  'tags',
  'system_tags',
  'labels',
  'metadata',
  'project.name',
  'task.name',
  'task.status',
  'parent.name',
  'user.name',
];

export interface ModelQuery {
  project?: string | undefined;
  framework?: string | undefined;
  tag?: string | undefined;
  state?: string | undefined;
  text?: string | undefined;
  orderBy: string;
  page: number;
  pageSize: number;
}

export async function listModels(
  query: ModelQuery,
  signal?: AbortSignal,
): Promise<{ models: ModelDetail[]; more: boolean }> {
  const { project, framework, tag, state, text } = query;
  const { models } = await track<{ models: ModelDetail[] }>(
    'models.get_all_ex',
    {
      only_fields: FIELDS,
      order_by: [query.orderBy],
      page: query.page,
      page_size: query.pageSize,
      system_tags: [state === 'archived' ? 'archived' : '-archived'],
      ...(state === 'ready' || state === 'draft' ? { ready: state === 'ready' } : {}),
      ...(project ? { project: [project] } : {}),
      ...(framework ? { framework: [framework] } : {}),
      ...(tag ? { tags: [tag] } : {}),
      ...(text ? { _any_: { fields: ['name', 'id', 'comment'], pattern: escapePattern(text) } } : {}),
    },
    signal,
  );
  return { models, more: models.length === query.pageSize };
}

export async function getModel(model: string, signal?: AbortSignal): Promise<ModelDetail> {
  const { models } = await track<{ models: ModelDetail[] }>(
    'models.get_all_ex',
    { id: [model], only_fields: FIELDS },
    signal,
  );
  // Answers with the error of the API when the id is not known.
  return models[0] ?? (await track<{ model: ModelDetail }>('models.get_by_id', { model }, signal)).model;
}

export async function modelChoices(signal?: AbortSignal): Promise<{ frameworks: string[]; tags: string[] }> {
  const [{ frameworks }, { tags }] = await Promise.all([
    track<{ frameworks: string[] }>('models.get_frameworks', {}, signal),
    track<{ tags: string[] }>('organization.get_tags', {}, signal),
  ]);
  return { frameworks: frameworks.filter((name) => name !== ''), tags };
}

/** The newest tasks that read the model. */
export async function tasksThatUse(model: string, signal?: AbortSignal): Promise<Task[]> {
  const { tasks } = await track<{ tasks: Task[] }>(
    'tasks.get_all_ex',
    {
      'models.input.model': [model],
      search_hidden: true,
      only_fields: ['id', 'name', 'status'],
      order_by: ['-last_update'],
      page: 0,
      page_size: 50,
    },
    signal,
  );
  return tasks;
}

export const modelScalars = (model: string, signal?: AbortSignal) =>
  track<Curves>(
    'events.scalar_metrics_iter_histogram',
    { task: model, model_events: true, key: 'iter', samples: 2000 },
    signal,
  );

export const publishModel = (model: string, withTask: boolean) =>
  track('models.set_ready', { model, publish_task: withTask });
export const archiveModel = (model: string, archived: boolean) =>
  track(archived ? 'models.archive_many' : 'models.unarchive_many', { ids: [model] });
/** By force: tasks that use the model keep a mark in its place. */
export const deleteModel = (model: string) =>
  track('models.delete', { model, force: true, delete_external_artifacts: true });
export const setModelTags = (model: string, tags: readonly string[]) => track('models.edit', { model, tags });
export const setModelMetadata = (model: string, item: { key: string; type: string; value: string }) =>
  track('models.add_or_update_metadata', { model, metadata: [item] });
export const dropModelMetadata = (model: string, key: string) =>
  track('models.delete_metadata', { model, keys: [key] });

const DEPLOYED = 'deployed';

/** Loads the model on the inference host, and moves the tag to it from other models of its name, as the recipe does. */
export async function deployModel(model: ModelDetail, name: string): Promise<void> {
  const task = refId(model.task);
  const sha256 = model.metadata?.['sha256']?.value;
  await loadModel(name, {
    uri: model.uri ?? '',
    modelId: model.id,
    ...(task ? { taskId: task } : {}),
    ...(sha256 ? { sha256 } : {}),
  });
  const { models } = await track<{ models: Model[] }>('models.get_all', {
    name: `^${escapePattern(model.name)}$`,
    tags: [DEPLOYED],
    only_fields: ['id'],
  });
  const others = models.map(({ id }) => id).filter((id) => id !== model.id);
  if (others.length > 0) await track('models.update_tags', { ids: others, remove_tags: [DEPLOYED] });
  await track('models.update_tags', { ids: [model.id], add_tags: [DEPLOYED] });
}
