import {
  EntityIds,
  ModelIds,
  ModelsCreate,
  ModelsDelete,
  ModelsDeleteMany,
  ModelsDeleteMetadata,
  ModelsEdit,
  ModelsMetadata,
  ModelsMove,
  ModelsPublishMany,
  ModelsSetReady,
  ModelsUpdateForTask,
  ModelsUpdateTags,
} from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import { type Core, transaction } from '../core.ts';
import { moveToProject, setPublic } from '../projects/index.ts';
import { setTags } from '../store/tags.ts';
import { type Endpoint, endpoint } from '../wire/endpoint.ts';
import { many } from '../wire/many.ts';
import { updateForTask } from './for-task.ts';
import { publishModel } from './publish.ts';
import { readers } from './readers.ts';
import { deleteModel } from './remove.ts';
import { createModel, editModel, lockModel, metadataMap } from './store.ts';
import { refuseNewClients } from './versions.ts';

export function modelEndpoints(core: Core): Endpoint[] {
  return [...readers(core), ...writers(core), ...movers(core), ...metadata(core), ...manyCalls(core)];
}

const changed = (core: Core, model: string) => core.changes.send({ kind: 'model', subject: model });

function writers(core: Core): Endpoint[] {
  return [
    endpoint({
      name: 'models.create',
      body: ModelsCreate,
      run: async (body, { identity }) => {
        const id = await transaction(core, (trx) => createModel(trx, body, identity.user));
        changed(core, id);
        return { id, created: true };
      },
    }),
    endpoint({
      name: 'models.edit',
      body: ModelsEdit,
      run: async (body) => {
        const answer = await transaction(core, (trx) => editModel(trx, body));
        changed(core, body.model);
        return answer;
      },
    }),
    endpoint({
      name: 'models.update',
      body: ModelsEdit,
      run: async ({ model, design: _design, framework: _framework, labels: _labels, parent: _parent, ...allowed }) => {
        const given = Object.fromEntries(Object.entries(allowed).filter(([, value]) => value !== undefined));
        const answer = await transaction(core, (trx) => editModel(trx, { ...given, model }));
        changed(core, model);
        return answer;
      },
    }),
    endpoint({
      name: 'models.set_ready',
      body: ModelsSetReady,
      run: ({ model, ...options }, { identity }) => publishModel(core, model, { ...options, user: identity.user }),
    }),
    endpoint({
      name: 'models.delete',
      body: ModelsDelete,
      run: async ({ model, force, ...rest }) => {
        const removal = { ...rest, id: model, force: force === true };
        const { url } = await transaction(core, (trx) => deleteModel(core, trx, removal));
        changed(core, model);
        return { deleted: true, ...(url === null ? {} : { url }) };
      },
    }),
  ];
}

function movers(core: Core): Endpoint[] {
  const publicity = (name: string, enabled: boolean) =>
    endpoint({
      name,
      since: '2.9',
      body: EntityIds,
      run: ({ ids }) => setPublic(core, { table: 'models', ids, enabled, unknown: 'invalidModelId' }),
    });
  return [
    endpoint({
      name: 'models.update_for_task',
      body: ModelsUpdateForTask,
      run: async (body, call) => {
        refuseNewClients(call, 'tasks.add_or_update_model');
        const answer = await transaction(core, (trx) => updateForTask(trx, body, call.identity.user));
        core.changes.send({ kind: 'task', task: body.task });
        changed(core, answer.id);
        return answer;
      },
    }),
    publicity('models.make_public', true),
    publicity('models.make_private', false),
    endpoint({
      name: 'models.move',
      body: ModelsMove,
      run: (body, { identity, nulls }) =>
        moveToProject(core, { table: 'models', ...body, user: identity.user, root: nulls.includes('project') }),
    }),
    endpoint({
      name: 'models.update_tags',
      body: ModelsUpdateTags,
      run: ({ ids, add_tags = [], remove_tags = [] }) =>
        setTags(core.db, { table: 'models', column: 'tags', ids, add: add_tags, remove: remove_tags }),
    }),
  ];
}

function metadata(core: Core): Endpoint[] {
  const write = (model: string, expression: ReturnType<typeof sql<string>>) =>
    transaction(core, async (trx) => {
      await lockModel(trx, model);
      const now = new Date();
      await trx
        .updateTable('models')
        .set({ metadata: expression, last_update: now, last_change: now })
        .where('id', '=', model)
        .execute();
      return { updated: 1 };
    });
  return [
    endpoint({
      name: 'models.add_or_update_metadata',
      since: '2.13',
      body: ModelsMetadata,
      run: ({ model, metadata: items, replace_metadata }) => {
        const json = JSON.stringify(metadataMap(items));
        return write(model, replace_metadata ? sql<string>`${json}::jsonb` : sql<string>`metadata || ${json}::jsonb`);
      },
    }),
    endpoint({
      name: 'models.delete_metadata',
      since: '2.13',
      body: ModelsDeleteMetadata,
      run: ({ model, keys }) => write(model, sql<string>`metadata - ${keys}::text[]`),
    }),
  ];
}

function manyCalls(core: Core): Endpoint[] {
  const archive = (archived: boolean) => (id: string) =>
    transaction(core, async (trx) => {
      await lockModel(trx, id);
      const tags = archived ? { add: ['archived'], remove: [] } : { add: [], remove: ['archived'] };
      await setTags(trx, { table: 'models', column: 'system_tags', ids: [id], ...tags });
      return archived ? { archived: true } : { unarchived: true };
    });
  return [
    endpoint({
      name: 'models.archive_many',
      body: ModelIds,
      run: ({ ids }) => many(ids, archive(true)),
    }),
    endpoint({
      name: 'models.unarchive_many',
      body: ModelIds,
      run: ({ ids }) => many(ids, archive(false)),
    }),
    endpoint({
      name: 'models.delete_many',
      body: ModelsDeleteMany,
      run: ({ ids, force, ...rest }) =>
        many(ids, async (id) => {
          const removal = { ...rest, id, force: force === true };
          const { url } = await transaction(core, (trx) => deleteModel(core, trx, removal));
          return { deleted: true, ...(url === null ? {} : { url }) };
        }),
    }),
    endpoint({
      name: 'models.publish_many',
      body: ModelsPublishMany,
      run: ({ ids, publish_tasks, publish_task = publish_tasks, force_publish_task }, { identity }) =>
        many(ids, (id) => publishModel(core, id, { publish_task, force_publish_task, user: identity.user })),
    }),
  ];
}
