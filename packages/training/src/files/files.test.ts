import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { TEST_BASIC } from '@ranloop/kit/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { decodePath } from './keys.ts';
import { parseRange } from './range.ts';
import { startFiles, type TestFiles } from './testing/server.ts';
import { storeKinds, type TestStore } from './testing/stores.ts';

const kinds = storeKinds();

describe.each(kinds)('in $name', ({ name, missing, open }) => {
  if (missing !== undefined) {
    test.skip(`nothing is tested: ${missing}`, () => undefined);
    return;
  }
  let store: TestStore;
  let server: TestFiles;
  beforeAll(async () => {
    store = await open();
    server = await startFiles(store, { largestFile: 20_000_000 });
  });
  afterAll(async () => {
    await server?.stop();
    await store?.stop();
  });
  const textOf = async (target: string) => (await server.get(target)).text();

  describe('a file', () => {
    test('is found under the name of its part, with spaces and accents, and is gone after DELETE', async () => {
      const answer = await server.put('/proj/sub/näme 1.abc/artifacts/art/art.json', '{"a":1}');
      expect(answer.status).toBe(200);
      expect(await answer.json()).toEqual(['proj/sub/näme 1.abc/artifacts/art/art.json']);
      const target = '/proj/sub/n%C3%A4me%201.abc/artifacts/art/art.json';
      const found = await server.get(target);
      expect(await found.text()).toBe('{"a":1}');
      expect(found.headers.get('content-type')).toBe('application/json');
      expect(found.headers.get('cache-control')).toBe('no-cache');
      const deleted = await server.remove(target);
      expect([deleted.status, await deleted.json()]).toEqual([200, 'proj/sub/näme 1.abc/artifacts/art/art.json']);
      expect((await server.get(target)).status).toBe(404);
      expect((await server.remove(target)).status).toBe(404);
    });

    test('is replaced by a second upload, under another tag', async () => {
      await server.put('/same.txt', 'first');
      const before = await server.get('/same.txt');
      await server.put('/same.txt', 'other');
      const after = await server.get('/same.txt');
      expect([await before.text(), await after.text()]).toEqual(['first', 'other']);
      expect(after.headers.get('etag')).not.toBe(before.headers.get('etag'));
    });

    test('comes with others in one form, each under its own name; a part without a file name is none', async () => {
      const form = new FormData();
      form.append('note', 'not a file');
      for (const target of ['/several/a', '/several/b']) form.append(target, new Blob([target]), 'any.bin');
      const answer = await server.send('/', { method: 'POST', body: form });
      expect(await answer.json()).toEqual(['several/a', 'several/b']);
      expect(await textOf('/several/b')).toBe('/several/b');
    });

    test('may be sent in chunks of unknown number', async () => {
      const body = ['--b\r\ncontent-disposition: form-data; name="/chunked"; filename="x"\r\n\r\n', 'in ', 'pieces'];
      const chunks = [...body, '\r\n--b--\r\n'].map((piece) => new TextEncoder().encode(piece));
      const stream = new ReadableStream({
        pull: (out) => {
          const next = chunks.shift();
          if (next) out.enqueue(next);
          else out.close();
        },
      });
      const headers = { 'content-type': 'multipart/form-data; boundary=b' };
      const init = { method: 'POST', headers, body: stream, duplex: 'half' as const };
      expect(await (await server.send('/', init)).json()).toEqual(['chunked']);
      expect(await textOf('/chunked')).toBe('in pieces');
    });

    test('that is larger than any buffer comes back byte for byte, whole and by range', async () => {
      const content = Uint8Array.from({ length: 16_000_001 }, (_, index) => (index * index) % 251);
      expect((await server.put('/large.bin', content)).status).toBe(200);
      const whole = new Uint8Array(await (await server.get('/large.bin')).arrayBuffer());
      expect(Buffer.compare(whole, content)).toBe(0);
      const part = await server.get('/large.bin', { range: 'bytes=12582900-12582930' });
      expect(part.headers.get('content-range')).toBe('bytes 12582900-12582930/16000001');
      expect(new Uint8Array(await part.arrayBuffer())).toEqual(content.slice(12_582_900, 12_582_931));
    });

    test('may be empty', async () => {
      expect((await server.put('/empty', '')).status).toBe(200);
      const found = await server.get('/empty');
      expect([found.status, found.headers.get('content-length'), await found.text()]).toEqual([200, '0', '']);
    });

    test('that is too large is refused and leaves nothing behind', async () => {
      expect((await server.put('/too/large.bin', new Uint8Array(20_000_001))).status).toBe(413);
      expect((await server.get('/too/large.bin')).status).toBe(404);
      if (store.root) expect(await readdir(path.join(store.root, '.parts'))).toEqual([]);
    });

    test('keeps its old content when an upload to it breaks off', async () => {
      await server.put('/broken/f.txt', 'before');
      const { port } = new URL(server.url);
      const socket = connect(Number(port), '127.0.0.1');
      const part =
        '--b\r\ncontent-disposition: form-data; name="/broken/f.txt"; filename="/broken/f.txt"\r\n\r\nhalf of it';
      const head = `POST / HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: ${TEST_BASIC}\r\n`;
      socket.write(`${head}content-type: multipart/form-data; boundary=b\r\ncontent-length: 10000\r\n\r\n${part}`);
      const { root } = store;
      const parts = async () => (root ? (await readdir(path.join(root, '.parts'))).length : 1);
      await vi.waitFor(async () => expect(await parts()).toBe(1), 5_000);
      socket.destroy();
      if (root) await vi.waitFor(async () => expect(await parts()).toBe(0), 5_000);
      expect(await textOf('/broken/f.txt')).toBe('before');
    });
  });

  describe('a request', () => {
    beforeAll(async () => {
      await server.put('/range.bin', '0123456789');
    });

    test('for a range gets its bytes', async () => {
      const ranges = ['bytes=2-4', 'bytes=-3', 'bytes=7-', 'bytes=8-100', 'bytes=0-0', 'bytes=-100'];
      const found = await Promise.all(
        ranges.map(async (range) => {
          const answer = await server.get('/range.bin', { range });
          return [answer.status, answer.headers.get('content-range'), await answer.text()];
        }),
      );
      expect(found).toEqual([
        [206, 'bytes 2-4/10', '234'],
        [206, 'bytes 7-9/10', '789'],
        [206, 'bytes 7-9/10', '789'],
        [206, 'bytes 8-9/10', '89'],
        [206, 'bytes 0-0/10', '0'],
        [206, 'bytes 0-9/10', '0123456789'],
      ]);
    });

    test('for a range without a byte is 416; one that cannot be read, or several, get the whole', async () => {
      for (const range of ['bytes=10-', 'bytes=-0', 'bytes=99-100', `bytes=${'9'.repeat(30)}-`]) {
        const outside = await server.get('/range.bin', { range });
        expect([outside.status, outside.headers.get('content-range')]).toEqual([416, 'bytes */10']);
      }
      for (const range of ['bytes=4-2', 'lines=1-2', 'bytes=0-1,3-4', 'bytes=x'])
        expect((await server.get('/range.bin', { range })).status).toBe(200);
    });

    test('by HEAD tells size and kind without content', async () => {
      const head = await server.send('/range.bin', { method: 'HEAD' });
      expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '10', '']);
      expect(head.headers.get('accept-ranges')).toBe('bytes');
      expect((await server.send('/none', { method: 'HEAD' })).status).toBe(404);
    });

    test('that already has the content gets 304, and one that has another is told', async () => {
      const { headers } = await server.send('/range.bin', { method: 'HEAD' });
      const [etag, modified] = [headers.get('etag') ?? '', headers.get('last-modified') ?? ''];
      const status = async (given: Record<string, string>) => (await server.get('/range.bin', given)).status;
      expect(await status({ 'if-none-match': etag })).toBe(304);
      expect(await status({ 'if-none-match': `"other", W/${etag}` })).toBe(304);
      expect(await status({ 'if-none-match': '*' })).toBe(304);
      expect(await status({ 'if-none-match': '"other"', 'if-modified-since': modified })).toBe(200);
      expect(await status({ 'if-modified-since': modified })).toBe(304);
      expect(await status({ 'if-modified-since': 'Thu, 01 Jan 1970 00:00:00 GMT' })).toBe(200);
      for (const date of ['yesterday', '99999', 'GMT']) expect(await status({ 'if-modified-since': date })).toBe(200);
      expect(await status({ 'if-match': '"other"' })).toBe(412);
      expect(await status({ 'if-match': etag })).toBe(200);
      expect(await status({ 'if-unmodified-since': 'Thu, 01 Jan 1970 00:00:00 GMT' })).toBe(412);
      expect(await status({ range: 'bytes=0-1', 'if-range': etag })).toBe(206);
      expect(await status({ range: 'bytes=0-1', 'if-range': modified })).toBe(206);
      expect(await status({ range: 'bytes=0-1', 'if-range': '"other"' })).toBe(200);
    });

    test('that decodes its path once finds the plain name, and the name as it was written', async () => {
      await server.put('/enc/50% off.txt', 'plain');
      await server.put('/enc/a%20b.txt', 'literal');
      await server.put('/enc/both c.txt', 'decoded');
      await server.put('/enc/both%20c.txt', 'encoded');
      expect(await textOf('/enc/50%25%20off.txt')).toBe('plain');
      expect(await textOf('/enc/a%20b.txt')).toBe('literal');
      expect(await textOf('/enc/both%20c.txt')).toBe('decoded');
      expect(await textOf('/enc/both%2520c.txt')).toBe('encoded');
      expect(await (await server.remove('/enc/a%20b.txt')).json()).toBe('enc/a%20b.txt');
      expect((await server.get('/enc/a%20b.txt')).status).toBe(404);
    });

    test('for a name with empty parts, dots, backslashes or marks of its own finds it', async () => {
      for (const [sent, asked] of [
        ['/odd//double/x', '/odd//double/x'],
        ['/odd/./dot', '/odd/dot'],
        ['/odd/back\\slash', '/odd/back%5Cslash'],
        ['/odd/..dots..', '/odd/..dots..'],
        ["/odd/it's+a;b,c&d=e#f?g", "/odd/it's+a;b,c&d=e%23f%3Fg"],
        ['/odd/日本語 😀.txt', encodeURI('/odd/日本語 😀.txt')],
      ] as const) {
        expect([sent, (await server.put(sent, sent)).status]).toEqual([sent, 200]);
        expect(await textOf(asked)).toBe(sent);
      }
      expect(await textOf('/odd/double/x')).toBe('/odd//double/x');
    });
  });

  describe('safety', () => {
    test('no path leads out of the store', async () => {
      for (const target of ['/../outside.txt', '/a/../../outside.txt', '/..', '..\\outside.txt', '/'])
        expect([target, (await server.put(target)).status]).toEqual([target, 404]);
      for (const target of [
        '/..%2Foutside.txt',
        '/a/%2e%2e/%2e%2e/etc/passwd',
        '/a%00b',
        '/%2e%2e%5Cx',
        '/%2Fetc/passwd',
      ])
        expect([target, (await server.get(target)).status]).toEqual([target, 404]);
      expect((await server.get('/%zz')).status).toBe(400);
      if (store.root) expect(await readdir(path.dirname(store.root))).toEqual(['root']);
    });

    test('a name without end is the fault of the request', async () => {
      const name = `/${'x'.repeat(2_000)}`;
      expect((await server.put(name)).status).toBe(400);
      expect((await server.get(name)).status).toBe(404);
      expect((await server.remove(name)).status).toBe(404);
    });

    test('a folder is no file', async () => {
      await server.put('/folder/in/it');
      for (const target of ['/folder', '/folder/', '/folder/in']) {
        expect((await server.get(target)).status).toBe(404);
        expect((await server.remove(target)).status).toBe(404);
      }
      expect((await server.get('/folder/in/it')).status).toBe(200);
    });
  });

  describe('many at once', () => {
    test('are deleted by path or URL, encoded or not, each by itself', async () => {
      for (const target of ['/many/a b.txt', '/many/c.txt', '/many/d e', '/many/f+g', '/many/100%'])
        await server.put(target);
      const files = [
        '/many/a%20b.txt',
        'http://files:8081/many/c.txt?download=1',
        'many/d+e',
        '/many/f+g',
        '/many/100%',
        '/many/none',
        '../up',
        '',
        '/',
        '%2F',
        'http://files:8081',
        '.',
      ];
      expect(await (await server.removeMany(files, 'text/plain')).json()).toEqual({
        deleted: {
          '/many/a%20b.txt': '/many/a b.txt',
          'http://files:8081/many/c.txt?download=1': '/many/c.txt',
          'many/d+e': 'many/d+e',
          '/many/f+g': '/many/f+g',
          '/many/100%': '/many/100%',
        },
        errors: {
          'Not found': ['../up', '/many/none'],
          'Empty path not allowed': ['', '/', '%2F', 'http://files:8081', '.'],
        },
      });
      for (const target of ['/many/a b.txt', '/many/c.txt', '/many/d e', '/many/f+g'])
        expect((await server.get(encodeURI(target))).status).toBe(404);
    });

    test('may be folders, which go with all that is in them and nothing beside them', async () => {
      for (const target of ['/run.1/a', '/run.1/deep/er/b', '/run.10/c', '/run.2/d']) await server.put(target);
      const answer = await server.removeMany(['/run.1/', 'run.1/a', '/run.2']);
      expect(await answer.json()).toEqual({
        deleted: { '/run.1/': '/run.1/', 'run.1/a': 'run.1/a', '/run.2': '/run.2' },
        errors: {},
      });
      expect((await server.get('/run.1/deep/er/b')).status).toBe(404);
      expect((await server.get('/run.10/c')).status).toBe(200);
    });

    test('are refused as a whole when the list is none', async () => {
      for (const files of [undefined, [], [1], 'x']) expect((await server.removeMany(files)).status).toBe(400);
      const broken = await server.send('/delete_many', { method: 'POST', body: '{' });
      expect(broken.status).toBe(400);
      expect((await server.send('/delete_many', { method: 'POST' })).status).toBe(400);
    });
  });

  if (name !== 'a folder') return;

  test('a link out of the folder is not followed', async () => {
    const { root = '' } = store;
    await writeFile(path.join(root, '..', 'secret'), 'secret');
    await mkdir(path.join(root, 'links'), { recursive: true });
    await symlink(path.join(root, '..', 'secret'), path.join(root, 'links', 'file'));
    await symlink(path.join(root, '..'), path.join(root, 'links', 'up'));
    for (const target of ['/links/file', '/links/up/secret']) {
      expect((await server.get(target)).status).toBe(404);
      expect((await server.remove(target)).status).toBe(404);
      expect((await server.put(target)).status).toBe(400);
    }
    expect(await (await server.removeMany(['/links/up'])).json()).toMatchObject({
      errors: { 'Not found': ['/links/up'] },
    });
    expect(await readdir(path.join(root, '..'))).toEqual(['root', 'secret']);
  });

  test('names that the disk refuses are the fault of the request', async () => {
    expect((await server.put(`/${'x'.repeat(300)}`)).status).toBe(400);
    expect((await server.put(`/${'ü'.repeat(128)}`)).status).toBe(400);
    expect((await server.put(`/${'x'.repeat(255)}`)).status).toBe(200);
    await server.put('/file', 'x');
    expect((await server.put('/file/below', 'x')).status).toBe(400);
    expect((await server.get('/file/below')).status).toBe(404);
    await server.put('/dir/below', 'x');
    expect((await server.put('/dir', 'x')).status).toBe(400);
    expect((await server.put('/.parts/x', 'x')).status).toBe(400);
  });
});

describe('without regard to the store', () => {
  let store: TestStore;
  let server: TestFiles;
  beforeAll(async () => {
    const [folder] = kinds;
    if (!folder) throw new Error('there is no store');
    store = await folder.open();
    server = await startFiles(store);
  });
  afterAll(async () => {
    await server.stop();
    await store.stop();
  });

  test('nothing is served or taken without credentials; a token works by header and by cookie', async () => {
    await server.put('/secret.txt', 's');
    const bare = (target: string, init: RequestInit = {}) => fetch(`${server.url}${target}`, init);
    expect((await bare('/secret.txt')).status).toBe(401);
    expect((await bare('/', { method: 'POST', body: new FormData() })).status).toBe(401);
    expect((await bare('/secret.txt', { method: 'DELETE' })).status).toBe(401);
    expect((await bare('/delete_many', { method: 'POST', body: '{"files":["secret.txt"]}' })).status).toBe(401);
    expect((await bare('/secret.txt', { headers: { authorization: `Bearer ${server.token}` } })).status).toBe(200);
    expect(
      (await bare('/secret.txt', { headers: { cookie: `a=b; clearml_token_basic=${server.token}` } })).status,
    ).toBe(200);
    expect((await bare('/secret.txt', { headers: { cookie: 'clearml_token_basic=x' } })).status).toBe(401);
  });

  test('its health is told to anyone, and wrong credentials are told', async () => {
    const healthy = await fetch(server.url);
    expect([healthy.status, await healthy.text()]).toEqual([200, 'OK']);
    expect((await fetch(server.url, { headers: { authorization: 'Bearer x' } })).status).toBe(401);
  });

  test('credentials can be switched off', async () => {
    const open = await startFiles(store, { auth: false });
    await server.put('/open.txt', 'o');
    expect(await (await fetch(`${open.url}/open.txt`)).text()).toBe('o');
    expect((await fetch(`${open.url}/open.txt`, { method: 'DELETE' })).status).toBe(200);
    await open.stop();
  });

  test('pages of any origin may call it', async () => {
    const preflight = await fetch(`${server.url}/some/file`, {
      method: 'OPTIONS',
      headers: { origin: 'http://ui', 'access-control-request-headers': 'authorization, x-clearml-client' },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-headers')).toBe('authorization, x-clearml-client');
    expect(preflight.headers.get('access-control-allow-methods')).toContain('DELETE');
    for (const answer of [preflight, await fetch(server.url), await fetch(`${server.url}/x`)])
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
  });

  test('an upload that is no form, holds no file, breaks off, or is compressed is refused', async () => {
    const post = (body: string | FormData, headers: Record<string, string> = {}) =>
      server.send('/', { method: 'POST', body, headers });
    expect((await post('{}', { 'content-type': 'application/json' })).status).toBe(400);
    const form = new FormData();
    form.append('note', 'no file');
    expect((await post(form)).status).toBe(400);
    expect((await post('--b--\r\n', { 'content-type': 'multipart/form-data; boundary=b' })).status).toBe(400);
    expect((await post(form, { 'content-encoding': 'gzip' })).status).toBe(415);
    const part = '--b\r\ncontent-disposition: form-data; name="/cut"; filename="x"\r\n\r\n';
    for (const [body, type] of [
      [`${part}half`, 'multipart/form-data; boundary=b'],
      [`${part}whole\r\n--b--\r\n`, 'multipart/form-data'],
      ['\0\xff'.repeat(100), 'multipart/form-data; boundary=b'],
    ] as const)
      expect([body, (await post(body, { 'content-type': type })).status]).toEqual([body, 400]);
    expect((await server.get('/cut')).status).toBe(404);
  });

  test('a request as proxies send it finds its file', async () => {
    await server.put('/through a proxy.txt', 'found');
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    const line = `GET ${server.url}/through%20a%20proxy.txt?x=1 HTTP/1.1`;
    socket.write(`${line}\r\nhost: ${hostname}\r\nauthorization: ${TEST_BASIC}\r\nconnection: close\r\n\r\n`);
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 OK.*found$/s);
  });

  test('the type goes by the ending; what is packed is bytes', async () => {
    for (const [ending, type] of [
      ['png', 'image/png'],
      ['JPEG', 'image/jpeg'],
      ['csv', 'text/csv; charset=utf-8'],
      ['html', 'text/html; charset=utf-8'],
      ['mp4', 'video/mp4'],
      ['csv.gz', 'application/octet-stream'],
      ['tgz', 'application/octet-stream'],
      ['pkl', 'application/octet-stream'],
    ] as const) {
      await server.put(`/types/x.${ending}`);
      expect([ending, (await server.get(`/types/x.${ending}`)).headers.get('content-type')]).toEqual([ending, type]);
    }
  });

  test('pages and drawings are saved, not shown, and no type is guessed', async () => {
    for (const name of ['/page.html', '/drawing.svg', '/unknown.xyz']) {
      await server.put(name, '<script>alert(1)</script>');
      const { headers } = await server.get(name);
      expect(headers.get('content-disposition')).toMatch(/^attachment;/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toContain('sandbox');
    }
    await server.put('/photo.png', 'x');
    expect((await server.get('/photo.png')).headers.get('content-disposition')).toMatch(/^inline;/);
    expect((await server.get('/photo.png?download')).headers.get('content-disposition')).toMatch(/^attachment;/);
    expect((await server.get('/photo.png?download=1')).headers.get('content-disposition')).toMatch(/^attachment;/);
  });
});

test('a range that is taken always lies within the file', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(), fc.nat(), fc.nat(1000), (noise, from, to, size) => {
      for (const header of [noise, `bytes=${from}-${to}`, `bytes=${from}-`, `bytes=-${to}`]) {
        const range = parseRange(header, size);
        if (typeof range === 'string') continue;
        expect(range.start).toBeGreaterThanOrEqual(0);
        expect(range.start).toBeLessThanOrEqual(range.end);
        expect(range.end).toBeLessThan(size);
      }
    }),
  );
});

test('decoding undoes encoding, and never fails', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(decodePath(encodeURIComponent(text))).toBe(text);
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('%', 'a', 'C', '3', '9', '/') }), (text) => void decodePath(text)),
  );
});
