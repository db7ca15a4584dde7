import type { Document } from '../query/index.ts';
import type { Call } from '../wire/endpoint.ts';
import { ApiError } from '../wire/errors.ts';
import { isObject } from '../wire/parameters.ts';
import { atLeast, type Version } from '../wire/path.ts';

/** What older clients see of models. */

/** Until then a task had one output model, by which calls could find it. */
const LAST_WITH_ONE_MODEL: Version = [2, 13];
/** Until then metadata were a list. */
const LAST_WITH_LISTS: Version = [2, 16];

export function refuseNewClients({ version }: Call, instead: string): void {
  if (!atLeast(LAST_WITH_ONE_MODEL, version)) throw new ApiError('moved', {}, `use ${instead}`);
}

export function forVersion(models: readonly Document[], { version }: Call): readonly Document[] {
  if (!atLeast(LAST_WITH_LISTS, version)) return models;
  return models.map((model) =>
    isObject(model['metadata']) ? { ...model, metadata: Object.values(model['metadata']) } : model,
  );
}
