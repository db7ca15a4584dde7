import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ApiError, createSession, type SessionConfig, safePath, safeSegment } from './index.ts';

interface Seen {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}
type Answer = (request: Seen, response: ServerResponse) => void;

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** A peer that misbehaves as told: answers of one path are used in turn, the last one again and again. */
async function peer(answers: Record<string, Answer[]>, port = 0) {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const one = { path: request.url ?? '', headers: request.headers, body: Buffer.concat(parts) };
    const before = seen.filter(({ path }) => path === one.path).length;
    seen.push(one);
    const list = answers[one.path] ?? [];
    const answer = list[Math.min(before, list.length - 1)];
    if (answer) answer(one, response);
    else response.writeHead(404).end('nothing here');
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, server };
}

const envelope = (code: number, { sub = 0, msg = 'OK', data = {} } = {}) => {
  const answer: Answer = (_request, response) =>
    response
      .writeHead(code, { 'content-type': 'application/json' })
      .end(JSON.stringify({ meta: { result_code: code, result_subcode: sub, result_msg: msg }, data }));
  return answer;
};
const token = (seconds: number, name = 'n') => {
  const claims = { exp: Math.floor(Date.now() / 1000) + seconds, name };
  return `x.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.y`;
};
const login = (...tokens: string[]) => tokens.map((one) => envelope(200, { data: { token: one } }));
const open = (url: string, more: Partial<SessionConfig> = {}) =>
  createSession({
    apiUrl: url,
    filesUrl: `${url}/files`,
    accessKey: 'key',
    secretKey: 'se:cret',
    retry: { firstDelayMs: 5, longestDelayMs: 20, limitMs: 2_000 },
    ...more,
  });

describe('a session', () => {
  it('logs in once by Basic for many calls and sends them with the token', async () => {
    const valid = token(3600);
    const { url, seen } = await peer({
      '/auth.login': login(valid),
      '/tasks.get_by_id': [envelope(200, { data: { task: { id: 'a' } } })],
    });
    const session = open(url);
    const answers = await Promise.all([1, 2, 3].map(() => session.call('tasks.get_by_id', { task: 'a' })));
    expect(answers).toEqual([{ task: { id: 'a' } }, { task: { id: 'a' } }, { task: { id: 'a' } }]);
    const logins = seen.filter(({ path }) => path === '/auth.login');
    expect(logins).toHaveLength(1);
    expect(logins[0]?.headers.authorization).toBe(`Basic ${Buffer.from('key:se:cret').toString('base64')}`);
    const calls = seen.filter(({ path }) => path === '/tasks.get_by_id');
    expect(calls.map(({ headers }) => headers.authorization)).toEqual([1, 2, 3].map(() => `Bearer ${valid}`));
    expect(JSON.parse(String(calls[0]?.body))).toEqual({ task: 'a' });
  });

  it('takes a new token shortly before the old one ends', async () => {
    const { url, seen } = await peer({
      '/auth.login': login(token(100, 'old'), token(3600, 'new')),
      '/debug.ping': [envelope(200)],
    });
    const session = open(url);
    for (let call = 0; call < 3; call += 1) await session.call('debug.ping');
    expect(seen.filter(({ path }) => path === '/auth.login')).toHaveLength(2);
  });

  it('logs in again once after a 401, and gives up at the second', async () => {
    const { url, seen } = await peer({
      '/auth.login': login(token(3600, 'first'), token(3600, 'second')),
      '/debug.ping': [envelope(401, { sub: 21, msg: 'bad token' }), envelope(200, { data: { fine: true } })],
      '/users.get_all': [envelope(401, { sub: 30, msg: 'Blocked token' })],
    });
    const session = open(url);
    expect(await session.call('debug.ping')).toEqual({ fine: true });
    await expect(session.call('users.get_all')).rejects.toMatchObject({
      code: 'RL_UNAUTHENTICATED',
      resultSubcode: 30,
    });
    expect(seen.filter(({ path }) => path === '/users.get_all')).toHaveLength(2);
  });

  it('repeats on 429, 502 and 503 and honours Retry-After', async () => {
    const busy =
      (status: number): Answer =>
      (_request, response) =>
        response.writeHead(status).end('busy');
    const later: Answer = (_request, response) => response.writeHead(503, { 'retry-after': '0.3' }).end();
    const { url, seen } = await peer({
      '/auth.login': login(token(3600)),
      '/debug.ping': [busy(429), busy(502), later, envelope(200, { data: { n: 4 } })],
    });
    const began = Date.now();
    expect(await open(url).call('debug.ping')).toEqual({ n: 4 });
    expect(Date.now() - began).toBeGreaterThanOrEqual(300);
    expect(seen.filter(({ path }) => path === '/debug.ping')).toHaveLength(4);
  });

  it('does not repeat a 500 or a 400, and keeps what the server said', async () => {
    const { url, seen } = await peer({
      '/auth.login': login(token(3600)),
      '/tasks.started': [envelope(400, { sub: 110, msg: 'Invalid task status: status=failed' })],
      '/tasks.create': [envelope(500, { sub: 102, msg: 'General data error' })],
      '/tasks.get_by_id': [envelope(400, { sub: 101, msg: 'Invalid task id: id=x' })],
    });
    const session = open(url);
    const refusal = await session.call('tasks.started').catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ApiError);
    expect(refusal).toMatchObject({
      code: 'RL_CONFLICT',
      endpoint: 'tasks.started',
      resultCode: 400,
      resultSubcode: 110,
      resultMessage: 'Invalid task status: status=failed',
    });
    await expect(session.call('tasks.create')).rejects.toMatchObject({ code: 'RL_UPSTREAM', resultCode: 500 });
    await expect(session.call('tasks.get_by_id')).rejects.toMatchObject({ code: 'RL_NOT_FOUND' });
    expect(seen.filter(({ path }) => path === '/tasks.create')).toHaveLength(1);
  });

  it('goes on when the server is back on its port, and gives up at its limit', async () => {
    const first = await peer({ '/auth.login': login(token(3600)), '/debug.ping': [envelope(200)] });
    const session = open(first.url);
    await session.call('debug.ping');
    first.server.closeAllConnections();
    await new Promise((resolve) => first.server.close(resolve));
    await expect(session.call('debug.ping', {}, { retryLimitMs: 100 })).rejects.toMatchObject({ code: 'RL_UPSTREAM' });
    const waiting = session.call('debug.ping');
    const port = Number(new URL(first.url).port);
    await peer({ '/debug.ping': [envelope(200, { data: { back: 1 } })] }, port);
    expect(await waiting).toEqual({ back: 1 });
  });

  it('repeats when the answer breaks off half way', async () => {
    const cut: Answer = (_request, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"meta":', () => response.destroy());
    };
    const { url } = await peer({
      '/auth.login': login(token(3600)),
      '/debug.ping': [cut, envelope(200, { data: { whole: true } })],
    });
    expect(await open(url).call('debug.ping')).toEqual({ whole: true });
  });

  it('stops waiting when its signal aborts', async () => {
    const never: Answer = () => undefined;
    const { url } = await peer({ '/auth.login': login(token(3600)), '/debug.ping': [never] });
    const controller = new AbortController();
    const call = open(url).call('debug.ping', {}, { signal: controller.signal });
    setTimeout(() => controller.abort(new Error('enough')), 20);
    await expect(call).rejects.toThrow('enough');
  });

  it('splits JSON lines into requests of bounded size and loses none', async () => {
    const { url, seen } = await peer({
      '/auth.login': login(token(3600)),
      '/events.add_batch': [envelope(200, { data: { added: 1 } })],
    });
    const items = Array.from({ length: 4_500 }, (_unused, n) => ({ n }));
    await open(url).callLines('events.add_batch', items);
    const requests = seen.filter(({ path }) => path === '/events.add_batch');
    expect(requests).toHaveLength(3);
    expect(requests[0]?.headers['content-type']).toBe('application/json-lines');
    const numbers = requests.flatMap(({ body }) =>
      String(body)
        .split('\n')
        .map((line) => JSON.parse(line).n as number),
    );
    expect(numbers).toEqual(items.map(({ n }) => n));
  });

  it('uploads a file as a part named by its path and answers its URL', async () => {
    const stored: Answer = (_request, response) => response.writeHead(200).end('[]');
    const { url, seen } = await peer({ '/auth.login': login(token(3600)), '/files/': [stored] });
    const uri = await open(url).upload('/my proj/t.1/a.bin', new Uint8Array([1, 2, 3]), 'application/x-test');
    expect(uri).toBe(`${url}/files/my%20proj/t.1/a.bin`);
    const body = seen.at(-1)?.body.toString('latin1') ?? '';
    expect(body).toContain('name="my proj/t.1/a.bin"; filename="my proj/t.1/a.bin"');
    expect(body).toContain('application/x-test');
    expect(body).toContain('\r\n\r\n\x01\x02\x03\r\n');
  });

  it('sends its token to its own file server only, and refuses what is larger than allowed', async () => {
    const bytes: Answer = (_request, response) => response.writeHead(200).end(Buffer.alloc(100, 7));
    const own = await peer({ '/auth.login': login(token(3600)), '/files/a': [bytes] });
    const other = await peer({ '/b': [bytes] });
    const session = open(own.url, { filesAliases: ['http://old-name:8081'] });
    expect(await session.download(`${own.url}/files/a`)).toHaveLength(100);
    expect(await session.download('http://old-name:8081/a')).toHaveLength(100);
    expect(await session.download(`${other.url}/b`)).toHaveLength(100);
    expect(other.seen[0]?.headers.authorization).toBeUndefined();
    await expect(session.download(`${own.url}/files/a`, { mostBytes: 99 })).rejects.toMatchObject({
      code: 'RL_TOO_LARGE',
    });
    await expect(session.download(`${own.url}/files/none`)).rejects.toMatchObject({ code: 'RL_NOT_FOUND' });
  });

  it('refuses at once what lies on the machine that wrote it', async () => {
    const session = open('http://127.0.0.1:1');
    await expect(session.download('file:///tmp/model.onnx')).rejects.toMatchObject({ code: 'RL_UNSUPPORTED' });
  });

  it('needs no token in the browser, where the cookie counts', async () => {
    const { url, seen } = await peer({ '/auth.login': login(token(3600)), '/debug.ping': [envelope(200)] });
    const session = createSession({ apiUrl: url, filesUrl: url });
    await session.login('designer', 'pass');
    await session.call('debug.ping');
    expect(seen.map(({ headers }) => headers.authorization?.split(' ')[0])).toEqual(['Basic', undefined]);
  });
});

describe('paths of stored files', () => {
  it('keep slashes of projects and nothing that breaks a URL or leaves the folder', () => {
    expect(safePath('a/b c/d')).toBe('a/b c/d');
    expect(safePath('/a//../b/')).toBe('a/_../b');
    expect(safeSegment('lr=0.1, 50%')).toBe('lr0x3d0.10x2c 500x25');
    expect(safeSegment('a/b')).toBe('a.slash.b');
    expect(safeSegment('')).toBe('_');
  });
});
