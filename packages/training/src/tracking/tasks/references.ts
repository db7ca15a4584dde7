import type { Core } from '../core.ts';
import type { Document } from '../query/index.ts';
import { isObject, type Parameters } from '../wire/parameters.ts';

/** What may be asked of the queue and of the models of a task, beside their ids. */
const ASKED = {
  queues: { prefix: 'execution.queue.', fields: ['name', 'display_name'] },
  models: { prefix: 'models.', fields: ['name', 'uri', 'ready', 'framework', 'project', 'task'] },
} as const;

const asked = (kind: keyof typeof ASKED, paths: readonly string[]) => {
  const own = paths.filter((path) => path.startsWith(ASKED[kind].prefix));
  const all = own.some((path) => path.endsWith('.*'));
  return ASKED[kind].fields.filter((field) => all || own.some((path) => path.endsWith(`.${field}`)));
};

/** In the joined calls the queue and the models of a task are objects, with the fields that `only_fields` asks of them. */
export async function joinReferences(
  core: Core,
  documents: readonly Document[],
  paths: readonly string[],
): Promise<Document[]> {
  const queues = await known(core, 'queues', { ids: documents.flatMap(queueOf), fields: asked('queues', paths) });
  const models = await known(core, 'models', { ids: documents.flatMap(modelsOf), fields: asked('models', paths) });
  const linked = (given: unknown) =>
    Array.isArray(given)
      ? given.map((item: unknown) =>
          isObject(item) && typeof item['model'] === 'string' ? { ...item, model: models(item['model']) } : item,
        )
      : given;
  return documents.map((document) => {
    const { execution, models: links } = document;
    const queue = isObject(execution) ? execution['queue'] : undefined;
    return {
      ...document,
      ...(isObject(execution) && typeof queue === 'string'
        ? { execution: { ...execution, queue: queues(queue) } }
        : {}),
      ...(isObject(links)
        ? { models: Object.fromEntries(Object.entries(links).map(([way, items]) => [way, linked(items)])) }
        : {}),
    };
  });
}

function queueOf({ execution }: Document): string[] {
  const queue = isObject(execution) ? execution['queue'] : undefined;
  return typeof queue === 'string' ? [queue] : [];
}

function modelsOf({ models }: Document): string[] {
  if (!isObject(models)) return [];
  const items = Object.values(models).flatMap((links) => (Array.isArray(links) ? (links as unknown[]) : []));
  return items.flatMap((item) => (isObject(item) && typeof item['model'] === 'string' ? [item['model']] : []));
}

async function known(
  core: Core,
  table: 'queues' | 'models',
  { ids, fields }: { ids: readonly string[]; fields: readonly string[] },
): Promise<(id: string) => Parameters> {
  if (ids.length === 0 || fields.length === 0) return (id) => ({ id });
  const rows: Parameters[] = await core.db
    .selectFrom(table)
    .select(['id', ...(fields as readonly 'name'[])])
    .where('id', 'in', [...new Set(ids)])
    .execute();
  const byId = new Map(rows.map((row) => [row['id'], row]));
  return (id) => ({ ...byId.get(id), id });
}
