import { RanloopError } from '@ranloop/contracts/errors';
import type { Task } from '@ranloop/contracts/tracking';
import type { Session } from '../session/index.ts';
import { readArtifact, sha256 } from './artifacts.ts';
import { type DatasetFile, type DatasetState, emptyState, readState, stateOf } from './dataset-state.ts';
import { exactly, findProject, getHiddenProject } from './projects.ts';
import { createTask, getTask, type TaskHandle } from './task.ts';
import { packZip, unpackZip, type ZipFile } from './zip.ts';

export interface NewDataset {
  readonly project: string;
  readonly name: string;
  /** `1.0.0` when absent, or the patch after the newest version. */
  readonly version?: string;
  /** Task that made it, when it is not the dataset's own. */
  readonly parent?: string;
  readonly tags?: readonly string[];
  readonly comment?: string;
}

/** A dataset version being made. A dataset version is a task; `task` is it. */
export interface DatasetWriter {
  readonly id: string;
  readonly version: string;
  readonly task: TaskHandle;
  add(path: string, content: Uint8Array | string): void;
  /** Stores the files and the state, and completes the task; after it nothing can be added. */
  finalize(options?: { publish?: boolean }): Promise<Dataset>;
}

export interface Dataset {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly files: readonly DatasetFile[];
  /** The bytes of a file, checked against its SHA-256. */
  read(path: string): Promise<Uint8Array>;
}

export async function createDataset(session: Session, spec: NewDataset): Promise<DatasetWriter> {
  const place = { parent: spec.project, folder: '.datasets', name: spec.name, tag: 'dataset' } as const;
  const project = await getHiddenProject(session, place);
  const version = spec.version ?? nextVersion((await versionsOf(session, project, spec.name))[0]);
  const task = await createTask(session, {
    name: spec.name,
    project: `${spec.project}/.datasets/${spec.name}`,
    type: 'data_processing',
    systemTags: ['dataset'],
    ...(spec.parent === undefined ? {} : { parent: spec.parent }),
    ...(spec.comment === undefined ? {} : { comment: spec.comment }),
    ...(spec.tags === undefined ? {} : { tags: spec.tags }),
  });
  await task.started();
  await task.setUserProperties({ version });
  const runtime = { version, orig_dataset_name: spec.name, orig_dataset_id: task.id };
  await session.call('tasks.edit', { task: task.id, runtime, force: true });
  const files = new Map<string, Uint8Array>();
  return {
    id: task.id,
    version,
    task,
    add(path, content) {
      files.set(checkedPath(path), typeof content === 'string' ? new TextEncoder().encode(content) : content);
    },
    async finalize({ publish = false } = {}) {
      const list = [...files].map(([path, bytes]): ZipFile => ({ path, bytes }));
      const state = await storeFiles(task, list);
      await session.call('tasks.edit', {
        task: task.id,
        runtime: { ...runtime, ...countsOf(state) },
        force: true,
      });
      await task.completed();
      if (publish) await session.call('tasks.publish', { task: task.id, force: false, publish_model: false });
      return getDataset(session, { id: task.id });
    },
  };
}

const DATA = 'data';
const STATE = 'state';

async function storeFiles(task: TaskHandle, files: readonly ZipFile[]): Promise<DatasetState> {
  const entries = await Promise.all(
    files.map(
      async ({ path, bytes }): Promise<DatasetFile> => ({ path, size: bytes.length, sha256: await sha256(bytes) }),
    ),
  );
  if (files.length > 0)
    await task.artifact(DATA, await packZip(files), {
      fileName: `dataset.${task.id}.zip`,
      contentType: 'application/zip',
      display: { 'files added': files.length },
      preview: entries.map(({ path, size }) => `${path} - ${size} B`).join('\n'),
    });
  const state = stateOf(emptyState(task.id), entries, DATA);
  await task.artifact(STATE, state, { fileName: 'state.json', type: 'dict' });
  await task.setConfiguration('Dataset Content', contentTable(entries), 'CSV');
  return state;
}

function contentTable(entries: readonly DatasetFile[]): string {
  const total = entries.reduce((sum, { size }) => sum + size, 0);
  const head = `File Name (${entries.length} files), File Size (total ${total} B), Hash (SHA2)`;
  return [head, ...entries.slice(0, 1_000).map(({ path, size, sha256 }) => `${path}, ${size}, ${sha256}`)].join('\n');
}

function countsOf({ file_count, total_size }: DatasetState): Record<string, number> {
  return {
    ds_file_count: file_count,
    ds_link_count: 0,
    ds_total_size: total_size,
    ds_change_add: file_count,
    ds_change_remove: 0,
    ds_change_modify: 0,
    ds_change_size: total_size,
  };
}

/** Finds a finished dataset by id, or the newest version (or the one asked for) by project and name. */
export async function getDataset(
  session: Session,
  which: { id: string } | { project: string; name: string; version?: string },
): Promise<Dataset> {
  const task = await getTask(session, 'id' in which ? which.id : await findDataset(session, which));
  const state = readState(JSON.parse(new TextDecoder().decode(await readArtifact(session, task, STATE))));
  const archives = new Map<string, Promise<ReadonlyMap<string, Uint8Array>>>();
  const archiveOf = (owner: string, artifact: string) => {
    const key = `${owner}/${artifact}`;
    const opened = archives.get(key) ?? openArchive(session, owner === task.id ? task : owner, artifact);
    archives.set(key, opened);
    return opened;
  };
  return {
    id: task.id,
    name: task.name,
    version: versionOf(task),
    files: state.dataset_file_entries.map(({ relative_path, size, hash }) => ({
      path: relative_path,
      size,
      sha256: hash,
    })),
    async read(path) {
      const entry = state.dataset_file_entries.find(({ relative_path }) => relative_path === path);
      if (!entry) throw new RanloopError('RL_NOT_FOUND', `dataset ${task.id} has no file "${path}"`);
      const archive = await archiveOf(entry.parent_dataset_id, entry.artifact_name);
      const bytes = archive.get(path);
      if (!bytes || (await sha256(bytes)) !== entry.hash)
        throw new RanloopError('RL_UNPROCESSABLE', `file "${path}" of dataset ${task.id} is damaged`);
      return bytes;
    },
  };
}

async function openArchive(
  session: Session,
  owner: Task | string,
  artifact: string,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const task = typeof owner === 'string' ? await getTask(session, owner) : owner;
  const files = await unpackZip(await readArtifact(session, task, artifact));
  return new Map(files.map(({ path, bytes }) => [path, bytes]));
}

async function findDataset(
  session: Session,
  { project, name, version }: { project: string; name: string; version?: string },
): Promise<string> {
  const folder = await findProject(session, `${project}/.datasets/${name}`);
  const versions = folder ? await versionsOf(session, folder, name) : [];
  const found = versions.find(
    (task) => ENDED.has(task.status) && (version === undefined || versionOf(task) === version),
  );
  if (found) return found.id;
  throw new RanloopError('RL_NOT_FOUND', `no finished dataset "${name}"${version ? ` ${version}` : ''} in ${project}`);
}

const ENDED = new Set(['stopped', 'published', 'completed', 'closed']);

async function versionsOf(session: Session, project: string, name: string): Promise<Task[]> {
  const { tasks } = await session.call<{ tasks: Task[] }>('tasks.get_all', {
    project: [project],
    name: exactly(name),
    type: ['data_processing'],
    system_tags: ['__$all', 'dataset', '__$not', 'archived'],
    order_by: ['-created'],
    only_fields: ['id', 'name', 'status', 'runtime', 'hyperparams.properties'],
    search_hidden: true,
    page: 0,
    page_size: 500,
  });
  return tasks;
}

function versionOf(task: Task): string {
  const version = task.runtime?.['version'] ?? task.hyperparams?.['properties']?.['version']?.value;
  return typeof version === 'string' ? version : '';
}

function nextVersion(newest: Task | undefined): string {
  const parts = /^(\d+)\.(\d+)\.(\d+)$/.exec(newest ? versionOf(newest) : '');
  return parts ? `${parts[1]}.${parts[2]}.${Number(parts[3]) + 1}` : '1.0.0';
}

/** ClearML unpacks archives into a folder: a path must stay inside it. */
function checkedPath(path: string): string {
  const parts = path.split('/');
  if (path === '' || path.includes('\\') || parts.some((part) => part === '' || part === '.' || part === '..'))
    throw new RanloopError('RL_INVALID', `"${path.slice(0, 200)}" is not a relative path of a dataset file`);
  return path;
}
