import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTracking, type TestServer } from '../testing/server.ts';

/** Bodies that are nearly right, and any JSON, for every call about projects, models, the organization, pipelines and reports. */

let server: TestServer;
let ids: string[] = [];
beforeAll(async () => {
  server = await startTracking({ patternTimeoutMs: 500 });
});
afterAll(() => server.stop());

/** Something for the calls to find; what was there before may be deleted, moved or public by now. */
async function refill(): Promise<void> {
  const { project_id: project } = await server.call<{ project_id: string }>('tasks.move', {
    ids: [],
    project_name: `Fuzzed ${Math.random()}`,
  });
  const task = await server.newTask({ project, hyperparams: { Args: { a: { value: '1' } } } });
  const body = { name: 'm', uri: 'u', project, task, ready: false };
  const model = (await server.call<{ id: string }>('models.create', body)).id;
  const report = (await server.call<{ id: string }>('reports.create', { name: 'rep', project })).id;
  const controller = await server.newTask({ project, type: 'controller', system_tags: ['pipeline'] });
  await server.batch([{ type: 'plot', task, iter: 0, metric: 'm', variant: 'v', plot_str: '{}' }]);
  ids = [project, task, model, report, controller];
}

const QUERY = `id name tags system_tags project user page page_size size scroll_id refresh_scroll order_by only_fields
  search_text search_hidden allow_public include_subprojects _any_ _all_ filters last_update status_changed`;
const TAGS = 'include_system projects filter';
const MODEL = 'name uri comment design framework labels ready project parent task tags system_tags metadata';

/** Every call with the fields that it knows. */
const CALLS: readonly (readonly [name: string, fields: string])[] = [
  ['projects.create', 'name description tags system_tags default_output_destination'],
  ['projects.update', 'project name description tags system_tags default_output_destination'],
  ['projects.delete', 'project force delete_contents delete_external_artifacts'],
  ['projects.validate_delete', 'project'],
  ['projects.get_by_id', 'project'],
  ['projects.get_all', `${QUERY} basename description parent shallow_search`],
  [
    'projects.get_all_ex',
    `id name parent shallow_search search_hidden active_users children_type children_tags children_tags_filter include_stats
      include_stats_filter include_dataset_stats check_own_contents stats_for_state stats_with_children non_public page page_size`,
  ],
  ['projects.move', 'project new_location'],
  ['projects.merge', 'project destination_project'],
  ['projects.make_public', 'ids'],
  ['projects.make_private', 'ids'],
  ['projects.get_unique_metric_variants', 'project ids include_subprojects model_metrics'],
  ['projects.get_hyper_parameters', 'project include_subprojects page page_size'],
  ['projects.get_model_metadata_keys', 'project include_subprojects page page_size'],
  ['projects.get_hyperparam_values', 'projects section name allow_public include_subprojects pattern page page_size'],
  ['projects.get_model_metadata_values', 'projects key allow_public include_subprojects page page_size'],
  ['projects.get_task_parents', 'projects include_subprojects tasks_state task_name'],
  ['projects.get_user_names', 'projects include_subprojects entity'],
  ['projects.get_task_tags', TAGS],
  ['projects.get_model_tags', TAGS],
  ['projects.get_project_tags', TAGS],
  ['models.create', `${MODEL} public`],
  ['models.edit', `model iteration created ui_cache ${MODEL}`],
  ['models.update', `model iteration created ui_cache ${MODEL}`],
  ['models.update_for_task', 'task uri name comment tags system_tags override_model_id iteration'],
  ['models.get_by_id', 'model'],
  ['models.get_by_task_id', 'task'],
  ['models.get_all', `${QUERY} task uri framework ready`],
  ['models.get_all_ex', `${QUERY} task uri framework ready include_stats`],
  ['models.get_by_id_ex', 'id only_fields'],
  ['models.get_frameworks', 'projects'],
  ['models.set_ready', 'model publish_task force_publish_task'],
  ['models.publish_many', 'ids publish_tasks force_publish_task'],
  ['models.delete', 'model force'],
  ['models.delete_many', 'ids force'],
  ['models.archive_many', 'ids'],
  ['models.unarchive_many', 'ids'],
  ['models.move', 'ids project project_name'],
  ['models.update_tags', 'ids add_tags remove_tags'],
  ['models.add_or_update_metadata', 'model metadata replace_metadata'],
  ['models.delete_metadata', 'model keys'],
  ['models.make_public', 'ids'],
  ['models.make_private', 'ids'],
  ['organization.get_tags', TAGS],
  ['organization.get_user_companies', ''],
  [
    'organization.get_entities_count',
    'projects_ tasks models_ pipelines pipeline_runs datasets dataset_versions reports active_users search_hidden allow_public limit',
  ],
  ['organization.prepare_download_for_get_all', `entity_type field_mappings only_fields ${QUERY}`],
  ['organization.download_for_get_all', 'prepare_id'],
  ['organization.get_project_usages', 'projects from_date to_date include_development breakdown_keys usage_fields'],
  ['pipelines.start_pipeline', 'task queue args verify_watched_queue'],
  ['pipelines.delete_runs', 'ids project'],
  ['reports.create', 'name project comment report report_assets tags'],
  ['reports.update', 'task name comment report report_assets tags'],
  ['reports.move', 'task project project_name'],
  ['reports.publish', 'task comment message'],
  ['reports.archive', 'task comment'],
  ['reports.unarchive', 'task message'],
  ['reports.delete', 'task force'],
  ['reports.get_tags', ''],
  ['reports.get_all_ex', QUERY],
  [
    'reports.get_task_data',
    'id project include_subprojects model_events plots debug_images scalar_metrics_iter_histogram single_value_metrics only_fields',
  ],
];

const odd = fc.constantFrom<unknown>(
  ...[
    '',
    ' ',
    '/',
    '//',
    'a/b',
    '..',
    '(',
    '(a+)+$',
    '^Fuzzed$',
    '*',
    '__$all',
    '__$not',
    '-',
    '__proto__',
    'constructor',
  ],
  ...['\u0000', '\ud800', '🚀'.repeat(800), 'x'.repeat(5_000), '2026-13-45T99:99:99+99:99', '0000-01-01', '9999-12-31'],
  ...[null, 0, -1, 1e308, 2 ** 53, Number.MAX_SAFE_INTEGER, true, [], {}, [null], [[]], { $gt: '' }],
);
const id = fc.nat(5).map((at) => ids[at] ?? 'nobody');
const text = fc.oneof(fc.constantFrom('Fuzzed', 'Fuzzed/deep/er', 'm', 'Args', 'a', '.*'), fc.string({ maxLength: 8 }));
const path = fc.constantFrom(
  'name',
  '-name',
  'project.name',
  'hyperparams.Args.a.value',
  'last_metrics.a.b.value',
  'tags',
);
const set = fc.record({ include: fc.array(text), exclude: fc.array(text) }, { requiredKeys: [] });
const sets = fc.record({ any: set, all: set, op: fc.constantFrom('and', 'or', 'xor') }, { requiredKeys: [] });
const metrics = fc.record({ metrics: fc.array(fc.record({ metric: text })), iters: fc.nat(3) }, { requiredKeys: [] });
const criteria = fc.record(
  { id: fc.array(id), name: text, project: fc.array(id), tags: fc.array(text), type: fc.array(text) },
  { requiredKeys: [] },
);

/** What a field of this name well may hold. */
const PLAUSIBLE: readonly (readonly [RegExp, fc.Arbitrary<unknown>])[] = [
  [/^(project|task|model|parent|destination_project|override_model_id|queue|prepare_id)$/, id],
  [/^(id|ids|projects|active_users)$/, fc.array(id, { maxLength: 3 })],
  [/^(page|page_size|size|iteration|limit)$/, fc.nat(20)],
  [/tags$|^(keys|report_assets|children_tags)$/, fc.array(text, { maxLength: 3 })],
  [/^(order_by|only_fields)$/, fc.array(path, { maxLength: 3 })],
  [
    /^(filters|include_stats_filter)$/,
    fc.dictionary(fc.constantFrom('tags', 'type', 'user', 'created'), sets, { maxKeys: 2 }),
  ],
  [/^children_tags_filter$/, sets],
  [/^filter$/, fc.record({ tags: fc.array(text), system_tags: fc.array(text) }, { requiredKeys: [] })],
  [/^_(any|all)_$/, fc.record({ fields: fc.array(path), pattern: text })],
  [/^children_type$/, fc.constantFrom('pipeline', 'report', 'dataset')],
  [/^(stats_for_state|tasks_state)$/, fc.constantFrom('active', 'archived', null)],
  [/^entity(_type)?$/, fc.constantFrom('task', 'model')],
  [/^field_mappings$/, fc.array(fc.record({ field: path }), { maxLength: 2 })],
  [/^(plots|debug_images|scalar_metrics_iter_histogram|single_value_metrics)$/, metrics],
  [/^(projects_|tasks|models_|pipelines|pipeline_runs|datasets|dataset_versions|reports)$/, criteria],
  [
    /_date$|^(created|last_update|status_changed)$/,
    fc.constantFrom('2026-01-01', '2026-01-02T03:04:05+02:00', ['>2026-01-01', null]),
  ],
  [/^breakdown_keys$/, fc.subarray(['project', 'user', 'queue'])],
  [/^usage_fields$/, fc.subarray(['duration', 'cpu_usage', 'gpu_usage'])],
  [/^args$/, fc.array(fc.record({ name: text, value: odd }), { maxLength: 2 })],
  [/^labels$/, fc.dictionary(fc.string(), fc.integer(), { maxKeys: 2 })],
  [/^metadata$/, fc.array(fc.record({ key: text, value: text }), { maxLength: 2 })],
  [/^(design|ui_cache)$/, fc.object({ maxDepth: 2 })],
  [
    /^(include|force|delete|search_hidden|allow|non_|shallow|check|stats_with|publish|ready$|public$|replace|verify|model_|refresh)/,
    fc.boolean(),
  ],
  [/./, text],
];

const valuesOf = (field: string) => {
  const plausible = PLAUSIBLE.find(([pattern]) => pattern.test(field))?.[1] ?? text;
  return fc.oneof({ weight: 6, arbitrary: plausible }, { weight: 1, arbitrary: odd });
};

const call = fc.constantFrom(...CALLS).chain(([name, fields]) => {
  const known = fields.split(/\s+/).filter((field) => field !== '');
  const shape = Object.fromEntries(known.map((field) => [field.replace(/(projects|models)_$/, '$1'), valuesOf(field)]));
  const body = fc.oneof(
    { weight: 12, arbitrary: fc.record(shape, { requiredKeys: [] }) as fc.Arbitrary<unknown> },
    { weight: 1, arbitrary: fc.jsonValue() as fc.Arbitrary<unknown> },
  );
  return fc.tuple(fc.constant(name), body);
});

test('no body brings a call to fail inside', async () => {
  const served = new Set<string>();
  let calls = 0;
  const version = fc.constantFrom('', '/v2.9', '/v2.13', '/v2.34', '/v999.0');
  await fc.assert(
    fc.asyncProperty(call, version, async ([name, body], prefix) => {
      if (calls % 50 === 0) await refill();
      calls += 1;
      const answer = await server.send(`${prefix}/${name}`, { raw: JSON.stringify(body) });
      if (answer.status === 200) served.add(name);
      if (answer.status >= 500) throw new Error(`${name} ${JSON.stringify(body)}: ${answer.text.slice(0, 500)}`);
    }),
    { numRuns: 3_000 },
  );
  // The bodies get past the checks of most calls.
  expect(served.size).toBeGreaterThan(CALLS.length * 0.7);
}, 240_000);
