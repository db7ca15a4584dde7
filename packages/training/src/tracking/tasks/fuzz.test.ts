import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTracking, type TestServer } from '../testing/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTracking({ patternTimeoutMs: 300 });
});
afterAll(() => server.stop());

const ACTIONS = [
  ...[
    'create',
    'validate',
    'get_by_id',
    'get_by_id_ex',
    'get_all',
    'get_all_ex',
    'get_types',
    'clone',
    'edit',
    'update',
  ],
  ...[
    'update_tags',
    'edit_runtime',
    'edit_hyper_params',
    'delete_hyper_params',
    'get_hyper_params',
    'edit_configuration',
  ],
  ...['delete_configuration', 'get_configurations', 'get_configuration_names', 'add_or_update_artifacts'],
  ...['delete_artifacts', 'add_or_update_model', 'delete_models', 'set_requirements', 'reset', 'reset_many', 'delete'],
  ...['delete_many', 'archive', 'archive_many', 'unarchive_many', 'started', 'stop', 'stop_many', 'stopped', 'failed'],
  ...[
    'completed',
    'close',
    'publish',
    'publish_many',
    'enqueue',
    'enqueue_many',
    'dequeue',
    'dequeue_many',
    'ping',
    'move',
  ],
  ...['make_public', 'make_private', 'update_batch'],
].map((name) => `tasks.${name}`);

/** Names that trip up stores, regular expressions, paths or objects. */
const oddText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(
    '__proto__',
    'constructor',
    'toString',
    '',
    ' ',
    '\0',
    '\ud800',
    'a.b',
    '$where',
    '%2E',
    '%',
    "'; --",
    '__$not',
  ),
  fc.constantFrom('(a+)+$', '(?<=a)', '[', '***', '\\1', '{', '-', '-x', '_any_', 'null', '1e400', '2026-99-99'),
);
const oddNumber = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(2 ** 63, -(2 ** 53), 1e308));
const anything = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    oddText,
    oddNumber,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(oddText, tie('value'), { maxKeys: 3 }),
  ),
})).value;

/** The keys that the calls know, so that most bodies get past the first check. */
const KEYS = [
  ...[
    'name',
    'type',
    'comment',
    'project',
    'parent',
    'tags',
    'system_tags',
    'output_dest',
    'execution',
    'script',
    'hyperparams',
  ],
  ...['configuration', 'models', 'container', 'runtime', 'output', 'report', 'report_assets', 'force', 'status_reason'],
  ...[
    'status_message',
    'publish',
    'publish_model',
    'queue',
    'queue_name',
    'new_status',
    'return_file_urls',
    'clear_all',
  ],
  ...[
    'artifacts',
    'replace_hyperparams',
    'requirements',
    'add_or_update',
    'remove',
    'add_tags',
    'remove_tags',
    'names',
  ],
  ...[
    'new_task_name',
    'new_task_parent',
    'new_task_project',
    'new_project_name',
    'execution_overrides',
    'project_name',
  ],
  ...[
    'validate_references',
    'include_pipeline_steps',
    'created',
    'iteration',
    'model',
    'projects',
    'page',
    'page_size',
    'size',
  ],
  ...[
    'order_by',
    'only_fields',
    'search_text',
    'scroll_id',
    'filters',
    '_any_',
    '_all_',
    'status',
    'last_iteration',
    'user',
  ],
  ...[
    'hyperparams.a.b.value',
    'runtime.x',
    'last_metrics.a.b.value',
    'models.input.model',
    'status_changed',
    'started',
    'id',
  ],
];
const plausible = fc.oneof(
  anything,
  fc.constantFrom('training', 'created', 'all', true, [], {}, 1, 'a name'),
  fc.array(
    fc.record({ section: oddText, name: oddText, value: anything, key: oddText, type: oddText }, { requiredKeys: [] }),
    {
      maxLength: 3,
    },
  ),
  fc.dictionary(oddText, fc.dictionary(oddText, anything, { maxKeys: 2 }), { maxKeys: 2 }),
);
const body = fc.dictionary(
  fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...KEYS) }, { weight: 1, arbitrary: oddText }),
  plausible,
  {
    maxKeys: 6,
  },
);

describe('whatever is sent', () => {
  test('the answer is an envelope and never a fault', async () => {
    const tasks = [await server.newTask(), await server.newTask({ type: 'controller' }), 'nobody'];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...ACTIONS),
        body,
        fc.constantFrom(...tasks),
        fc.boolean(),
        async (action, given, task, named) => {
          const target = named ? { task, ids: [task], tasks: [task], name: 'a task', type: 'training' } : {};
          const version = named ? '' : '/v2.8';
          const raw = JSON.stringify({ ...target, ...given });
          const { status, text } = await server.send(`${version}/${action}`, { raw });
          const { meta } = JSON.parse(text) as {
            meta: { result_code: number; result_subcode: number; result_msg: unknown };
          };
          expect([200, 301, 400, 401, 403, 404]).toContain(status);
          expect(meta.result_code).toBe(status);
          expect(typeof meta.result_msg).toBe('string');
        },
      ),
      { numRuns: 600 },
    );
    // The server still does its work, and what it shows is still whole.
    const { status } = await server.send('/tasks.get_all', { raw: '{"search_hidden":true}' });
    expect(status).toBe(200);
  }, 120_000);

  test('a name of a megabyte is kept, found and ordered', async () => {
    const name = 'long'.repeat(262_144);
    const id = await server.newTask({ name, tags: [name.slice(0, 100_000)] });
    await server.call('tasks.edit_hyper_params', { task: id, hyperparams: [{ section: name, name, value: name }] });
    const query = { id: [id], order_by: ['-name', 'tags'], only_fields: ['name'] };
    expect(await server.call('tasks.get_all', query)).toEqual({ tasks: [{ id, name }] });
  });

  test('patterns that explode end in time, and are refused by the code of patterns', async () => {
    await server.newTask({ name: `${'a'.repeat(5_000)}!` });
    const patterns = ['(a+)+$', '(a|aa)+$', '(.*a){20}b', '(a{1,200}){1,200}b', '((a?){50}){50}b', '(x+x+)+y'];
    for (const pattern of patterns) {
      const from = process.hrtime.bigint();
      for (const query of [{ name: pattern }, { _any_: { fields: ['name', 'comment', 'tags'], pattern } }]) {
        const { meta } = await server.envelope('tasks.get_all', query);
        expect([`200/0`, '400/21']).toContain(`${meta.result_code}/${meta.result_subcode}`);
      }
      // The limit of each of the two queries is 300 ms; a slow machine gets ten times that.
      expect(Number(process.hrtime.bigint() - from) / 1e6).toBeLessThan(6_000);
    }
  });
});
