import type { LoadedModel, ModelMetadata, RepositoryEntry } from '@ranloop/contracts/inference';
import { requestJson } from './http.ts';

const HOST = '/inference/v2';

export interface Deployment extends RepositoryEntry {
  /** The model of the tracking server that serves there; empty when the host was not told or it is not loaded. */
  modelId: string;
  sha256: string;
}

/** What the inference host has, with the model behind each name. */
export async function listDeployments(signal?: AbortSignal): Promise<Deployment[]> {
  const entries = await requestJson<RepositoryEntry[]>(`${HOST}/repository/index`, { body: {}, signal });
  return Promise.all(
    entries.map(async (entry) => {
      if (entry.state !== 'READY') return { ...entry, modelId: '', sha256: '' };
      const path = `${HOST}/models/${encodeURIComponent(entry.name)}`;
      const { parameters } = await requestJson<ModelMetadata>(path, { signal });
      return { ...entry, modelId: parameters?.['modelId'] ?? '', sha256: parameters?.['sha256'] ?? '' };
    }),
  );
}

/** `name`: letters, digits, `.`, `_` and `-`. Throws ApiError with the reason of the host, also when it cannot read the file. */
export const loadModel = (
  name: string,
  parameters: { uri: string; modelId: string; taskId?: string; sha256?: string },
): Promise<LoadedModel> =>
  requestJson(`${HOST}/repository/models/${encodeURIComponent(name)}/load`, { body: { parameters } });

export const unloadModel = (name: string): Promise<unknown> =>
  requestJson(`${HOST}/repository/models/${encodeURIComponent(name)}/unload`, { body: {} });
