import { RanloopError } from '@ranloop/contracts/errors';
import type { Log } from '@ranloop/kit/log';
import type { RApp } from './rapp.ts';
import type { RappsStore } from './store.ts';

/** The rApps of this host and whether each is meant to run; what was set over R1 outlives a restart. */
export interface RAppRegistry {
  readonly ids: readonly string[];
  get(id: string): RApp;
  setEnabled(id: string, enabled: boolean): Promise<void>;
  /** Answers the whole configuration. */
  configure(id: string, changes: Record<string, unknown>): Promise<Record<string, unknown>>;
  /** Called once when the runtime stops. */
  onStop(listener: () => void): () => void;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function createRegistry(rapps: readonly RApp[], { store, log }: { store: RappsStore; log: Log }): RAppRegistry {
  const byId = new Map(rapps.map((rapp) => [rapp.id, rapp]));
  const changed = new Map<string, Record<string, unknown>>();
  const enabled = new Map<string, boolean>();
  const stopping = new Set<() => void>();

  const get = (id: string) => {
    const rapp = byId.get(id);
    if (rapp) return rapp;
    throw new RanloopError('RL_NOT_FOUND', `no rApp ${id}`);
  };
  const save = (id: string) =>
    store.saveSettings(id, { enabled: enabled.get(id) ?? true, config: changed.get(id) ?? {} });

  return {
    ids: [...byId.keys()],
    get,
    async setEnabled(id, on) {
      const rapp = get(id);
      enabled.set(id, on);
      await save(id);
      if (on) rapp.start();
      else await rapp.stop();
    },
    async configure(id, changes) {
      const rapp = get(id);
      await rapp.configure(changes);
      changed.set(id, { ...changed.get(id), ...changes });
      await save(id);
      return rapp.config();
    },
    onStop(listener) {
      stopping.add(listener);
      return () => void stopping.delete(listener);
    },
    async start() {
      for (const [id, rapp] of byId) {
        const settings = await store.settings(id);
        enabled.set(id, settings?.enabled ?? true);
        changed.set(id, settings?.config ?? {});
        try {
          if (settings) await rapp.configure(settings.config);
        } catch (error) {
          log.warn({ err: error, rapp: id }, 'settings of an earlier version are left out');
        }
        if (enabled.get(id)) rapp.start();
      }
    },
    async stop() {
      for (const listener of [...stopping]) listener();
      await Promise.all([...byId.values()].map((rapp) => rapp.stop()));
    },
  };
}
