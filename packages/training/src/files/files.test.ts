import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createFolderBlobs } from '@ranloop/kit/blobs';
import { parseConfig } from '@ranloop/kit/config';
import { createHttpHost } from '@ranloop/kit/http';
import { createLog } from '@ranloop/kit/log';
import { createMetrics } from '@ranloop/kit/metrics';
import { createTestAuthenticator, TEST_BASIC, TEST_IDENTITY } from '@ranloop/kit/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createFiles, filesConfig } from './index.ts';
import { parseRange } from './range.ts';

let folder: string;
let url: string;
let token: string;
let stop: () => Promise<void>;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ranloop-files-'));
  const log = createLog({ level: 'fatal' });
  const metrics = createMetrics();
  const host = createHttpHost({ name: 'files', host: '127.0.0.1', port: 0 }, { log, metrics });
  const auth = await createTestAuthenticator();
  token = await auth.issueToken(TEST_IDENTITY, { seconds: 60 });
  const config = parseConfig(filesConfig, { largestFile: 100_000 }, 'files');
  const files = createFiles(config, {
    http: host.app,
    auth,
    blobs: createFolderBlobs(path.join(folder, 'root')),
    log,
    metrics,
  });
  await files.start();
  await host.start();
  url = host.url;
  stop = async () => {
    await files.stop();
    await host.stop();
  };
});
afterAll(async () => {
  await stop();
  await rm(folder, { recursive: true, force: true });
});

const authorized = { authorization: TEST_BASIC };
const get = (target: string, headers: Record<string, string> = {}) =>
  fetch(`${url}${target}`, { headers: { ...authorized, ...headers } });

async function put(target: string, content: string | Uint8Array<ArrayBuffer>): Promise<Response> {
  const form = new FormData();
  form.append(target, new Blob([content]), target);
  return fetch(url, { method: 'POST', headers: authorized, body: form });
}

describe('a file', () => {
  test('is found under the name of its part, with spaces and accents, and is gone after DELETE', async () => {
    const answer = await put('/proj/sub/näme 1.abc/artifacts/art/art.json', '{"a":1}');
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual(['proj/sub/näme 1.abc/artifacts/art/art.json']);
    const target = '/proj/sub/n%C3%A4me%201.abc/artifacts/art/art.json';
    const found = await get(target);
    expect(await found.text()).toBe('{"a":1}');
    expect(found.headers.get('content-type')).toBe('application/json');
    expect(found.headers.get('cache-control')).toBe('no-cache');
    const deleted = await fetch(`${url}${target}`, { method: 'DELETE', headers: authorized });
    expect(await deleted.json()).toBe('proj/sub/näme 1.abc/artifacts/art/art.json');
    expect((await get(target)).status).toBe(404);
    expect((await fetch(`${url}${target}`, { method: 'DELETE', headers: authorized })).status).toBe(404);
  });

  test('is replaced by a second upload', async () => {
    await put('/same.txt', 'first');
    await put('/same.txt', 'second');
    expect(await (await get('/same.txt')).text()).toBe('second');
  });

  test('answers HEAD with its size, If-None-Match with 304, and a range with its bytes', async () => {
    await put('/range.bin', '0123456789');
    const head = await fetch(`${url}/range.bin`, { method: 'HEAD', headers: authorized });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '10']);
    expect((await get('/range.bin', { 'if-none-match': head.headers.get('etag') ?? '' })).status).toBe(304);
    const middle = await get('/range.bin', { range: 'bytes=2-4' });
    expect([middle.status, middle.headers.get('content-range'), await middle.text()]).toEqual([
      206,
      'bytes 2-4/10',
      '234',
    ]);
    expect(await (await get('/range.bin', { range: 'bytes=-3' })).text()).toBe('789');
    const outside = await get('/range.bin', { range: 'bytes=10-' });
    expect([outside.status, outside.headers.get('content-range')]).toEqual([416, 'bytes */10']);
  });

  test('may be empty', async () => {
    expect((await put('/empty', '')).status).toBe(200);
    const found = await get('/empty');
    expect([found.status, await found.text()]).toEqual([200, '']);
  });

  test('that is too large is refused and leaves nothing behind', async () => {
    const answer = await put('/large/file.bin', new Uint8Array(100_001));
    expect(answer.status).toBe(413);
    expect((await get('/large/file.bin')).status).toBe(404);
    expect(await readdir(path.join(folder, 'root', 'large'))).toEqual([]);
  });
});

test('an upload that breaks off leaves nothing behind', async () => {
  const { port } = new URL(url);
  const socket = connect(Number(port), '127.0.0.1');
  const part =
    '--b\r\ncontent-disposition: form-data; name="/broken/f.txt"; filename="/broken/f.txt"\r\n\r\nhalf of it';
  const head = `POST / HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: ${TEST_BASIC}\r\n`;
  socket.write(`${head}content-type: multipart/form-data; boundary=b\r\ncontent-length: 10000\r\n\r\n${part}`);
  const broken = path.join(folder, 'root', 'broken');
  await vi.waitFor(async () => expect((await readdir(broken)).length).toBe(1), 5_000);
  socket.destroy();
  await vi.waitFor(async () => expect(await readdir(broken)).toEqual([]), 5_000);
});

describe('safety', () => {
  test('nothing is served or taken without credentials; a token works by header and by cookie', async () => {
    await put('/secret.txt', 's');
    expect((await fetch(`${url}/secret.txt`)).status).toBe(401);
    expect((await fetch(url, { method: 'POST', body: new FormData() })).status).toBe(401);
    expect((await get('/secret.txt', { authorization: `Bearer ${token}` })).status).toBe(200);
    const byCookie = await fetch(`${url}/secret.txt`, { headers: { cookie: `clearml_token_basic=${token}` } });
    expect(byCookie.status).toBe(200);
  });

  test('pages and drawings are saved, not shown, and no type is guessed', async () => {
    for (const name of ['/page.html', '/drawing.svg', '/unknown.xyz']) {
      await put(name, '<script>alert(1)</script>');
      const { headers } = await get(name);
      expect(headers.get('content-disposition')).toMatch(/^attachment;/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toContain('sandbox');
    }
    await put('/photo.png', 'x');
    expect((await get('/photo.png')).headers.get('content-disposition')).toMatch(/^inline;/);
    expect((await get('/photo.png?download')).headers.get('content-disposition')).toMatch(/^attachment;/);
  });

  test('no path leads out of the store', async () => {
    expect((await put('/../outside.txt', 'x')).status).toBe(404);
    expect((await get('/..%2Foutside.txt')).status).toBe(404);
    expect((await get('/a/%2e%2e/%2e%2e/etc/passwd')).status).toBe(404);
    expect((await get('/a%00b')).status).toBe(404);
    expect(await readdir(folder)).toEqual(['root']);
  });

  test('names that the disk refuses are the fault of the request', async () => {
    expect((await put(`/${'x'.repeat(300)}`, 'x')).status).toBe(400);
    await put('/file', 'x');
    expect((await put('/file/below', 'x')).status).toBe(400);
    expect((await get('/file/below')).status).toBe(404);
  });
});

test('many are deleted by path or URL, each by itself', async () => {
  await put('/many/a b.txt', 'a');
  await put('/many/c.txt', 'c');
  const answer = await fetch(`${url}/delete_many`, {
    method: 'POST',
    headers: { ...authorized, 'content-type': 'application/json' },
    body: JSON.stringify({ files: ['/many/a%20b.txt', 'http://files:8081/many/c.txt', '/many/none', '../up', ''] }),
  });
  expect(await answer.json()).toEqual({
    deleted: { '/many/a%20b.txt': '/many/a%20b.txt', 'http://files:8081/many/c.txt': 'http://files:8081/many/c.txt' },
    errors: { 'Not found': ['/many/none'], 'Invalid path': ['../up', ''] },
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
