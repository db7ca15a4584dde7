import { NoParameters, StorageReset, StorageSettings } from '@ranloop/contracts/tracking';
import type { Core } from '../core.ts';
import { wireDate } from '../query/index.ts';
import { cutSetting, mergeSetting, readSetting } from '../store/settings.ts';
import { isManager, requireManager } from '../users/roles.ts';
import { type Endpoint, endpoint } from '../wire/endpoint.ts';
import { ApiError } from '../wire/errors.ts';
import { shownParts, storedParts } from './settings.ts';

const KEY = 'storage';

/** Managers keep the credentials here; others see which stores there are, not how to open them. */
export function storageEndpoints(core: Core): Endpoint[] {
  return [
    endpoint({
      name: 'storage.get_settings',
      since: '2.22',
      body: NoParameters,
      run: async (_body, { identity }) => {
        const setting = await readSetting(core.db, KEY);
        const shown = {
          ...shownParts(setting?.value ?? {}, isManager(identity)),
          ...(setting ? { last_update: wireDate(setting.updated) } : {}),
        };
        // The schema of the API has the parts at the top, its server has them under a key.
        return { ...shown, settings: shown };
      },
    }),
    endpoint({
      name: 'storage.set_settings',
      since: '2.31',
      body: StorageSettings,
      run: async (body, { identity }) => {
        requireManager(identity);
        requireJson(body.google?.credentials_json, 'google.credentials_json');
        for (const bucket of body.google?.buckets ?? [])
          requireJson(bucket.credentials_json, 'google.buckets.credentials_json');
        const parts = storedParts(body);
        if (Object.keys(parts).length === 0) throw new ApiError('validation', {}, 'no settings were given');
        await mergeSetting(core.db, KEY, parts);
        return { updated: 1 };
      },
    }),
    endpoint({
      name: 'storage.reset_settings',
      since: '2.31',
      body: StorageReset,
      run: async ({ keys = [] }, { identity }) => {
        requireManager(identity);
        return { updated: (await cutSetting(core.db, KEY, keys)) ? 1 : 0 };
      },
    }),
  ];
}

function requireJson(text: string | null | undefined, field: string): void {
  if (!text) return;
  try {
    JSON.parse(text);
  } catch {
    throw new ApiError('validation', { field }, 'credentials are JSON');
  }
}
