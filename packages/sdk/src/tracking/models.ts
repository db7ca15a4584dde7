import { RanloopError } from '@ranloop/contracts/errors';
import type { Model as ModelData, Task as TaskData } from '@ranloop/contracts/tracking';
import { type Session, safeSegment } from '../session/index.ts';
import { sha256, type TaskPlace, taskFolder } from './artifacts.ts';
import { exactly } from './projects.ts';

export interface OutputModel {
  readonly name: string;
  /** As ClearML names them: `ONNX`, `Keras`, `PyTorch`. */
  readonly framework: string;
  readonly bytes: Uint8Array;
  /** File extension without the dot; `onnx` when the framework is ONNX, else `bin`. */
  readonly extension?: string;
  readonly metadata?: Readonly<Record<string, string | number | boolean>>;
  readonly labels?: Readonly<Record<string, number>>;
  readonly tags?: readonly string[];
  readonly comment?: string;
  readonly iteration?: number;
}

/**
 * Stores the weights and registers them as a model made by the task. The file's name holds the start of its SHA-256, so
 * that a later model of the same name leaves this one's bytes alone; metadata `sha256` holds the whole digest.
 */
export async function storeModel(
  session: Session,
  place: TaskPlace & { project: string | undefined },
  model: OutputModel,
): Promise<ModelData> {
  const digest = await sha256(model.bytes);
  const extension = model.extension ?? (model.framework.toUpperCase() === 'ONNX' ? 'onnx' : 'bin');
  const file = `${safeSegment(model.name)}.${digest.slice(0, 8)}.${safeSegment(extension)}`;
  const uri = await session.upload(`${taskFolder(place)}/models/${file}`, model.bytes, 'application/octet-stream');
  const { id } = await session.call<{ id: string }>('models.create', {
    uri,
    name: model.name,
    framework: model.framework,
    labels: model.labels ?? {},
    tags: model.tags ?? [],
    ready: false,
    public: false,
    task: place.id,
    ...(model.comment === undefined ? {} : { comment: model.comment }),
    ...(place.project === undefined ? {} : { project: place.project }),
  });
  await setModelMetadata(session, id, { ...model.metadata, sha256: digest });
  await session.call('tasks.add_or_update_model', {
    task: place.id,
    name: model.name,
    model: id,
    type: 'output',
    ...(model.iteration === undefined ? {} : { iteration: model.iteration }),
  });
  return getModel(session, id);
}

export async function getModel(session: Session, id: string): Promise<ModelData> {
  return (await session.call<{ model: ModelData }>('models.get_by_id', { model: id })).model;
}

export interface ModelQuery {
  readonly name?: string;
  readonly project?: string;
  readonly task?: string;
  readonly tags?: readonly string[];
  readonly published?: boolean;
  /** At most 500, the page of ClearML; newest first. */
  readonly limit?: number;
}

export async function findModels(session: Session, query: ModelQuery): Promise<ModelData[]> {
  const { models } = await session.call<{ models: ModelData[] }>('models.get_all', {
    ...(query.name === undefined ? {} : { name: exactly(query.name) }),
    ...(query.project === undefined ? {} : { project: [query.project] }),
    ...(query.task === undefined ? {} : { task: [query.task] }),
    ...(query.tags === undefined ? {} : { tags: ['__$all', ...query.tags] }),
    ...(query.published === undefined ? {} : { ready: query.published }),
    system_tags: ['-archived'],
    order_by: ['-created'],
    page: 0,
    page_size: query.limit ?? 500,
  });
  return models;
}

export async function setModelMetadata(
  session: Session,
  id: string,
  metadata: Readonly<Record<string, string | number | boolean>>,
): Promise<void> {
  const items = Object.entries(metadata).map(([key, value]) => ({ key, type: kindOf(value), value: String(value) }));
  await session.call('models.add_or_update_metadata', { model: id, metadata: items });
}

function kindOf(value: string | number | boolean): string {
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  return typeof value === 'boolean' ? 'bool' : 'str';
}

/** Publishes a model: it can no longer be changed. A model that is published already stays so. */
export async function publishModel(session: Session, id: string): Promise<void> {
  if ((await getModel(session, id)).ready === true) return;
  await session.call('models.set_ready', { model: id, publish_task: false, force_publish_task: false });
}

export async function tagModel(
  session: Session,
  id: string,
  change: { add?: readonly string[]; remove?: readonly string[] },
): Promise<void> {
  const { tags = [] } = await getModel(session, id);
  const kept = tags.filter((tag) => !(change.remove ?? []).includes(tag));
  await session.call('models.update', { model: id, tags: [...new Set([...kept, ...(change.add ?? [])])] });
}

/** The weights, checked against the SHA-256 in the model's metadata when there is one. */
export async function downloadModel(session: Session, model: ModelData | string): Promise<Uint8Array> {
  const { id, uri, metadata } = typeof model === 'string' ? await getModel(session, model) : model;
  if (!uri) throw new RanloopError('RL_NOT_FOUND', `model ${id} has no file`);
  const bytes = await session.download(uri);
  const expected = metadata?.['sha256']?.value;
  if (expected !== undefined && expected !== (await sha256(bytes)))
    throw new RanloopError('RL_UNPROCESSABLE', `the file of model ${id} differs from its SHA-256`);
  return bytes;
}

/** The model that a task made under a name; the last one when no name is given. */
export async function outputModelOf(session: Session, task: TaskData, name?: string): Promise<ModelData> {
  const made = task.models?.output ?? [];
  const found = name === undefined ? made.at(-1) : made.find((model) => model.name === name);
  if (!found) throw new RanloopError('RL_NOT_FOUND', `task ${task.id} made no model${name ? ` named ${name}` : ''}`);
  return getModel(session, found.model);
}
