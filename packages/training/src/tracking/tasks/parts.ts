import type { ParamsItem } from '@ranloop/contracts/tracking';
import { type Selectable, sql, type UpdateObject } from 'kysely';
import { type Core, type Db, transaction } from '../core.ts';
import { raiseIteration } from '../store/iterations.ts';
import type { Tables, TasksTable } from '../store/tables.ts';
import { ApiError } from '../wire/errors.ts';
import type { Parameters } from '../wire/parameters.ts';
import { artifact, configurationItem, mergeArtifacts, paramItem, present } from './contents.ts';
import { changedBy, lockTask, requireEditable, type TaskRow } from './edit.ts';

/** Edits of one part of a task. Each reads and writes under the lock of the task, so that two who edit different keys both count. */

type TaskUpdate = UpdateObject<Tables, 'tasks'>;

interface Edit {
  readonly task: string;
  readonly user: string;
  /** Undefined: whatever the status. */
  readonly force?: boolean | undefined;
  readonly anyStatus?: boolean;
}

async function edit(
  core: Core,
  { task, user, force, anyStatus }: Edit,
  change: (trx: Db, row: TaskRow) => Promise<{ set: TaskUpdate; quiet?: boolean }>,
): Promise<void> {
  await transaction(core, async (trx) => {
    const row = await lockTask(trx, task);
    if (!anyStatus) requireEditable(row, force);
    const { set, quiet } = await change(trx, row);
    const { last_update, ...moved } = changedBy(user);
    await trx
      .updateTable('tasks')
      .set({ ...set, ...moved, ...(quiet ? {} : { last_update }) })
      .where('id', '=', task)
      .execute();
  });
  core.changes.send({ kind: 'task', task });
}

async function read<K extends 'hyperparams' | 'configuration' | 'artifacts' | 'models'>(
  trx: Db,
  task: string,
  column: K,
) {
  const { rows } = await sql<{ value: Selectable<TasksTable>[K] }>`select ${sql.id(column)} as value
    from tracking.tasks where id = ${task}`.execute(trx);
  const [row] = rows;
  if (!row) throw new ApiError('invalidTaskId', { id: task });
  return row.value;
}

/** What users note on a task is theirs at any time and is no progress of the task. */
const PROPERTIES = 'properties';

export async function editHyperparams(
  core: Core,
  { replace, items, ...target }: Edit & { replace: 'none' | 'section' | 'all'; items: readonly Parameters[] },
) {
  const given = items.map(paramItem);
  const onlyProperties = replace !== 'all' && given.every(({ section }) => section === PROPERTIES);
  await edit(core, { ...target, anyStatus: onlyProperties }, async (trx) => {
    const current = await read(trx, target.task, 'hyperparams');
    const sections = new Map(Object.entries(replace === 'all' ? {} : current));
    if (replace === 'section') for (const { section } of given) sections.set(section, {});
    for (const item of given) sections.set(item.section, { ...(sections.get(item.section) ?? {}), ...entry(item) });
    return { set: { hyperparams: JSON.stringify(Object.fromEntries(sections)) }, quiet: onlyProperties };
  });
  return { updated: 1 };
}

const entry = (item: ParamsItem) => Object.fromEntries([[item.name, item]]);

export async function deleteHyperparams(core: Core, { keys, ...target }: Edit & { keys: readonly Parameters[] }) {
  const onlyProperties = keys.every(({ section }) => section === PROPERTIES);
  await edit(core, { ...target, anyStatus: onlyProperties }, async (trx) => {
    const sections = new Map(Object.entries(await read(trx, target.task, 'hyperparams')));
    for (const { section, name } of keys) {
      const items = sections.get(String(section));
      if (name === undefined || name === null) sections.delete(String(section));
      else if (items) {
        const kept = Object.entries(items).filter(([key]) => key !== String(name).trim());
        if (kept.length > 0) sections.set(String(section), Object.fromEntries(kept));
        else sections.delete(String(section));
      }
    }
    return { set: { hyperparams: JSON.stringify(Object.fromEntries(sections)) }, quiet: onlyProperties };
  });
  return { deleted: 1 };
}

export async function editConfiguration(
  core: Core,
  { items, replace, ...target }: Edit & { items: readonly Parameters[]; replace: boolean },
) {
  const given = Object.fromEntries(items.map((item) => [configurationItem(item).name, configurationItem(item)]));
  await edit(core, target, async (trx) => {
    const current = replace ? {} : await read(trx, target.task, 'configuration');
    return { set: { configuration: JSON.stringify({ ...current, ...given }) } };
  });
  return { updated: 1 };
}

export async function deleteConfiguration(core: Core, { names, ...target }: Edit & { names: readonly string[] }) {
  await edit(core, target, async () => ({
    set: { configuration: sql<string>`configuration - ${[...names]}::text[]` },
  }));
  return { deleted: 1 };
}

export async function addArtifacts(core: Core, { items, ...target }: Edit & { items: readonly Parameters[] }) {
  const given = items.map(artifact);
  await edit(core, target, async (trx) => {
    const current = await read(trx, target.task, 'artifacts');
    return { set: { artifacts: JSON.stringify(mergeArtifacts(current, given)) } };
  });
  return { updated: 1 };
}

export async function deleteArtifacts(core: Core, { items, ...target }: Edit & { items: readonly Parameters[] }) {
  const gone = new Set(items.map(({ key, mode }) => `${mode ?? 'output'}/${key}`));
  let deleted = 0;
  await edit(core, target, async (trx) => {
    const current = await read(trx, target.task, 'artifacts');
    const kept = current.filter(({ key, mode }) => !gone.has(`${mode ?? 'output'}/${key}`));
    deleted = current.length - kept.length;
    return { set: { artifacts: JSON.stringify(kept) } };
  });
  return { deleted };
}

interface ModelLink {
  readonly type: 'input' | 'output';
  readonly name: string;
  readonly model: string;
  readonly iteration?: number | undefined;
}

export async function addModel(core: Core, { link, ...target }: Edit & { link: ModelLink }) {
  await edit(core, { ...target, anyStatus: true }, async (trx) => {
    const models = await read(trx, target.task, 'models');
    const item = { name: link.name, model: link.model, updated: new Date().toISOString() };
    if (link.iteration !== undefined) await raiseIteration(trx, target.task, link.iteration);
    // A model that is there already keeps its place.
    const at = models[link.type].findIndex(({ name }) => name === link.name);
    const list = at < 0 ? [...models[link.type], item] : models[link.type].with(at, item);
    return { set: { models: JSON.stringify({ ...models, [link.type]: list }) } };
  });
  return { updated: 1 };
}

export async function deleteModels(
  core: Core,
  { links, ...target }: Edit & { links: readonly Pick<ModelLink, 'type' | 'name'>[] },
) {
  await edit(core, { ...target, anyStatus: true }, async (trx) => {
    const models = await read(trx, target.task, 'models');
    const without = (type: 'input' | 'output') =>
      models[type].filter((item) => !links.some((link) => link.type === type && link.name === item.name));
    return { set: { models: JSON.stringify({ input: without('input'), output: without('output') }) } };
  });
  return { updated: 1 };
}

export async function setRequirements(core: Core, { requirements, ...target }: Edit & { requirements: Parameters }) {
  const json = JSON.stringify({ requirements: present(requirements) });
  await edit(core, { ...target, anyStatus: true }, async () => ({
    set: { script: sql<string>`script || ${json}::jsonb` },
  }));
  return { updated: 1, fields: { 'script.requirements': requirements } };
}

export async function editRuntime(
  core: Core,
  { put = {}, remove = [], ...target }: Edit & { put?: Parameters | undefined; remove?: readonly string[] | undefined },
) {
  await edit(core, target, async () => ({
    set: { runtime: sql<string>`(runtime - ${[...remove]}::text[]) || ${JSON.stringify(put)}::jsonb` },
  }));
  return { updated: 1 };
}
