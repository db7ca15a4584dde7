import { unpackZip } from '@ranloop/sdk/tracking';
import { ApiError } from './error.ts';
import { requestJson } from './http.ts';
import { downloadPath } from './tasks.ts';
import { type Artifact, type Model, refName, type Task, track } from './tracking.ts';

const FIELDS = [
  'id',
  'name',
  'comment',
  'status',
  'created',
  'last_update',
  'project.name',
  'user.name',
  'parent.name',
  'tags',
  'runtime',
  'execution.artifacts',
];
const MOST_VERSIONS = 500;
const HIDDEN_FOLDER = '/.datasets/';

/** A version of a dataset is a task. */
export type DatasetVersion = Task;

/** The newest versions of all datasets, or those of one. */
export async function listVersions(project?: string, signal?: AbortSignal): Promise<DatasetVersion[]> {
  const { tasks } = await track<{ tasks: DatasetVersion[] }>(
    'tasks.get_all_ex',
    {
      search_hidden: true,
      system_tags: ['__$all', 'dataset', '__$not', 'archived'],
      only_fields: FIELDS,
      order_by: ['-created'],
      page: 0,
      page_size: MOST_VERSIONS,
      ...(project === undefined ? {} : { project: [project] }),
    },
    signal,
  );
  return tasks;
}

export async function getVersion(id: string, signal?: AbortSignal): Promise<DatasetVersion> {
  const { tasks } = await track<{ tasks: DatasetVersion[] }>(
    'tasks.get_all_ex',
    { id: [id], search_hidden: true, only_fields: FIELDS },
    signal,
  );
  return tasks[0] ?? (await track<{ task: DatasetVersion }>('tasks.get_by_id', { task: id }, signal)).task;
}

export const versionOf = ({ runtime }: DatasetVersion): string => String(runtime?.['version'] ?? '–');

export function countOf({ runtime }: DatasetVersion, name: 'ds_file_count' | 'ds_total_size'): number | undefined {
  const value = Number(runtime?.[name] ?? Number.NaN);
  return Number.isFinite(value) ? value : undefined;
}

/** `Ranloop` of `Ranloop/.datasets/slice-demand`. */
export function placeOf({ project }: DatasetVersion): string {
  const name = refName(project);
  const at = name.indexOf(HIDDEN_FOLDER);
  return at < 0 ? name : name.slice(0, at);
}

export interface DatasetFile {
  relative_path: string;
  size: number;
  hash: string;
  artifact_name: string;
  parent_dataset_id: string;
}

export interface DatasetState {
  dataset_file_entries?: DatasetFile[];
  /** version -> the versions it was made from */
  dependency_graph?: Record<string, string[]>;
}

const artifactOf = (version: DatasetVersion, key: string): Artifact | undefined =>
  version.execution?.artifacts?.find((one) => one.key === key);

export async function getState(version: DatasetVersion, signal?: AbortSignal): Promise<DatasetState> {
  const path = downloadPath(artifactOf(version, 'state')?.uri);
  return path ? requestJson<DatasetState>(path, { signal }) : {};
}

/** Archives beyond this are for programs: a page would hold them in memory. */
const MOST_BYTES = 128 * 1024 ** 2;

/** The contents of files of one dataset, by path; each archive is read once. */
export async function readFiles(files: readonly DatasetFile[], signal?: AbortSignal): Promise<Map<string, Uint8Array>> {
  const archives = new Map<string, DatasetFile[]>();
  for (const file of files) {
    const key = `${file.parent_dataset_id} ${file.artifact_name}`;
    archives.set(key, [...(archives.get(key) ?? []), file]);
  }
  const contents = new Map<string, Uint8Array>();
  for (const list of archives.values()) {
    const [first] = list;
    if (!first) continue;
    const wanted = new Set(list.map(({ relative_path }) => relative_path));
    const archive = await readArchive(first, signal);
    const found = await unpackZip(archive, MOST_BYTES, (path) => wanted.has(path));
    for (const { path, bytes } of found) contents.set(path, bytes);
  }
  return contents;
}

async function readArchive(file: DatasetFile, signal?: AbortSignal): Promise<Uint8Array> {
  const owner = await getVersion(file.parent_dataset_id, signal);
  const artifact = artifactOf(owner, file.artifact_name);
  const path = downloadPath(artifact?.uri);
  if (!path)
    throw new ApiError('The archive of these files does not lie on this server', { code: 'PAGE', status: 404 });
  if ((artifact?.content_size ?? 0) > MOST_BYTES)
    throw new ApiError('The archive of these files is too large for a page; read it with Dataset.get', {
      code: 'PAGE',
      status: 413,
    });
  const response = await fetch(path, { credentials: 'same-origin', ...(signal ? { signal } : {}) });
  if (!response.ok)
    throw new ApiError(`The archive cannot be read (${response.status})`, { code: 'PAGE', status: response.status });
  return new Uint8Array(await response.arrayBuffer());
}

/** Experiments that name the version as a parameter: those of the recipes, and those of the Python SDK with an alias. */
export async function trainedOn(id: string, signal?: AbortSignal): Promise<Task[]> {
  const { tasks } = await track<{ tasks: Task[] }>(
    'tasks.get_all_ex',
    {
      _any_: { fields: ['hyperparams.General.dataset_task.value', 'hyperparams.Datasets.*.value'], pattern: id },
      only_fields: ['id', 'name', 'status', 'type'],
      order_by: ['-last_update'],
      page: 0,
      page_size: 50,
    },
    signal,
  );
  return tasks;
}

export async function modelsFrom(id: string, signal?: AbortSignal): Promise<Model[]> {
  const { models } = await track<{ models: Model[] }>(
    'models.get_all_ex',
    { 'metadata.dataset.value': [id], only_fields: ['id', 'name', 'ready'], page: 0, page_size: 50 },
    signal,
  );
  return models;
}
