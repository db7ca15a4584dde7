import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { md5 } from '../store/ids.ts';
import { startTracking, type TestServer } from '../testing/server.ts';

/** A task as the model sees it: the same data, filtered and ordered by plain code. */
interface Sample {
  id: string;
  name: string;
  type: string;
  tags: string[];
  comment: string;
  parent: string | undefined;
  /** Whole days after the first of January. */
  day: number;
  flag: string | undefined;
  lr: string | undefined;
  loss: number | undefined;
}

const LR = 'hyperparams.Gen%2Eeral.lr.value';
const LOSS = `last_metrics.${md5('loss')}.${md5('x.y')}.value`;
const TAGS = ['a', '-b', 'c'];
const TYPES = ['training', 'testing', 'qc'];
const RATES = ['0.1', '10', '9', 'text', 'Text', '1e-3', '-4'];

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const drawn = fc.record({
  name: fc.stringMatching(/^[abAB.]{1,4}$/),
  type: fc.constantFrom(...TYPES),
  tags: fc.subarray(TAGS),
  comment: fc.constantFrom('', 'one', 'Two'),
  child: fc.boolean(),
  day: fc.nat(9),
  flag: optional(fc.constantFrom('on', 'off')),
  lr: optional(fc.constantFrom(...RATES)),
  loss: optional(fc.integer({ min: -3, max: 3 })),
});

const date = (day: number) => new Date(Date.UTC(2026, 0, 1 + day)).toISOString();

let server: TestServer;
let samples: Sample[];
let parent: string;

beforeAll(async () => {
  server = await startTracking();
  parent = await server.newTask({ name: 'the parent', system_tags: ['hidden'] });
  samples = [];
  for (const { lr, loss, day, flag, child, ...fields } of fc.sample(drawn, { numRuns: 60, seed: 7 })) {
    const hyperparams = lr === undefined ? {} : { 'Gen.eral': { lr: { value: lr } } };
    const above = child ? parent : undefined;
    const id = await server.newTask({ ...fields, hyperparams, ...(above ? { parent: above } : {}) });
    await server.call('tasks.update', { task: id, created: date(day) });
    if (flag !== undefined) await server.call('tasks.edit', { task: id, runtime: { flag } });
    if (loss !== undefined) await report(id, loss);
    samples.push({ id, ...fields, lr, loss, day, flag, parent: above });
  }
});
afterAll(() => server.stop());

const report = (task: string, value: number) =>
  server.batch([{ type: 'training_stats_scalar', task, metric: 'loss', variant: 'x.y', iter: 1, value }]);

interface Filter {
  readonly field: string;
  readonly given: unknown;
  readonly passes: (sample: Sample) => boolean;
}

/** What the fields that are filtered by lists hold. */
const LISTS: Readonly<Record<string, { values: readonly string[]; of: (sample: Sample) => readonly string[] }>> = {
  tags: { values: TAGS, of: ({ tags }) => tags },
  type: { values: TYPES, of: ({ type }) => [type] },
  [LR]: { values: RATES, of: ({ lr }) => (lr === undefined ? [] : [lr]) },
};
const listOf = (field: string) => LISTS[field] as (typeof LISTS)[string];

type Token = '__$all' | '__$and' | '__$any' | '__$or' | '__$nop' | null | { not: string } | { plain: string };

/** The sets of values are collected word by word, as the documentation of the operators tells it. */
function listPasses(tokens: readonly Token[], held: readonly string[]): boolean {
  const asked: Record<'in' | 'all' | 'out', string[]> = { in: [], all: [], out: [] };
  let context: 'in' | 'all' = 'in';
  let legacy = true;
  for (const token of tokens) {
    if (token === null) continue;
    if (typeof token === 'object') {
      if ('not' in token) asked.out.push(token.not);
      else if (legacy && token.plain.startsWith('-')) asked.out.push(token.plain.slice(1));
      else asked[context].push(token.plain);
    } else {
      context = token === '__$all' || token === '__$and' ? 'all' : 'in';
      legacy = token === '__$nop';
    }
  }
  const results: boolean[] = [];
  if (asked.in.length > 0) results.push(asked.in.some((value) => held.includes(value)));
  if (asked.all.length > 0) results.push(asked.all.every((value) => held.includes(value)));
  if (asked.out.length > 0) results.push(!asked.out.some((value) => held.includes(value)));
  const either = tokens[0] === '__$any' || tokens[0] === '__$or';
  const passed = either && results.length > 0 ? results.includes(true) : !results.includes(false);
  if (!tokens.includes(null)) return passed;
  return held.length === 0 || (results.length > 0 && passed);
}

const listFilter = fc.constantFrom(...Object.keys(LISTS)).chain((field) => {
  const value = fc.constantFrom(...listOf(field).values);
  const token: fc.Arbitrary<Token> = fc.oneof(
    { weight: 4, arbitrary: value.map((plain) => ({ plain })) },
    { weight: 2, arbitrary: value.map((not) => ({ not })) },
    fc.constantFrom(null, '__$all', '__$and', '__$any', '__$or', '__$nop'),
  );
  return fc.array(token, { minLength: 1, maxLength: 5 }).map((tokens): Filter => {
    const given = tokens.flatMap((one) =>
      one === null || typeof one === 'string' ? [one] : 'not' in one ? ['__$not', one.not] : [one.plain],
    );
    return { field, given, passes: (sample) => listPasses(tokens, listOf(field).of(sample)) };
  });
});

const parentFilter = fc.constantFrom('in', 'out', 'none').map(
  (kind): Filter => ({
    field: 'parent',
    given: kind === 'in' ? [parent] : kind === 'out' ? [`-${parent}`] : [null],
    passes: (sample) => (sample.parent === parent) === (kind === 'in'),
  }),
);

const setFilter = fc
  .record({
    field: fc.constantFrom('tags', 'type'),
    parts: fc.array(fc.record({ mode: fc.constantFrom('any', 'all'), word: fc.constantFrom('include', 'exclude') }), {
      maxLength: 3,
    }),
    op: optional(fc.constantFrom('and', 'or')),
    picks: fc.infiniteStream(fc.nat(3)),
  })
  .map(({ field, parts, op, picks }): Filter => {
    const { values, of } = listOf(field);
    const given: Record<string, Record<string, (string | null)[]>> = {};
    for (const { mode, word } of parts) {
      const [one, two] = [picks.next().value ?? 0, picks.next().value ?? 0];
      const chosen = [one, two].map((at) => values[at] ?? null);
      given[mode] = { ...given[mode], [word]: [...new Set(chosen)] };
    }
    const has = (held: readonly string[], value: string | null) =>
      value === null ? held.length === 0 : held.includes(value);
    const passes = (sample: Sample) => {
      const held = of(sample);
      const results = Object.entries(given).map(([mode, { include = [], exclude = [] }]) => {
        const all = [...include.map((value) => has(held, value)), ...exclude.map((value) => !has(held, value))];
        return mode === 'any' ? all.includes(true) : !all.includes(false);
      });
      return results.length === 0 || (op === 'or' ? results.includes(true) : !results.includes(false));
    };
    return { field: 'filters', given: { [field]: { ...given, ...(op ? { op } : {}) } }, passes };
  });

/** Below an open lower end there is also what has no value. */
const inRange = (value: number | undefined, [low, high]: readonly [number | null, number | null]) =>
  value === undefined ? low === null : (low === null || value >= low) && (high === null || value <= high);

const end = (least: number, most: number) => fc.option(fc.integer({ min: least, max: most }));
const rangeFilter = fc
  .tuple(end(-4, 4), end(-4, 4))
  .map((range): Filter => ({ field: LOSS, given: range, passes: ({ loss }) => inRange(loss, range) }));
const dayFilter = fc.tuple(end(0, 9), end(0, 9)).map(
  (range): Filter => ({
    field: 'created',
    given: range.map((day) => (day === null ? null : date(day))),
    passes: ({ day }) => inRange(day, range),
  }),
);

const compared: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
};
const sinceFilter = fc.record({ op: fc.constantFrom(...Object.keys(compared)), at: fc.nat(9), many: fc.boolean() }).map(
  ({ op, at, many }): Filter => ({
    field: many ? '_or_' : 'created',
    given: many ? { fields: ['created', 'completed'], datetime: [`${op}${date(at)}`] } : `${op}${date(at)}`,
    passes: ({ day }) => compared[op]?.(day, at) ?? false,
  }),
);

const patternFilter = fc
  .constantFrom('a', '^a', 'b$', '^ab$', '^a\\.$', '[AB]', 'a|b', '^.b', '\\.', '(?:a|b)+$')
  .map((pattern): Filter => ({ field: 'name', given: pattern, passes: ({ name }) => new RegExp(pattern).test(name) }));

const multiFilter = fc
  .record({
    field: fc.constantFrom('_any_', '_all_', '_and_'),
    pattern: fc.constantFrom('a', '^B', 'o', '^one$', '.', '^t'),
    fields: fc.subarray(['name', 'comment', 'tags', LR], { minLength: 1 }),
  })
  .map(({ field, pattern, fields }): Filter => {
    const regex = new RegExp(pattern, 'i');
    const texts = ({ name, comment, tags, lr }: Sample): Record<string, string[]> => ({
      name: [name],
      comment: [comment],
      tags,
      [LR]: lr === undefined ? [] : [lr],
    });
    const passes = (sample: Sample) => {
      const results = fields.map((one) => (texts(sample)[one] ?? []).some((text) => regex.test(text)));
      return field === '_any_' ? results.includes(true) : !results.includes(false);
    };
    return { field, given: { fields, pattern }, passes };
  });

const others = fc.constantFrom<Filter>(
  { field: 'runtime.flag', given: 'on', passes: ({ flag }) => flag === 'on' },
  { field: 'search_text', given: 'B', passes: ({ name, id }) => /b/i.test(name) || /b/.test(id) },
  { field: 'comment', given: '^Tw', passes: ({ comment }) => comment === 'Two' },
);

const filters = fc.uniqueArray(
  fc.oneof(
    { weight: 3, arbitrary: listFilter },
    parentFilter,
    setFilter,
    { weight: 2, arbitrary: rangeFilter },
    dayFilter,
    sinceFilter,
    patternFilter,
    multiFilter,
    others,
  ),
  { maxLength: 3, selector: ({ field }) => field },
);

/** What a field orders by; undefined comes last. Numbers come before texts, and texts by their code points. */
const KEYS: Readonly<Record<string, (sample: Sample) => string | number | undefined>> = {
  type: ({ type }) => type,
  name: ({ name }) => name,
  created: ({ day }) => day,
  comment: ({ comment }) => comment || undefined,
  parent: ({ parent: id }) => id,
  [LOSS]: ({ loss }) => loss,
  [LR]: ({ lr }) => (lr === undefined || Number.isNaN(Number(lr)) ? lr : Number(lr)),
};

function compareKeys(a: string | number | undefined, b: string | number | undefined, sign: number): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  if (typeof a !== typeof b) return typeof a === 'number' ? -sign : sign;
  return a < b ? -sign : a > b ? sign : 0;
}

function compare(orders: readonly string[], a: Sample, b: Sample): number {
  for (const order of orders) {
    const key = KEYS[order.replace(/^-/, '')] as (sample: Sample) => string | number | undefined;
    const result = compareKeys(key(a), key(b), order.startsWith('-') ? -1 : 1);
    if (result !== 0) return result;
  }
  return compareKeys(a.id, b.id, orders[0]?.startsWith('-') ? -1 : 1);
}

const orders = fc.uniqueArray(
  fc.tuple(fc.constantFrom('', '-'), fc.constantFrom(...Object.keys(KEYS))).map(([sign, key]) => `${sign}${key}`),
  { maxLength: 2, selector: (order) => order.replace(/^-/, '') },
);

describe('get_all agrees with a plain model', () => {
  test('on filters, orders, pages and scrolls', async () => {
    await fc.assert(
      fc.asyncProperty(
        filters,
        orders,
        fc.integer({ min: 1, max: 70 }),
        fc.boolean(),
        async (given, order, size, scrolls) => {
          // A field that stands in `filters` is not filtered by its own name as well.
          const sets = (given.find(({ field }) => field === 'filters')?.given ?? {}) as object;
          const asked = given.filter(({ field }) => !(field in sets));
          const expected = samples
            .filter((sample) => asked.every(({ passes }) => passes(sample)))
            .sort((a, b) => compare(order, a, b))
            .map(({ id }) => id);
          const request = {
            ...Object.fromEntries(given.map(({ field, given: value }) => [field, value])),
            order_by: order,
            only_fields: ['id'],
          };
          const found: string[] = [];
          let scroll: { scroll_id?: string } = { scroll_id: '' };
          for (let page = 0; ; page += 1) {
            const part = scrolls ? { size, ...scroll } : { page, page_size: size };
            const { tasks, ...rest } = await server.call<{ tasks: { id: string }[]; scroll_id?: string }>(
              page % 2 === 0 ? 'tasks.get_all' : 'tasks.get_all_ex',
              { ...request, ...part },
            );
            if (tasks.length === 0) break;
            found.push(...tasks.map(({ id }) => id));
            scroll = rest;
          }
          expect(found).toEqual(expected);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('on the fields that are shown', async () => {
    const paths = [
      'name',
      'tags',
      'hyperparams',
      'hyperparams.Gen%2Eeral',
      LR.replace('.value', ''),
      'runtime.flag',
      '-tags',
      '-name',
    ];
    const whole = await server.call<{ tasks: Record<string, unknown>[] }>('tasks.get_all', { order_by: ['name'] });
    await fc.assert(
      fc.asyncProperty(fc.subarray(paths), async (only) => {
        const { tasks } = await server.call<{ tasks: object[] }>('tasks.get_all', {
          order_by: ['name'],
          only_fields: only,
        });
        expect(tasks).toEqual(whole.tasks.map((task) => shown(task, only)));
      }),
      { numRuns: 40 },
    );
  });
});

/** A path that is wanted is laid onto an empty object, a path that is not is taken away. */
function shown(task: Record<string, unknown>, only: readonly string[]): object {
  const wanted = only.filter((path) => !path.startsWith('-'));
  const result: Record<string, unknown> = wanted.length === 0 ? structuredClone(task) : { id: task['id'] };
  for (const path of wanted) copy(task, result, path.replaceAll('%2E', '\u0000').split('.'));
  for (const path of only) if (path.startsWith('-')) delete result[path.slice(1)];
  return result;
}

function copy(from: Record<string, unknown>, to: Record<string, unknown>, path: readonly string[]): void {
  const [escaped = '', ...rest] = path;
  const key = escaped.replaceAll('\u0000', '.');
  if (!(key in from)) return;
  if (rest.length === 0) to[key] = structuredClone(from[key]);
  else {
    to[key] ??= {};
    copy(from[key] as Record<string, unknown>, to[key] as Record<string, unknown>, rest);
  }
}
