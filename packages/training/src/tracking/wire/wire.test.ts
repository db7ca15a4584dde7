import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseJson } from './json.ts';
import { bodyItems, withFields } from './parameters.ts';
import { atLeast, parsePath } from './path.ts';

describe('JSON as Python writes it', () => {
  test('is read with NaN and the infinities, but not inside texts', () => {
    expect(parseJson('{"a":NaN,"b":[-Infinity,Infinity],"c":"NaN \\" Infinity"}')).toEqual({
      a: Number.NaN,
      b: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
      c: 'NaN " Infinity',
    });
    expect(() => parseJson('{"a":NaNs}')).toThrow(/not JSON/);
    expect(parseJson('[-NaN]')).toEqual([Number.NaN]);
  });

  test('keeps __proto__ as a key and makes texts storable', () => {
    const value = parseJson('{"__proto__":{"x":NaN},"t":"a\\u0000b\\ud800c\\ud83d\\ude00"}') as Record<string, unknown>;
    expect(Object.keys(value)).toEqual(['__proto__', 't']);
    expect(value['t']).toBe('a\uFFFDb\uFFFDc😀');
  });

  test('agrees with JSON on all JSON', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parseJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });
});

describe('batches', () => {
  const items = (text: string) => bodyItems(Buffer.from(text));
  test('are lines, or one object over several lines', () => {
    expect(items('{"a":1}\n{"a":2}\n\n')).toEqual([{ a: 1 }, { a: 2 }]);
    expect(items('{"a":1}')).toEqual([{ a: 1 }]);
    expect(items('{\n  "a": 1\n}')).toEqual([{ a: 1 }]);
    expect(() => items(' \n ')).toThrow();
    expect(() => items('{"a":1}\n7')).toThrow();
  });
});

test('fields of the query string are laid over the body', () => {
  const fields = new URLSearchParams('n=5&f=true&list=a&list=b&one[]=1&a.b.c=x&__proto__=y&neg=-1.5&text=1x');
  const merged = withFields({ n: 1, a: { b: { kept: 1 } } }, fields);
  expect(Object.entries(merged)).toEqual([
    ['n', 5],
    ['a', { b: { kept: 1, c: 'x' } }],
    ['f', true],
    ['list', ['a', 'b']],
    ['one', [1]],
    ['__proto__', 'y'],
    ['neg', -1.5],
    ['text', '1x'],
  ]);
});

test('paths name an action, with or without a version', () => {
  expect(parsePath('/v2.23/tasks.get_all')).toEqual({ name: 'tasks.get_all', version: [2, 23] });
  expect(parsePath('tasks.get_all/')).toEqual({ name: 'tasks.get_all', version: undefined });
  for (const path of ['/v2/tasks.get_all', '/tasks', '/v2.1/tasks/get', '/tasks.get-all', '/v2.1/a.b/c'])
    expect(() => parsePath(path)).toThrow();
  expect(atLeast([2, 9], [2, 13])).toBe(false);
  expect(atLeast([2, 13], [2, 9])).toBe(true);
});
