import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTracking, type TestServer } from '../testing/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTracking();
});
afterAll(() => server.stop());

const SERVICES = new Set(['auth', 'login', 'queues', 'workers', 'serving', 'storage', 'server', 'users', 'debug']);

interface Described {
  endpoints: Record<string, { min_version: string; request_schema?: object | null }[]>;
}

/** The names that a schema and its parts give to fields. */
function fieldsOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { properties, ...rest } = schema as { properties?: object };
  const own = Object.entries(properties ?? {}).flatMap(([name, inner]) => [name, ...fieldsOf(inner)]);
  return [...own, ...Object.values(rest).flatMap(fieldsOf)];
}

test('nothing that is sent to these services is answered with a fault', { timeout: 120_000 }, async () => {
  const { endpoints } = await server.call<Described>('server.endpoints');
  const handlers = Object.entries(endpoints)
    .filter(([name]) => SERVICES.has(name.split('.')[0] ?? ''))
    .flatMap(([name, all]) =>
      all.map((one) => ({ path: `v${one.min_version}/${name}`, fields: [...new Set(fieldsOf(one.request_schema))] })),
    );
  expect(handlers.length).toBeGreaterThan(60);
  const { id: queue } = await server.call<{ id: string }>('queues.create', { name: 'fuzzed' });
  const task = await server.newTask();
  await server.call('tasks.enqueue', { task, queue });
  await server.call('workers.register', { worker: 'fuzzed', queues: [queue] });

  const text = fc.oneof(
    fc.constantFrom(
      queue,
      task,
      'fuzzed',
      'admin',
      'ranloop',
      'default',
      'avg',
      'cpu_usage',
      'http://x',
      'x'.repeat(3_000),
    ),
    fc.constantFrom('', '\0', '__proto__', 'constructor', '-', '__$all', '__$not', '*', '(', '%', '\ud800', '😀'),
    fc.string({ unit: 'binary', maxLength: 12 }),
  );
  const number = fc.oneof(
    fc.constantFrom(0, 1, -1, 1.5, 40, 1_600_000_000, 2 ** 31, 2 ** 53, 2 ** 63, -(2 ** 63), 1e300, -1e-300),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
  );
  const scalar = fc.oneof(text, number, fc.boolean(), fc.constant(null));
  const key = fc.oneof(text, fc.constantFrom(...new Set(handlers.flatMap(({ fields }) => fields))));
  const value = fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    scalar,
    fc.letrec((tie) => ({
      any: fc.oneof(
        { depthSize: 'small', maxDepth: 3 },
        scalar,
        fc.array(tie('any'), { maxLength: 3 }),
        fc.dictionary(key, tie('any'), { maxKeys: 4 }),
      ),
    })).any,
  );
  const call = fc.constantFrom(...handlers).chain(({ path, fields }) =>
    fc.record({
      path: fc.constant(path),
      // Most fields right, so that the call comes further than the schema.
      body: fc
        .tuple(
          fc.record(
            Object.fromEntries(
              fields.map((name) => [
                name,
                // Were the queue deleted, all further calls would end there.
                plausible(name, { queue: path.endsWith('queues.delete') ? 'spare' : queue, task }),
              ]),
            ),
            {
              requiredKeys: [],
            },
          ),
          fc.dictionary(key, value, { maxKeys: 2 }),
        )
        .map(([right, odd]) => ({ ...right, ...odd })),
    }),
  );
  await fc.assert(
    fc.asyncProperty(call, async ({ path, body }) => {
      const { meta } = await server.envelope(path, body);
      expect(meta.result_code).toBeLessThan(500);
    }),
    { numRuns: 600 },
  );
});

/** A value that a field of this name may well have. */
function plausible(name: string, { queue, task }: { queue: string; task: string }): fc.Arbitrary<unknown> {
  const known: Record<string, fc.Arbitrary<unknown>> = {
    queue: fc.constant(queue),
    task: fc.constant(task),
    user: fc.constantFrom('admin', 'nobody'),
    company: fc.constant('ranloop'),
    worker: fc.constant('fuzzed'),
    from_date: fc.constantFrom(0, 1_600_000_000),
    to_date: fc.constantFrom(1_700_000_000, 253_402_300_799),
    timestamp: fc.constantFrom(1_600_000_000, 1_600_000_000_000),
    items: fc.constant([{ key: 'cpu_usage' }]),
    queues: fc.constant([queue]),
    queue_ids: fc.constant([queue]),
    runtime_properties: fc.constant([{ key: 'k', value: 'v', expiry: 9 }]),
    machine_stats: fc.constant({ cpu_usage: [1, 2], memory_used: 3 }),
    metadata: fc.constant([{ key: 'k', value: 'v' }]),
    preferences: fc.constant({ a: { b: [1] } }),
    order_by: fc.constantFrom(['name'], ['-created', 'metadata.a.b']),
    only_fields: fc.constantFrom(['name'], ['-name'], ['metadata.x', 'entries.task.name']),
    // The first of these exists.
    role: fc.constantFrom('user', 'root'),
  };
  if (Object.hasOwn(known, name)) return known[name] ?? fc.constant(name);
  if (/^(interval|timeout|count|page|size|page_size|max_task_entries|last_seen|.*_(sec|ms|num|min))$/.test(name))
    return fc.integer({ min: 0, max: 1_000 });
  if (/^(tags|system_tags|ids?|keys|worker_ids|active_in_projects)$/.test(name))
    return fc.array(fc.constantFrom('a', '-b', '__$all', 'aws', queue), { maxLength: 3 });
  if (
    /^(force|allow_public|replace_.*|search_hidden|refresh.*|split_.*|instance_.*|update_.*|get_task_info|enabled)$/.test(
      name,
    )
  )
    return fc.boolean();
  if (/^_/.test(name)) return fc.constant({ fields: ['name', 'metadata.k'], pattern: 'x' });
  if (/^(buckets|containers|reference|resources|filters|aws|google|azure)$/.test(name))
    return fc.constantFrom([], {}, [{}], [{ type: 'url', value: 'x' }]);
  return fc.constantFrom('text', 'admin');
}
