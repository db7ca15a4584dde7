import { request } from 'node:http';
import Type from 'typebox';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silentLog } from '../log/index.ts';
import { createMetrics } from '../metrics/index.ts';
import { createTestAuthenticator, TEST_BASIC } from '../testing/index.ts';
import { createHttpHost, type HttpHost, identityOf, requireIdentity } from './index.ts';

let host: HttpHost;
const metrics = createMetrics();

beforeEach(async () => {
  host = createHttpHost({ name: 'test', host: '127.0.0.1', port: 0, bodyLimit: 100 }, { log: silentLog(), metrics });
  const auth = await createTestAuthenticator();
  const body = Type.Object({ size: Type.Integer() });
  host.app.post('/sized', { schema: { body } }, async () => ({ done: true }));
  host.app.get('/echo', async ({ body: sent }) => ({ sent }));
  host.app.get('/broken', async () => {
    throw new Error('a secret path /etc/x');
  });
  host.app.register(async (scope) => {
    requireIdentity(scope, auth);
    scope.get('/private', async (asked) => ({ user: identityOf(asked).user }));
  });
  await host.start();
});
afterEach(() => host.stop());

const post = (body: string, type = 'application/json') =>
  fetch(`${host.url}/sized`, { method: 'POST', headers: { 'content-type': type }, body });

test('a refused body answers problem details that name the field', async () => {
  const answer = await post('{"size":"big"}');
  expect(answer.status).toBe(400);
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  expect(await answer.json()).toMatchObject({ code: 'RL_INVALID', status: 400, fields: [{ path: '/size' }] });
  expect(await (await post('{}')).json()).toMatchObject({ fields: [{ path: '/size' }] });
});

test('broken JSON, a foreign content type and a body that is too large are told apart', async () => {
  expect(await (await post('{')).json()).toMatchObject({ code: 'RL_MALFORMED', status: 400 });
  expect(await (await post('<a/>', 'application/xml')).json()).toMatchObject({ code: 'RL_UNSUPPORTED', status: 415 });
  expect(await (await post(`{"size":1,"x":"${'x'.repeat(200)}"}`)).json()).toMatchObject({ code: 'RL_TOO_LARGE' });
});

test('the body of a GET is read, as the ClearML SDK sends it', async () => {
  const answer = await new Promise<string>((resolve, reject) => {
    const asked = request(
      `${host.url}/echo`,
      { method: 'GET', headers: { 'content-type': 'application/json', 'content-length': 7 } },
      (got) => {
        let text = '';
        got.on('data', (chunk) => {
          text += chunk;
        });
        got.on('end', () => resolve(text));
      },
    );
    asked.once('error', reject);
    asked.end('{"a":1}');
  });
  expect(JSON.parse(answer)).toEqual({ sent: { a: 1 } });
});

test('a request without an identity is refused, and one with an identity is served', async () => {
  const refused = await fetch(`${host.url}/private`);
  expect(refused.status).toBe(401);
  expect(await refused.json()).toMatchObject({ code: 'RL_UNAUTHENTICATED' });
  const served = await fetch(`${host.url}/private`, { headers: { authorization: TEST_BASIC } });
  expect(await served.json()).toEqual({ user: 'admin' });
});

test('a page of another site that got its own name to point at loopback is refused', async () => {
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const asked = request(`${host.url}/echo`, { headers: { host: 'evil.example:80' } }, (got) =>
      resolve(got.statusCode),
    );
    asked.once('error', reject);
    asked.end();
  });
  expect(status).toBe(403);
});

test('an unknown route is a 404 and a fault is a 500 with a code', async () => {
  expect(await (await fetch(`${host.url}/nothing`)).json()).toMatchObject({ code: 'RL_NOT_FOUND', status: 404 });
  expect(await (await fetch(`${host.url}/broken`)).json()).toMatchObject({ code: 'RL_INTERNAL', status: 500 });
});

test('a taken port is told by its number and a way out', async () => {
  const port = Number(new URL(host.url).port);
  const second = createHttpHost({ name: 'second', host: '127.0.0.1', port }, { log: silentLog(), metrics });
  await expect(second.start()).rejects.toThrow(`port ${port} (second) is taken; choose others with --port-base`);
});
