import { Readable } from 'node:stream';
import { parseConfig } from '@ranloop/kit/config';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createS3Blobs, s3Address, s3Config } from '../index.ts';
import { findS3Server, startS3Server, type TestS3 } from '../testing/s3-server.ts';
import { startFiles } from '../testing/server.ts';

const program = findS3Server();
const SECRET = 'a-secret-that-nobody-may-see';

const storeAt = (endpoint: string, bucket = 'bucket') =>
  createS3Blobs(
    parseConfig(
      s3Config,
      { bucket, endpoint, pathStyle: true, credentials: { accessKeyId: 'key', secretAccessKey: SECRET } },
      'files',
    ),
  );

test('an address names a bucket and what keys begin with', () => {
  expect(s3Address('s3://models')).toEqual({ bucket: 'models', prefix: '' });
  expect(s3Address('s3://models/ran/loop/')).toEqual({ bucket: 'models', prefix: 'ran/loop' });
  for (const wrong of ['models', 's3://', 'http://models/x', 's3:///x'])
    expect(() => s3Address(wrong)).toThrow(/is not of the form s3:\/\/bucket\/prefix/);
});

describe.skipIf(program === undefined)(program ? 'an S3 server' : '(skipped: no moto_server or gofakes3 here)', () => {
  let server: TestS3;
  beforeAll(async () => {
    server = await startS3Server(program ?? '', 'bucket');
  });
  afterAll(() => server?.stop());

  test('whose bucket is not there is told of at the start, by name and without the secret', async () => {
    const error = await storeAt(server.endpoint, 'nowhere')
      .start()
      .then(
        () => undefined,
        (thrown: unknown) => thrown as Error,
      );
    expect(error).toMatchObject({ code: 'RL_CONFIG' });
    expect(error?.message).toBe(`the S3 bucket "nowhere" (${server.endpoint}) cannot be read: NoSuchBucket`);
    expect(JSON.stringify({ ...error })).not.toContain(SECRET);
  });

  test('is one store for two installations whose prefixes differ by their end', async () => {
    const of = (prefix: string) =>
      createS3Blobs(
        parseConfig(
          s3Config,
          {
            bucket: 'bucket',
            prefix,
            endpoint: server.endpoint,
            pathStyle: true,
            credentials: { accessKeyId: 'key', secretAccessKey: SECRET },
          },
          'files',
        ),
      );
    const [a, ab] = [of('a'), of('ab')];
    await a.put('run/x', Readable.from('of a'));
    await ab.put('run/x', Readable.from('of ab'));
    expect(await a.removeFolder('run')).toBe(true);
    expect(await a.open('run/x')).toBeUndefined();
    expect((await ab.open('run/x'))?.bytes).toBe(5);
    await Promise.all([a.stop(), ab.stop()]);
  });

  test('keeps no part of a large upload that breaks off', async () => {
    const store = storeAt(server.endpoint);
    const broken = Readable.from(
      (async function* () {
        for (let megabytes = 0; megabytes < 26; megabytes += 1) yield Buffer.alloc(1_048_576);
        throw new Error('the client went away');
      })(),
    );
    await expect(store.put('cut', broken)).rejects.toThrow();
    expect(await store.open('cut')).toBeUndefined();
    expect(await (await fetch(`${server.endpoint}/bucket?uploads`)).text()).not.toContain('<Key>cut</Key>');
    await store.stop();
  });

  test('removes folders of more objects than one page lists', async () => {
    const store = storeAt(server.endpoint);
    const keys = Array.from({ length: 410 }, (_, index) => `many/${index}`);
    for (let from = 0; from < keys.length; from += 50)
      await Promise.all(keys.slice(from, from + 50).map((key) => store.put(key, Readable.from('x'))));
    expect(await store.removeFolder('many')).toBe(true);
    expect(await store.removeFolder('many')).toBe(false);
    await store.stop();
  });
});

test('a server that is not there is a store that is not available, which callers may ask again', async () => {
  const store = storeAt('http://127.0.0.1:1');
  await expect(store.start()).rejects.toMatchObject({ code: 'RL_CONFIG' });
  const server = await startFiles({ blobs: store, stop: () => store.stop() });
  expect((await server.put('/x')).status).toBe(503);
  const answer = await server.get('/x');
  expect([answer.status, await answer.json()]).toMatchObject([
    503,
    { code: 'RL_STORE', detail: 'S3 cannot do this now (ECONNREFUSED)' },
  ]);
  expect((await server.remove('/x')).status).toBe(503);
  expect(await (await server.removeMany(['/x'])).json()).toEqual({
    deleted: {},
    errors: { 'S3 cannot do this now (ECONNREFUSED)': ['/x'] },
  });
  await server.stop();
  await store.stop();
});
