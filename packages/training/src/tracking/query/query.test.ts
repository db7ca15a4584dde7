import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { md5 } from '../store/ids.ts';
import { startTracking, type TestServer } from '../testing/server.ts';
import { parsePattern } from './regex.ts';
import { parseDate } from './values.ts';

/** A task as the model sees it: the same data, filtered and ordered by plain code. */
interface Sample {
  id: string;
  name: string;
  type: string;
  tags: string[];
  comment: string;
  lr: string | undefined;
  loss: number | undefined;
}

const TAGS = ['a', 'b', 'c'];
const TYPES = ['training', 'testing', 'qc'];
const LR = 'hyperparams.Gen%2Eeral.lr.value';
const LOSS = `last_metrics.${md5('loss')}.${md5('x.y')}.value`;

const sampleArbitrary = fc.record({
  name: fc.stringMatching(/^[abAB.]{1,4}$/),
  type: fc.constantFrom(...TYPES),
  tags: fc.subarray(TAGS),
  comment: fc.constantFrom('', 'one', 'Two'),
  lr: fc.option(fc.constantFrom('0.1', '10', '9', 'text', '1e-3'), { nil: undefined }),
  loss: fc.option(fc.integer({ min: -3, max: 3 }), { nil: undefined }),
});

let server: TestServer;
let samples: Sample[];

beforeAll(async () => {
  server = await startTracking();
  samples = [];
  for (const { lr, ...given } of fc.sample(sampleArbitrary, { numRuns: 60, seed: 7 })) {
    const { loss, ...fields } = given;
    const hyperparams = lr === undefined ? {} : { 'Gen.eral': { lr: { value: lr } } };
    const id = await server.newTask({ ...fields, hyperparams });
    samples.push({ id, lr, ...given });
    if (loss !== undefined)
      await server.batch([
        { type: 'training_stats_scalar', task: id, metric: 'loss', variant: 'x.y', iter: 1, value: loss },
      ]);
  }
});
afterAll(() => server.stop());

type Filter = [field: string, given: unknown, passes: (sample: Sample) => boolean];

const listFilter = (key: string, values: readonly string[], of: (sample: Sample) => readonly string[]) =>
  fc
    .record({
      op: fc.constantFrom('', '__$all', '__$any'),
      include: fc.subarray([...values]),
      exclude: fc.subarray([...values], { maxLength: 1 }),
      negated: fc.constantFrom('-', '__$not'),
      empty: fc.boolean(),
    })
    .map(({ op, include, exclude, negated, empty }): Filter => {
      const out = exclude.flatMap((value) => (negated === '-' ? [`-${value}`] : ['__$not', value]));
      const given = [...(op ? [op] : []), ...include, ...out, ...(empty ? [null] : [])];
      return [
        key,
        given,
        (sample) => {
          const held = of(sample);
          const wanted =
            op === '__$all' ? include.every((v) => held.includes(v)) : include.some((v) => held.includes(v));
          const included = (include.length > 0 && wanted) || (empty && held.length === 0);
          return (include.length === 0 && !empty ? true : included) && !exclude.some((value) => held.includes(value));
        },
      ];
    });

const filterArbitrary: fc.Arbitrary<Filter> = fc.oneof(
  listFilter('tags', TAGS, ({ tags }) => tags),
  listFilter('type', TYPES, ({ type }) => [type]),
  listFilter(LR, ['0.1', '9', 'text'], ({ lr }) => (lr === undefined ? [] : [lr])),
  fc
    .tuple(fc.option(fc.integer({ min: -4, max: 4 })), fc.option(fc.integer({ min: -4, max: 4 })))
    .map(
      ([low, high]): Filter => [
        LOSS,
        [low, high],
        ({ loss }) =>
          (low === null && high === null) ||
          (loss !== undefined && (low === null || loss >= low) && (high === null || loss <= high)),
      ],
    ),
  fc
    .constantFrom('a', '^a', 'b$', '^ab$', '^a\\.$', '[AB]', 'a|b', '^.b', '\\.')
    .map((pattern): Filter => ['name', pattern, ({ name }) => new RegExp(pattern).test(name)]),
  fc
    .constantFrom('a', '^B', 'o', '^one$')
    .map(
      (pattern): Filter => [
        '_any_',
        { fields: ['name', 'comment', 'tags'], pattern },
        ({ name, comment, tags }) => [name, comment, ...tags].some((text) => new RegExp(pattern, 'i').test(text)),
      ],
    ),
);

const byCode = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
const lrNumber = (lr: string | undefined) => (lr === undefined || Number.isNaN(Number(lr)) ? undefined : Number(lr));

function compare(order: string, a: Sample, b: Sample): number {
  const sign = order.startsWith('-') ? -1 : 1;
  const field = order.replace('-', '');
  const missingLast = <T>(x: T | undefined, y: T | undefined, known: (x: T, y: T) => number) =>
    x === undefined ? (y === undefined ? 0 : 1) : y === undefined ? -1 : sign * known(x, y);
  if (field === LOSS) return missingLast(a.loss, b.loss, (x, y) => x - y);
  if (field === LR) return missingLast(lrNumber(a.lr), lrNumber(b.lr), (x, y) => x - y);
  return sign * byCode(a.type, b.type);
}

describe('get_all', () => {
  test('agrees with a plain model on filters, order and pages', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(filterArbitrary, { maxLength: 3, selector: ([field]) => field }),
        fc.constantFrom('type', '-type', LOSS, `-${LOSS}`, LR, `-${LR}`),
        fc.integer({ min: 1, max: 70 }),
        async (filters, order, pageSize) => {
          const expected = samples
            .filter((sample) => filters.every(([, , passes]) => passes(sample)))
            .sort((a, b) => compare(order, a, b) || byCode(a.id, b.id))
            .map(({ id }) => id);
          const request = Object.fromEntries(filters.map(([field, given]) => [field, given]));
          const found: string[] = [];
          for (let page = 0; ; page += 1) {
            const { tasks } = await server.call<{ tasks: { id: string }[] }>('tasks.get_all', {
              ...request,
              order_by: [order],
              page,
              page_size: pageSize,
              only_fields: ['id'],
            });
            found.push(...tasks.map(({ id }) => id));
            if (tasks.length === 0) break;
          }
          // Texts that are no numbers come after the numbers, and their own order is that of the database: compared as a set.
          if (order.includes('hyperparams')) expect(new Set(found)).toEqual(new Set(expected));
          else expect(found).toEqual(expected);
        },
      ),
      { numRuns: 40 },
    );
  });

  test('scrolls to the end without losing or repeating one', async () => {
    const found: string[] = [];
    let scroll: string | undefined = '';
    for (;;) {
      const body = scroll === '' ? { size: 7 } : { size: 7, scroll_id: scroll };
      const page: { tasks: { id: string }[]; scroll_id: string } = await server.call('tasks.get_all', body);
      if (page.tasks.length === 0) break;
      found.push(...page.tasks.map(({ id }) => id));
      scroll = page.scroll_id;
    }
    expect(found.toSorted()).toEqual(samples.map(({ id }) => id).toSorted());
    expect(await server.refusal('tasks.get_all', { scroll_id: 'nonsense' })).toBe('400/1104');
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
