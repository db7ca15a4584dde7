import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRemoval } from './removal.ts';
import { storeKinds, type TestStore } from './testing/stores.ts';

describe.each(storeKinds())('in $name', ({ missing, open }) => {
  if (missing !== undefined) {
    test.skip(`nothing is tested: ${missing}`, () => undefined);
    return;
  }
  let store: TestStore;
  beforeAll(async () => {
    store = await open();
  });
  afterAll(() => store.stop());
  const removal = () => createRemoval(['http://files:8081', 'https://edge.example/store/'], store.blobs);

  test('a URL of any address, encoded or not, leads to its file', async () => {
    for (const [key, url] of [
      ['p/t.1/artifacts/a b.json', 'http://files:8081/p/t.1/artifacts/a%20b.json'],
      ['p/t.1/artifacts/c d.json', 'HTTP://FILES:8081/p/t.1/artifacts/c d.json?x=1'],
      ['p/100%25.txt', 'http://files:8081/p/100%25.txt'],
      ['models/net.pt', 'https://edge.example/store/models/net.pt'],
    ] as const) {
      await store.blobs.put(key, Readable.from('x'));
      const path = removal().pathOf(url) ?? '';
      expect(removal().urlsOf(path)).toContain(
        url.toLowerCase().startsWith('http://files') ? `http://files:8081/${path}` : url,
      );
      expect([url, await removal().remove(path)]).toEqual([url, 'removed']);
      expect(await store.blobs.open(key)).toBeUndefined();
      expect(await removal().remove(path)).toBe('nothing');
    }
  });

  test('a folder and what was written since are left', async () => {
    await store.blobs.put('t/x', Readable.from('x'));
    expect(await removal().remove('t')).toBe('nothing');
    expect(await removal().remove('t/x', { writtenBefore: new Date(Date.now() - 60_000) })).toBe('nothing');
    expect(await removal().remove('t/x', { writtenBefore: new Date(Date.now() + 60_000) })).toBe('removed');
  });

  test('what lies elsewhere or names nothing is told apart', () => {
    for (const url of [
      's3://bucket/x',
      'http://other:8081/x',
      'http://files:80811/x',
      'http://files:8081.evil.example/x',
      'https://edge.example/storehouse/x',
      'http://files:8081',
      'http://files:8081/',
      'http://files:8081//./',
      'http://files:8081/../x',
      'http://files:8081/%2e%2e/x',
      'http://files:8081/a%00b',
      'x',
      '',
    ])
      expect([url, removal().pathOf(url)]).toEqual([url, undefined]);
  });

  test('one file is known by its plain and its encoded URL', () => {
    expect(removal().urlsOf('a b (1).txt').slice(0, 3)).toEqual([
      'http://files:8081/a b (1).txt',
      'http://files:8081/a%20b%20(1).txt',
      'http://files:8081/a%20b%20%281%29.txt',
    ]);
  });
});
