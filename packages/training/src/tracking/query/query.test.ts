import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTracking, type TestServer } from '../testing/server.ts';
import { parsePattern } from './regex.ts';
import { parseDate } from './values.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTracking();
});
afterAll(() => server.stop());

describe('get_all', () => {
  test('scrolls to the end without losing or repeating one', async () => {
    const made = await Promise.all(Array.from({ length: 17 }, (_, at) => server.newTask({ name: `scroll ${at}` })));
    const found: string[] = [];
    // Whatever is no scroll of ours begins one.
    let scroll: string | undefined = 'anything';
    for (;;) {
      const body = { name: '^scroll ', size: 7, scroll_id: scroll };
      const page: { tasks: { id: string }[]; scroll_id: string } = await server.call('tasks.get_all', body);
      if (page.tasks.length === 0) break;
      found.push(...page.tasks.map(({ id }) => id));
      scroll = page.scroll_id;
    }
    expect(found.toSorted()).toEqual(made.toSorted());
    const again = await server.call<{ tasks: object[] }>('tasks.get_all', {
      name: '^scroll ',
      size: 7,
      scroll_id: scroll,
      refresh_scroll: true,
    });
    expect(again.tasks).toHaveLength(17);
  });

  test('shows only the fields asked for, and joins references in get_all_ex', async () => {
    const { id: project } = await server.call<{ id: string }>('projects.create', { name: 'fields' });
    const parent = await server.newTask({ name: 'the parent', project });
    const id = await server.newTask({ project, parent, hyperparams: { A: { x: { value: '1' }, y: { value: '2' } } } });
    const query = { id: [id], only_fields: ['hyperparams.A.x', 'project.name', 'parent.name', 'user.name'] };
    const { tasks } = await server.call('tasks.get_all_ex', query);
    expect(tasks).toEqual([
      {
        id,
        hyperparams: { A: { x: { section: 'A', name: 'x', value: '1' } } },
        project: { id: project, name: 'fields' },
        parent: { id: parent, name: 'the parent' },
        user: { id: 'admin', name: 'admin' },
      },
    ]);
    const plain = await server.call('tasks.get_all', { id: [id], only_fields: ['project', '-name'] });
    expect(plain).toEqual({ tasks: [{ id, project }] });
  });

  test('hides what is tagged hidden unless it is asked for', async () => {
    const id = await server.newTask({ name: 'hide and seek', system_tags: ['hidden'] });
    const count = async (query: object) =>
      (await server.call<{ tasks: object[] }>('tasks.get_all', query)).tasks.length;
    expect(await count({ name: 'hide and seek' })).toBe(0);
    expect(await count({ name: 'hide and seek', search_hidden: true })).toBe(1);
    expect(await count({ id: [id] })).toBe(1);
  });

  test('finds what changed after a time by _or_ over dates', async () => {
    const first = await server.newTask({ name: 'dated one' });
    const { task } = await server.call<{ task: { last_change: string } }>('tasks.get_by_id', { task: first });
    await new Promise((resolve) => setTimeout(resolve, 5));
    const second = await server.newTask({ name: 'dated two' });
    const found = await server.call('tasks.get_all', {
      name: 'dated',
      _or_: { fields: ['last_update', 'last_change'], datetime: [`>${task.last_change}`] },
      only_fields: ['id'],
    });
    expect(found).toEqual({ tasks: [{ id: second }] });
  });

  test('includes subprojects when asked to', async () => {
    const { id: below } = await server.call<{ id: string }>('projects.create', { name: 'above/below' });
    const { project } = await server.call<{ project: { parent: string } }>('projects.get_by_id', { project: below });
    const id = await server.newTask({ project: below });
    const query = { project: [project.parent], only_fields: ['id'] };
    expect(await server.call('tasks.get_all', query)).toEqual({ tasks: [] });
    expect(await server.call('tasks.get_all', { ...query, include_subprojects: true })).toEqual({ tasks: [{ id }] });
  });

  test('refuses what it cannot do, with the code that says why', async () => {
    expect(await server.refusal('tasks.get_all', { page: 1 })).toBe('400/11');
    expect(await server.refusal('tasks.get_all', { name: '(' })).toBe('400/21');
    expect(await server.refusal('tasks.get_all', { name: '***=x' })).toBe('400/21');
    expect(await server.refusal('tasks.get_all', { name: '(a)\\1' })).toBe('400/21');
    expect(await server.refusal('tasks.get_all', { name: 'x'.repeat(5_000) })).toBe('400/21');
    expect(await server.refusal('tasks.get_all', { name: '(a{1,200}){1,200}b' })).toBe('400/21');
    expect(await server.refusal('tasks.get_all', { name: '((a?[]{b]){50}){50}b' })).toBe('400/21');
    expect(await server.refusal('tasks.get_all', { created: ['yesterday'] })).toBe('400/16');
    expect(await server.refusal('tasks.get_all', { last_iteration: ['x', 1] })).toBe('400/16');
  });

  test('keys that name no field, and keys of objects, are ignored', async () => {
    const odd =
      '{"constructor":["x"],"__proto__":["y"],"toString":1,"nothing":[1],"page":0,"page_size":1,"order_by":["hasOwnProperty"]}';
    const { status, text } = await server.send('/tasks.get_all', { raw: odd });
    expect(status).toBe(200);
    expect(JSON.parse(text).data.tasks).toHaveLength(1);
  });
});

test('no text makes the query language answer with a fault', async () => {
  const text = fc.string({ unit: 'binary', maxLength: 30 });
  const value = fc.oneof(
    text,
    fc.array(fc.oneof(text, fc.constant(null), fc.double(), fc.constantFrom('__$all', '__$not')), { maxLength: 4 }),
  );
  const key = fc.oneof(
    text,
    fc.constantFrom('name', 'tags', 'created', 'last_iteration', 'order_by', 'only_fields', 'search_text', 'scroll_id'),
    text.map((part) => `hyperparams.${part}.x`),
    text.map((part) => `runtime.${part}`),
    text.map((part) => `last_metrics.${part}`),
  );
  await fc.assert(
    fc.asyncProperty(fc.dictionary(key, value, { maxKeys: 4 }), async (body) => {
      const { meta } = await server.envelope('tasks.get_all', body);
      expect(meta.result_code).toBeLessThan(500);
    }),
    { numRuns: 80 },
  );
});

test('a pattern between anchors is an equality; what remains a pattern has an escape or a special character', () => {
  expect(parsePattern('^dproj/\\.datasets$')).toEqual({ equals: 'dproj/.datasets' });
  expect(parsePattern('^a\\ b\\-c\\#$')).toEqual({ equals: 'a b-c#' });
  expect(parsePattern('^pipe(| #\\d+)$')).toEqual({ regex: '^pipe(| #\\d+)$' });
  expect(parsePattern('^a\\$')).toEqual({ regex: '^a\\$' });
  expect(parsePattern('\\bword\\b')).toEqual({ regex: '\\yword\\y' });
});

test('dates without an offset are UTC', () => {
  expect(parseDate('2026-01-02 03:04:05')?.toISOString()).toBe('2026-01-02T03:04:05.000Z');
  expect(parseDate('2026-01-02T03:04:05.123456+01:00')?.toISOString()).toBe('2026-01-02T02:04:05.123Z');
  expect(parseDate('2026')).toBeUndefined();
});
