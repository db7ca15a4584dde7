import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createInfluxClient } from './client.ts';

interface Seen {
  readonly url: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

/** Stands for a 2.x server: what it is asked, and nothing of what it does. */
let seen: Seen[];
let status: number;
const server = createServer((request, response) => {
  void text(request).then((body) => {
    seen.push({ url: request.url ?? '', authorization: request.headers.authorization, body });
    response.writeHead(status, { 'content-type': 'application/json' }).end('{"results":[]}');
  });
});
beforeEach(async () => {
  seen = [];
  status = 200;
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterEach(() => new Promise((resolve) => server.close(resolve)));
const at = (query: string) => `http://127.0.0.1:${(server.address() as AddressInfo).port}/${query}`;

test('a bucket is written by the API of 2.x and read as a database, both with the token', async () => {
  const client = createInfluxClient(at('?bucket=ran%20data&org=acme&token=s3cret'), 1_000);
  await client.write('a value=1 5\n');
  await client.query('SHOW SERIES', { source: 'gnb' });
  expect(seen[0]).toEqual({
    url: '/api/v2/write?bucket=ran+data&org=acme&precision=us',
    authorization: 'Token s3cret',
    body: 'a value=1 5\n',
  });
  expect([seen[1]?.url, seen[1]?.authorization]).toEqual(['/query', 'Token s3cret']);
  const form = new URLSearchParams(seen[1]?.body);
  expect(Object.fromEntries(form)).toEqual({
    db: 'ran data',
    q: 'SHOW SERIES',
    params: '{"source":"gnb"}',
    epoch: 'u',
  });
});

test('a database of 1.x is written by its own API, with a name and a password', async () => {
  const url = at('?db=ran').replace('http://', 'http://me:p%40ss@');
  await createInfluxClient(url, 1_000).write('a value=1 5\n');
  const authorization = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;
  expect(seen[0]).toMatchObject({ url: '/write?db=ran&precision=u', authorization });
});

test('refused credentials are an outage, so that samples wait; refused points are not', async () => {
  const client = createInfluxClient(at('?bucket=b&token=old'), 1_000);
  for (const [answer, code] of [
    [401, 'RL_STORE'],
    [429, 'RL_STORE'],
    [503, 'RL_STORE'],
    [422, 'RL_UNPROCESSABLE'],
  ] as const) {
    status = answer;
    await expect(client.write('a value=1 5\n')).rejects.toMatchObject({ code });
  }
});

test('an address that names an org and no bucket is refused at the start', () => {
  expect(() => createInfluxClient('http://localhost:8086/?org=acme', 1_000)).toThrow(/needs a bucket/);
});
