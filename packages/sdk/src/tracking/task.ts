import type { Artifact, Model, Task as TaskData, TaskType } from '@ranloop/contracts/tracking';
import type { Session } from '../session/index.ts';
import { type AbortWatch, watchForAbort } from './abort.ts';
import { type ArtifactData, type ArtifactOptions, readArtifact, storeArtifact } from './artifacts.ts';
import { createLogger, type Logger } from './logger.ts';
import { type OutputModel, storeModel } from './models.ts';
import { type Params, readParams, toHyperParams } from './params.ts';
import { getProject, projectName } from './projects.ts';

/** A task of the tracking server, as the program that runs it sees it. */
export interface TaskHandle {
  readonly id: string;
  readonly name: string;
  /** Id and full name of the project; empty when the task has none. */
  readonly project: string;
  readonly projectName: string;
  readonly session: Session;
  readonly logger: Logger;
  /** Aborts when the task is stopped, failed, published or reset by someone else, or asked to stop ("stopping"). */
  readonly aborted: AbortSignal;
  /** The task as the server has it now. */
  reload(): Promise<TaskData>;
  /**
   * Writes the defaults that the section lacks and answers the values that hold, in the types of the defaults. Throws
   * RL_INVALID that names each stored value that cannot be read as its default's type.
   */
  connect<P extends Params>(section: string, defaults: P): Promise<P>;
  /** Values beside the parameters that may change in any status (section `properties`). */
  setUserProperties(properties: Params): Promise<void>;
  /** A configuration object: an object is stored as JSON, text as it is. */
  setConfiguration(name: string, value: object | string, type?: string): Promise<void>;
  setTags(change: { add?: readonly string[]; remove?: readonly string[] }): Promise<void>;
  /** Stores an object as JSON, text as CSV, or bytes; over an artifact of the same name. */
  artifact(name: string, data: ArtifactData, options?: ArtifactOptions): Promise<Artifact>;
  readArtifact(name: string): Promise<Uint8Array>;
  readJson<T = unknown>(name: string): Promise<T>;
  outputModel(model: OutputModel): Promise<Model>;
  /** Notes that the task uses a model. */
  inputModel(model: string, name?: string): Promise<void>;
  /** 0..100, shown by the web UIs. */
  progress(percent: number): Promise<void>;
  started(): Promise<void>;
  /** These three flush the logger first and close the handle. */
  completed(): Promise<void>;
  failed(reason: string): Promise<void>;
  stopped(reason: string): Promise<void>;
  /** Flushes the logger and stops the timers; the status stays as it is. */
  close(): Promise<void>;
}

export interface NewTask {
  readonly name: string;
  /** Full name of the project; made when there is none. */
  readonly project?: string;
  readonly type?: TaskType;
  readonly parent?: string;
  readonly comment?: string;
  readonly tags?: readonly string[];
  readonly systemTags?: readonly string[];
  readonly script?: TaskData['script'];
  /** By section. */
  readonly params?: Readonly<Record<string, Params>>;
}

export async function createTask(session: Session, spec: NewTask): Promise<TaskHandle> {
  const project = spec.project ? await getProject(session, spec.project) : '';
  const { id } = await session.call<{ id: string }>('tasks.create', {
    name: spec.name,
    type: spec.type ?? 'training',
    ...(project ? { project } : {}),
    ...(spec.parent === undefined ? {} : { parent: spec.parent }),
    ...(spec.comment === undefined ? {} : { comment: spec.comment }),
    ...(spec.script === undefined ? {} : { script: spec.script }),
    tags: spec.tags ?? [],
    system_tags: spec.systemTags ?? [],
    hyperparams: bySection(spec.params ?? {}),
  });
  return handleOf(session, { id, name: spec.name, project, projectName: spec.project ?? '' });
}

export async function getTask(session: Session, id: string): Promise<TaskData> {
  return (await session.call<{ task: TaskData }>('tasks.get_by_id', { task: id })).task;
}

/** A handle on a task that exists. */
export async function openTask(session: Session, id: string): Promise<TaskHandle> {
  const { name, project = '' } = await getTask(session, id);
  return handleOf(session, { id, name, project, projectName: await projectName(session, project) });
}

interface Place {
  readonly id: string;
  readonly name: string;
  readonly project: string;
  readonly projectName: string;
}

function handleOf(session: Session, place: Place): TaskHandle {
  const { id: task } = place;
  const logger = createLogger(session, task);
  let watch: AbortWatch | undefined;
  let open = true;
  const close = async () => {
    if (!open) return;
    open = false;
    watch?.stop();
    await logger.close();
  };
  const finish = async (action: 'completed' | 'failed' | 'stopped', reason: string) => {
    // The status must be set even when reports were refused; the refusal is thrown after it.
    const refused = await close().then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    await session.call(`tasks.${action}`, { task, force: true, status_reason: reason, status_message: '' });
    if (refused) throw refused.error;
  };
  const reload = () => getTask(session, task);

  return {
    ...place,
    session,
    logger,
    reload,
    close,
    get aborted() {
      watch ??= watchForAbort(session, task);
      return watch.signal;
    },
    async connect(section, defaults) {
      const stored = (await reload()).hyperparams?.[section] ?? {};
      const values = readParams(defaults, stored, section);
      const missing = Object.fromEntries(Object.entries(defaults).filter(([name]) => stored[name] === undefined));
      await editParams(session, task, { section, params: missing });
      return values;
    },
    setUserProperties: (params) => editParams(session, task, { section: 'properties', params }),
    async setConfiguration(name, value, type) {
      const item =
        typeof value === 'string'
          ? { name, value, type: type ?? 'text' }
          : { name, value: JSON.stringify(value, undefined, 1), type: type ?? 'json' };
      await session.call('tasks.edit_configuration', {
        task,
        configuration: [item],
        replace_configuration: false,
        force: true,
      });
    },
    async setTags({ add = [], remove = [] }) {
      const { tags = [] } = await reload();
      const kept = tags.filter((tag) => !remove.includes(tag));
      await session.call('tasks.update', { task, tags: [...new Set([...kept, ...add])] });
    },
    artifact: (name, data, options = {}) => storeArtifact(session, place, { name, data, options }),
    readArtifact: async (name) => readArtifact(session, await reload(), name),
    async readJson<T>(name: string) {
      return JSON.parse(new TextDecoder().decode(await readArtifact(session, await reload(), name))) as T;
    },
    outputModel: (model) => storeModel(session, { ...place, project: place.project || undefined }, model),
    async inputModel(model, name) {
      await session.call('tasks.add_or_update_model', { task, model, name: name ?? 'Input Model', type: 'input' });
    },
    async progress(percent) {
      const runtime = { ...(await reload()).runtime, progress: String(Math.round(percent)) };
      await session.call('tasks.edit', { task, runtime, force: true });
    },
    async started() {
      // Said twice it would wipe out a wish to stop that came in between.
      if ((await reload()).status === 'in_progress') return;
      await session.call('tasks.started', { task, force: true, status_reason: '', status_message: '' });
    },
    completed: () => finish('completed', 'completed'),
    failed: (reason) => finish('failed', reason),
    stopped: (reason) => finish('stopped', reason),
  };
}

/** Adds or changes parameters one by one, so that writers of other names lose nothing. */
export async function editParams(
  session: Session,
  task: string,
  change: { section: string; params: Params },
): Promise<void> {
  const hyperparams = toHyperParams(change.section, change.params);
  if (hyperparams.length === 0) return;
  await session.call('tasks.edit_hyper_params', { task, hyperparams, replace_hyperparams: 'none', force: true });
}

function bySection(params: Readonly<Record<string, Params>>): NonNullable<TaskData['hyperparams']> {
  const sections = Object.entries(params).map(([section, values]) => {
    const items = toHyperParams(section, values).map((item) => [item.name, item] as const);
    return [section, Object.fromEntries(items)] as const;
  });
  return Object.fromEntries(sections);
}
