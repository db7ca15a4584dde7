import type { Artifact, ConfigurationItem, Hyperparams, ParamsItem, TaskModelItem } from '@ranloop/contracts/tracking';
import { ApiError } from '../wire/errors.ts';
import { isObject, type Parameters } from '../wire/parameters.ts';

/** The same object without its null members: absent and null mean "not set". */
export function present(value: Parameters): Parameters {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== null && item !== undefined));
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === null || value === undefined ? '' : (JSON.stringify(value) ?? '');
}

function optionalTexts<K extends string>(item: Parameters, keys: readonly K[]): { [P in K]?: string } {
  const found = keys
    .filter((key) => item[key] !== undefined && item[key] !== null)
    .map((key) => [key, text(item[key])]);
  return Object.fromEntries(found) as { [P in K]?: string };
}

function requireName(name: string, field: string): string {
  const trimmed = name.trim();
  if (trimmed === '') throw new ApiError('validation', { field }, 'a name cannot be empty');
  return trimmed;
}

function requireObject(value: unknown, field: string): Parameters {
  if (!isObject(value)) throw new ApiError('validation', { field }, 'an object is expected');
  return value;
}

/** Names are trimmed; values are always text, whatever was sent. */
export function hyperparams(given: Parameters): Hyperparams {
  const sections = Object.entries(given).map(([section, items]): [string, Record<string, ParamsItem>] => {
    const name = requireName(section, 'hyperparams');
    const entries = Object.entries(requireObject(items, `hyperparams.${section}`));
    return [name, Object.fromEntries(entries.map(([key, item]) => paramEntry(name, key, item)))];
  });
  return Object.fromEntries(sections);
}

function paramEntry(section: string, key: string, item: unknown): [string, ParamsItem] {
  const name = requireName(key, `hyperparams.${section}`);
  const given = isObject(item) ? item : { value: item };
  const rest = optionalTexts(given, ['type', 'description']);
  return [name, { section, name, value: text(given['value']), ...rest }];
}

/** One item of the list form, as in tasks.edit_hyper_params. */
export function paramItem(item: Parameters): ParamsItem {
  const section = requireName(text(item['section']), 'hyperparams.section');
  return paramEntry(section, text(item['name']), item)[1];
}

export function configuration(given: Parameters): Record<string, ConfigurationItem> {
  const items = Object.entries(given).map(([key, item]): [string, ConfigurationItem] => {
    const entry = configurationItem({ ...requireObject(item, `configuration.${key}`), name: key });
    return [entry.name, entry];
  });
  return Object.fromEntries(items);
}

export function configurationItem(item: Parameters): ConfigurationItem {
  const name = requireName(text(item['name']), 'configuration.name');
  return { name, value: text(item['value']), ...optionalTexts(item, ['type', 'description']) };
}

const integer = (value: unknown) =>
  typeof value === 'number' && Number.isFinite(value) ? Math.trunc(value) : undefined;

/** Sizes and times are integers on the wire: clients refuse the whole answer otherwise. */
export function artifact(item: Parameters): Artifact {
  const { key, type, mode } = item;
  if (typeof key !== 'string' || key === '') throw new ApiError('missingFields', { fields: ['artifacts.key'] });
  if (typeof type !== 'string') throw new ApiError('missingFields', { fields: ['artifacts.type'] });
  const { content_size, timestamp, ...rest } = present(item);
  const size = integer(content_size);
  const time = integer(timestamp);
  delete rest['method'];
  return {
    ...rest,
    key,
    type,
    mode: mode === 'input' ? 'input' : 'output',
    ...(size === undefined ? {} : { content_size: size }),
    ...(time === undefined ? {} : { timestamp: time }),
  };
}

/** Stored once per key and mode, ordered by key. */
export function mergeArtifacts(current: readonly Artifact[], added: readonly Artifact[]): Artifact[] {
  const byKey = new Map(current.map((one) => [`${one.mode ?? 'output'}/${one.key}`, one]));
  for (const one of added) byKey.set(`${one.mode ?? 'output'}/${one.key}`, one);
  return [...byKey.values()].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

export function artifacts(given: unknown): Artifact[] {
  if (!Array.isArray(given)) throw new ApiError('validation', { field: 'execution.artifacts' }, 'a list is expected');
  return mergeArtifacts(
    [],
    given.map((item) => artifact(requireObject(item, 'execution.artifacts'))),
  );
}

export function modelItems(given: unknown, field: string): TaskModelItem[] {
  if (given === null || given === undefined) return [];
  if (!Array.isArray(given)) throw new ApiError('validation', { field }, 'a list is expected');
  const byName = new Map<string, TaskModelItem>();
  for (const item of given) {
    const { name, model, updated } = requireObject(item, field);
    const entry = { name: requireName(text(name), `${field}.name`), model: text(model) };
    byName.set(entry.name, { ...entry, ...(typeof updated === 'string' ? { updated } : {}) });
  }
  return [...byName.values()];
}
