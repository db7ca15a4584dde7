import {
  TasksAddModel,
  TasksArtifacts,
  TasksConfigurationNames,
  TasksConfigurations,
  TasksDeleteConfiguration,
  TasksDeleteHyperparams,
  TasksDeleteModels,
  TasksEditConfiguration,
  TasksEditHyperparams,
  TasksEditRuntime,
  TasksList,
  TasksRequirements,
} from '@ranloop/contracts/tracking';
import type { Core } from '../core.ts';
import { type Endpoint, endpoint } from '../wire/endpoint.ts';
import { ApiError } from '../wire/errors.ts';
import * as parts from './parts.ts';

export function partEndpoints(core: Core): Endpoint[] {
  return [...hyperparams(core), ...configuration(core), ...others(core)];
}

async function documents<K extends 'hyperparams' | 'configuration'>(core: Core, ids: readonly string[], column: K) {
  if (ids.length === 0) return [];
  const query = core.db
    .selectFrom('tasks')
    .select(['id', column])
    .where('id', 'in', [...ids]);
  const rows = await query.execute();
  const found = new Set(rows.map(({ id }) => id as string));
  const missing = ids.filter((id) => !found.has(id));
  if (missing.length > 0) throw new ApiError('invalidTaskId', { ids: missing });
  return rows;
}

/** JSONB keeps no order of its keys; the API's is that of the texts. */
const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

function hyperparams(core: Core): Endpoint[] {
  return [
    endpoint({
      name: 'tasks.get_hyper_params',
      since: '2.9',
      body: TasksList,
      run: async ({ tasks }) => ({
        params: (await documents(core, tasks, 'hyperparams')).map(({ id, hyperparams: sections }) => ({
          task: id,
          hyperparams: Object.values(sections)
            .flatMap((items) => Object.values(items))
            .sort((a, b) => byText(a.section, b.section) || byText(a.name, b.name)),
        })),
      }),
    }),
    endpoint({
      name: 'tasks.edit_hyper_params',
      since: '2.9',
      body: TasksEditHyperparams,
      run: ({ hyperparams: items, replace_hyperparams: replace = 'none', ...target }, { identity }) =>
        parts.editHyperparams(core, { ...target, items, replace, user: identity.user }),
    }),
    endpoint({
      name: 'tasks.delete_hyper_params',
      since: '2.9',
      body: TasksDeleteHyperparams,
      run: ({ hyperparams: keys, ...target }, { identity }) =>
        parts.deleteHyperparams(core, { ...target, keys, user: identity.user }),
    }),
  ];
}

function configuration(core: Core): Endpoint[] {
  return [
    endpoint({
      name: 'tasks.get_configurations',
      since: '2.9',
      body: TasksConfigurations,
      run: async ({ tasks, names }) => ({
        configurations: (await documents(core, tasks, 'configuration')).map(({ id, configuration: items }) => ({
          task: id,
          configuration: Object.values(items)
            .filter(({ name }) => !names?.length || names.includes(name))
            .sort((a, b) => byText(a.name, b.name)),
        })),
      }),
    }),
    endpoint({
      name: 'tasks.get_configuration_names',
      since: '2.9',
      body: TasksConfigurationNames,
      run: async ({ tasks, skip_empty = true }) => ({
        configurations: (await documents(core, tasks, 'configuration')).map(({ id, configuration: items }) => ({
          task: id,
          names: Object.values(items)
            .filter(({ value }) => !skip_empty || value !== '')
            .map(({ name }) => name)
            .sort(byText),
        })),
      }),
    }),
    endpoint({
      name: 'tasks.edit_configuration',
      since: '2.9',
      body: TasksEditConfiguration,
      run: ({ configuration: items, replace_configuration, ...target }, { identity }) =>
        parts.editConfiguration(core, {
          ...target,
          items,
          replace: replace_configuration === true,
          user: identity.user,
        }),
    }),
    endpoint({
      name: 'tasks.delete_configuration',
      since: '2.9',
      body: TasksDeleteConfiguration,
      run: ({ configuration: names, ...target }, { identity }) =>
        parts.deleteConfiguration(core, { ...target, names, user: identity.user }),
    }),
  ];
}

function others(core: Core): Endpoint[] {
  return [
    endpoint({
      name: 'tasks.add_or_update_artifacts',
      since: '2.10',
      body: TasksArtifacts,
      run: ({ artifacts: items, ...target }, { identity }) =>
        parts.addArtifacts(core, { ...target, items, user: identity.user }),
    }),
    endpoint({
      name: 'tasks.delete_artifacts',
      since: '2.10',
      body: TasksArtifacts,
      run: ({ artifacts: items, ...target }, { identity }) =>
        parts.deleteArtifacts(core, { ...target, items, user: identity.user }),
    }),
    endpoint({
      name: 'tasks.add_or_update_model',
      since: '2.13',
      body: TasksAddModel,
      run: ({ task, ...link }, { identity }) => parts.addModel(core, { task, link, user: identity.user }),
    }),
    endpoint({
      name: 'tasks.delete_models',
      since: '2.13',
      body: TasksDeleteModels,
      run: ({ task, models: links }, { identity }) => parts.deleteModels(core, { task, links, user: identity.user }),
    }),
    endpoint({
      name: 'tasks.set_requirements',
      body: TasksRequirements,
      run: ({ task, requirements }, { identity }) =>
        parts.setRequirements(core, { task, requirements, user: identity.user }),
    }),
    endpoint({
      name: 'tasks.edit_runtime',
      since: '2.34',
      body: TasksEditRuntime,
      run: ({ add_or_update: put, ...target }, { identity }) =>
        parts.editRuntime(core, { ...target, put, user: identity.user }),
    }),
  ];
}
