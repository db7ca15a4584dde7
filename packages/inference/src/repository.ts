import { RanloopError } from '@ranloop/contracts/errors';
import type { LoadedModel, LoadParameters, RepositoryEntry } from '@ranloop/contracts/inference';
import type { Log } from '@ranloop/kit/log';
import type { InferenceConfig } from './config.ts';
import { type DownloadRules, download } from './download.ts';
import { type ModelIdentity, openModel, type ServedModel } from './model.ts';
import type { Kept, Shelf } from './shelf.ts';

/** The models of this host: one version serves under each name. */
export interface Repository {
  restore(): Promise<void>;
  close(): void;
  /** The model that serves under a name; RL_NOT_FOUND when there is none, or it serves another version. */
  serving(name: string, version?: string): ServedModel;
  isReady(name: string, version?: string): boolean;
  list(): RepositoryEntry[];
  load(name: string, parameters: LoadParameters): Promise<LoadedModel>;
  unload(name: string): Promise<void>;
}

export interface RepositoryDeps {
  readonly shelf: Shelf;
  readonly log: Log;
  readonly rules: () => DownloadRules;
  readonly onChange: (identity: ModelIdentity, serving: boolean) => void;
}

interface Place {
  kept: Kept;
  model?: ServedModel;
  reason: string;
}

export function createRepository(config: InferenceConfig, deps: RepositoryDeps): Repository {
  const places = new Map<string, Place>();
  const open = (identity: ModelIdentity, bytes: Uint8Array) => openModel(identity, bytes, { threads: config.threads });
  // One change at a time: two loads of one name would otherwise race for the file and the list.
  let changes: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(change: () => Promise<T>): Promise<T> => {
    const result = changes.then(change);
    changes = result.catch(() => undefined);
    return result;
  };
  const save = () => deps.shelf.save([...places.values()].map(({ kept }) => kept));

  function known(name: string, version: string | undefined): Place {
    const place = places.get(name);
    if (!place) throw new RanloopError('RL_NOT_FOUND', `there is no model "${name}"`);
    if (version !== undefined && version !== place.kept.version)
      throw new RanloopError('RL_NOT_FOUND', `model "${name}" has version ${place.kept.version}, not "${version}"`);
    return place;
  }

  /** The new graph is ready before the old one is let go, so no request meets a gap. */
  function replace(name: string, kept: Kept, model: ServedModel): void {
    const old = places.get(name)?.model;
    places.set(name, { kept, model, reason: '' });
    if (old) deps.onChange(old.identity, false);
    old?.retire();
    deps.onChange(model.identity, true);
  }

  async function fetchFile(name: string, parameters: LoadParameters): Promise<{ sha256: string; bytes: Buffer }> {
    if (parameters.uri !== undefined) {
      const file = await download(parameters.uri, deps.rules());
      if (parameters.sha256 !== undefined && parameters.sha256 !== file.sha256)
        throw new RanloopError('RL_UNPROCESSABLE', `the file's sha256 is ${file.sha256}, not ${parameters.sha256}`);
      return file;
    }
    const sha256 = known(name, undefined).kept.sha256;
    if (parameters.sha256 !== undefined && parameters.sha256 !== sha256)
      throw new RanloopError('RL_INVALID', 'parameters/sha256 is not that of the kept file; name a uri');
    const bytes = await deps.shelf.get(sha256);
    if (!bytes) throw new RanloopError('RL_NOT_FOUND', `the file of model "${name}" is gone; name a uri`);
    return { sha256, bytes };
  }

  async function load(name: string, parameters: LoadParameters): Promise<LoadedModel> {
    const old = places.get(name)?.kept;
    if (!old && places.size >= config.maxModels)
      throw new RanloopError('RL_CONFLICT', `this host holds ${config.maxModels} models already`);
    const { sha256, bytes } = await fetchFile(name, parameters);
    const fresh = parameters.uri !== undefined;
    const identity: ModelIdentity = {
      name,
      version: parameters.version ?? (fresh ? nextVersion(old?.version) : (old?.version ?? '1')),
      sha256,
      modelId: parameters.modelId ?? (fresh ? '' : (old?.modelId ?? '')),
      taskId: parameters.taskId ?? (fresh ? '' : (old?.taskId ?? '')),
    };
    const model = await open(identity, bytes);
    if (fresh) await deps.shelf.put(sha256, bytes);
    replace(name, { ...identity, loaded: true }, model);
    await save();
    deps.log.info({ model: name, version: identity.version, sha256 }, 'model loaded');
    return identity;
  }

  async function unload(name: string): Promise<void> {
    const place = known(name, undefined);
    places.set(name, { kept: { ...place.kept, loaded: false }, reason: 'unloaded' });
    if (place.model) deps.onChange(place.model.identity, false);
    place.model?.retire();
    await save();
    deps.log.info({ model: name }, 'model unloaded');
  }

  async function bringBack(kept: Kept): Promise<Place> {
    if (!kept.loaded) return { kept, reason: 'unloaded' };
    try {
      const bytes = await deps.shelf.get(kept.sha256);
      if (!bytes) return { kept, reason: 'its file is missing or damaged' };
      const model = await open(kept, bytes);
      deps.onChange(model.identity, true);
      return { kept, model, reason: '' };
    } catch (error) {
      deps.log.error({ err: error, model: kept.name }, 'a deployed model does not come back');
      return { kept, reason: error instanceof Error ? error.message : String(error) };
    }
  }

  return {
    async restore() {
      for (const kept of await deps.shelf.list()) places.set(kept.name, await bringBack(kept));
    },
    close() {
      for (const place of places.values()) place.model?.retire();
      places.clear();
    },
    serving(name, version) {
      const place = known(name, version);
      if (!place.model) throw new RanloopError('RL_NOT_FOUND', `model "${name}" is not ready: ${place.reason}`);
      return place.model;
    },
    isReady: (name, version) => known(name, version).model !== undefined,
    list: () =>
      [...places.values()].map(({ kept, model, reason }) => ({
        name: kept.name,
        version: kept.version,
        state: model ? 'READY' : 'UNAVAILABLE',
        reason,
      })),
    load: (name, parameters) => inTurn(() => load(name, parameters)),
    unload: (name) => inTurn(() => unload(name)),
  };
}

function nextVersion(last: string | undefined): string {
  return String(last !== undefined && /^\d{1,9}$/.test(last) ? Number(last) + 1 : 1);
}
