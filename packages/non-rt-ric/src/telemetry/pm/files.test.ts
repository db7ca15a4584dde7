import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createSilentServer, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { RefusedEvent, Sample } from '@ranloop/contracts/r1';
import { createTestDatabase } from '@ranloop/kit/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createRig, type Rig } from '../testing/rig.ts';
import { fileReady, notifyFileReady, pmFile, settled } from './testing/announce.ts';
import { createTestFtpes } from './testing/ftpes.ts';
import { createTestSftp } from './testing/sftp.ts';
import { TEST_TLS } from './testing/tls.ts';

const QUICK = { attempts: 3, retrySeconds: 0.02 };
const stops: (() => Promise<unknown>)[] = [];
let rig: Rig;
beforeAll(async () => {
  rig = await createRig({ pmFiles: { ...QUICK, mostBytes: 100_000, mostUnpackedBytes: 200_000, timeoutSeconds: 20 } });
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});
afterAll(() => rig.stop());

/** A rig of its own for one test. */
async function rigWith(pmFiles: object, more: object = {}): Promise<Rig> {
  const made = await createRig({ pmFiles: { ...QUICK, ...pmFiles }, ...more });
  stops.push(() => made.stop());
  return made;
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const http = async (listener: RequestListener) => `http://${await listening(createServer(listener))}`;

async function samplesOf(source: string, from = rig): Promise<(number | string)[][]> {
  const { samples } = await from.get<{ samples: Sample[] }>(`/last?source=${source}`);
  return samples.map(({ dn, counter, value }) => [dn, counter, value]);
}

async function refusedOf(source: string, from = rig): Promise<RefusedEvent[]> {
  const { refused } = await from.get<{ refused: RefusedEvent[] }>('/refused');
  return refused.filter((one) => one.source === source);
}

async function announce(source: string, location: string, from = rig, name = 'A.xml'): Promise<void> {
  expect((await from.post({ event: fileReady(source, location, name) })).status).toBe(202);
}

const CELL = ['ManagedElement=gnb-1,NRCellCU=1', 'RRC.ConnMean', 7];

test.each([
  ['plain', (text: string) => Buffer.from(text)],
  ['gzip', (text: string) => gzipSync(text)],
])(
  'a file announced by a VES notification is fetched over HTTP and stored as samples of the source: %s',
  async (kind, pack) => {
    const asked: string[] = [];
    const url = await http((request, reply) => {
      asked.push(`${request.url} ${request.headers.authorization ?? ''}`);
      reply.end(pack(pmFile([7, 8])));
    });
    await announce(`http-${kind}`, `${url.replace('//', '//u%40:p%2F@')}/pm/A.xml?access_token=s3cret`);
    const body = pack(pmFile([7, 8]));
    expect(await settled(rig, `http-${kind}`)).toEqual([
      expect.objectContaining({
        name: 'A.xml',
        state: 'stored',
        attempts: 1,
        reason: '',
        samples: 2,
        bytes: body.length,
      }),
    ]);
    expect(await samplesOf(`http-${kind}`)).toEqual([CELL, ['ManagedElement=gnb-1,NRCellCU=2', 'RRC.ConnMean', 8]]);
    expect(asked).toEqual([`/pm/A.xml?access_token=s3cret Basic ${Buffer.from('u@:p/').toString('base64')}`]);
    const { rows } = await rig.database.pool.query(
      'select body::text, location from telemetry.events join telemetry.pm_files using (source, event_id) where source = $1',
      [`http-${kind}`],
    );
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toMatch(/s3cret|p%2F/);
  },
);

test('files announced by notifyFileReady are fetched over SFTP; the passwords are shown nowhere', async () => {
  const login = { user: 'pm', password: 'p@ss:w/rd' };
  const sftp = await createTestSftp(new Map([['/out/A1.xml', Buffer.from(pmFile([7]))]]), login);
  stops.push(() => sftp.stop());
  const at = (password: string) => `sftp://pm:${encodeURIComponent(password)}@127.0.0.1:${sftp.port}/out/A1.xml`;
  const file = (fileLocation: string, fileSize: number) => ({ fileLocation, fileSize, fileDataType: 'Performance' });
  const other = { fileLocation: 'sftp://10.0.0.1/trace', fileDataType: 'Trace' };
  const event = notifyFileReady('sftp', [file(at(login.password), 1), file(at('gue55ed'), 2), other]);
  expect((await rig.post({ event })).status).toBe(202);
  const [stored, refused, ...rest] = (await settled(rig, 'sftp')).sort((a, b) => (a.state > b.state ? -1 : 1));
  expect(rest).toEqual([]);
  expect(stored).toMatchObject({
    state: 'stored',
    samples: 1,
    location: `sftp://***@127.0.0.1:${sftp.port}/out/A1.xml`,
  });
  expect(refused).toMatchObject({ state: 'refused', reason: 'RL_FORBIDDEN: the server refuses the credentials' });
  expect(await samplesOf('sftp')).toEqual([CELL]);
  const shown = JSON.stringify([await refusedOf('sftp'), await settled(rig, 'sftp'), await documents('sftp')]);
  expect(shown).toContain('A1.xml');
  expect(shown).not.toMatch(/gue55ed|p%40ss|p@ss/);
  const { rows } = await rig.database.pool.query(`select location from telemetry.pm_files where source = 'sftp'`);
  expect(JSON.stringify(rows)).not.toMatch(/gue55ed|p%40ss/);
});

async function documents(source: string): Promise<unknown[]> {
  return (await rig.database.pool.query('select body from telemetry.events where source = $1', [source])).rows;
}

test('an SFTP host that shows another key than the pinned or the earlier one gets no password', async () => {
  const login = { user: 'pm', password: 'pw' };
  const files = new Map([['/A.xml', Buffer.from(pmFile([7]))]]);
  const [first, second] = [await createTestSftp(files, login), await createTestSftp(files, login)];
  stops.push(
    () => first.stop(),
    () => second.stop(),
  );
  const host = { host: '127.0.0.1', user: 'pm', password: 'pw' };
  const pinned = await rigWith({ hosts: [{ ...host, hostKeys: [first.fingerprint] }] });
  await announce('right', `sftp://127.0.0.1:${first.port}/A.xml`, pinned);
  await announce('wrong', `sftp://127.0.0.1:${second.port}/A.xml`, pinned);
  expect(await settled(pinned, 'right')).toMatchObject([{ state: 'stored' }]);
  const [refused] = await settled(pinned, 'wrong');
  expect(refused?.reason).toBe(
    `RL_FORBIDDEN: 127.0.0.1:${second.port} shows the key ${second.fingerprint}, which is none of its configured hostKeys`,
  );
  expect([first.tried, second.tried]).toEqual([['pw'], []]);

  const trusting = await rigWith({ hosts: [host] });
  await trusting.database.pool.query('insert into telemetry.pm_host_keys values ($1, $2)', [
    `127.0.0.1:${second.port}`,
    first.fingerprint,
  ]);
  await announce('new', `sftp://127.0.0.1:${first.port}/A.xml`, trusting);
  await announce('changed', `sftp://127.0.0.1:${second.port}/A.xml`, trusting);
  expect(await settled(trusting, 'new')).toMatchObject([{ state: 'stored' }]);
  expect((await settled(trusting, 'changed'))[0]?.reason).toContain(`and showed ${first.fingerprint} before`);
  expect(second.tried).toEqual([]);

  const strict = await rigWith({ hosts: [host], unknownHostKeys: 'refuse' });
  await announce('unknown', `sftp://127.0.0.1:${second.port}/A.xml`, strict);
  expect((await settled(strict, 'unknown'))[0]?.reason).toContain('put it into hostKeys to trust it');
  expect(second.tried).toEqual([]);
});

test('FTPES: both connections are encrypted, the certificate is checked, the credentials are those of the host', async () => {
  const ftp = await createTestFtpes(new Map([['/ftp/rop/A.xml.gz', gzipSync(pmFile([7]))]]), {
    user: 'pm',
    password: 'pw',
  });
  stops.push(() => ftp.stop());
  const location = `ftpes://localhost:${ftp.port}/ftp/rop/A.xml.gz`;
  const host = { host: 'localhost', user: 'pm', password: 'pw' };
  const trusting = await rigWith({ hosts: [{ ...host, ca: TEST_TLS.cert }] });
  await announce('ftpes', location, trusting);
  expect(await settled(trusting, 'ftpes')).toMatchObject([{ state: 'stored', samples: 1 }]);
  expect(ftp.commands).toContain('PROT P');
  await announce('nothing', `ftpes://localhost:${ftp.port}/B.xml`, trusting);
  expect((await settled(trusting, 'nothing'))[0]?.reason).toMatch(/^RL_UPSTREAM: .*550 no such file.*given up after 3/);

  ftp.commands.length = 0;
  const doubting = await rigWith({ hosts: [host] });
  await announce('doubt', location, doubting);
  expect((await settled(doubting, 'doubt'))[0]?.reason).toMatch(
    /^RL_UPSTREAM: .*self-signed certificate.*given up after 3/,
  );
  expect(ftp.commands.filter((line) => line.startsWith('PASS'))).toEqual([]);
});

test('HTTPS: only a certificate that the configuration vouches for', async () => {
  const at = await listening(createTlsServer(TEST_TLS, (_request, reply) => reply.end(pmFile([7]))));
  await announce('untrusted', `https://${at}/A.xml`);
  expect((await settled(rig, 'untrusted'))[0]?.reason).toContain('self-signed certificate');
  const trusting = await rigWith({ hosts: [{ host: '127.0.0.1', ca: TEST_TLS.cert }] });
  await announce('trusted', `https://${at}/A.xml`, trusting);
  expect(await settled(trusting, 'trusted')).toMatchObject([{ state: 'stored' }]);
});

test('a host that neither sent the notification nor is configured is not called, and the reason says how to allow it', async () => {
  for (const [source, location] of [
    ['ssrf-1', 'http://169.254.169.254/latest/meta-data'],
    ['ssrf-2', 'http://2852039166/latest/meta-data'],
    ['ssrf-3', 'sftp://[fd00::1]/A.xml'],
  ] as const) {
    await announce(source, location);
    const [file] = await settled(rig, source);
    expect(file).toMatchObject({ state: 'refused', attempts: 1 });
    expect(file?.reason).toMatch(
      /^RL_FORBIDDEN: the host ".*" is neither the sender of the notification \(127.0.0.1\)/,
    );
    expect(file?.reason).toContain('list it under hosts in the file of --pm-files to allow it');
    expect(await refusedOf(source)).toMatchObject([{ domain: 'pm-file', reason: file?.reason }]);
  }
  const strict = await rigWith({ fromSender: false });
  await announce('own', 'http://127.0.0.1:1/A.xml', strict);
  expect((await settled(strict, 'own'))[0]?.reason).toContain('the host "127.0.0.1" is not a configured host');
});

test('redirects are followed within the host, and refused to another', async () => {
  const asked: string[] = [];
  const other = await http((request, reply) => {
    asked.push(request.url ?? '');
    reply.end(pmFile([7]));
  });
  const url = await http((request, reply) => {
    if (request.url === '/there.xml') return reply.end(pmFile([7]));
    const location =
      request.url === '/near.xml' ? '/there.xml' : request.url === '/loop.xml' ? '/loop.xml' : `${other}/A.xml`;
    reply.writeHead(302, { location }).end();
  });
  await announce('near', `${url}/near.xml`);
  await announce('far', `${url}/far.xml`);
  await announce('loop', `${url}/loop.xml`);
  expect(await settled(rig, 'near')).toMatchObject([{ state: 'stored' }]);
  expect((await settled(rig, 'far'))[0]?.reason).toBe(`RL_FORBIDDEN: the server redirects to another host: ${other}`);
  expect((await settled(rig, 'loop'))[0]?.reason).toContain('redirects more than 3 times');
  expect(asked).toEqual([]);
});

test.each([
  ['http://127.0.0.1/pm/../../etc/passwd', 'A.xml', 'has a path that leaves its folder'],
  ['sftp://127.0.0.1/pm/%2e%2e/secret', 'A.xml', 'has a path that leaves its folder'],
  ['ftpes://127.0.0.1/a%0d%0aDELE%20b', 'A.xml', 'or control characters'],
  ['http://127.0.0.1/A.xml', '../A.xml', 'is not the name of a file'],
  ['/pm-data-files/A.xml', 'A.xml', 'is no URL with scheme and host'],
  ['ftp://127.0.0.1/A.xml', 'A.xml', 'is plain FTP'],
  ['file:///etc/passwd', 'A.xml', 'is none of http, https, sftp, ftpes, ftps'],
  ['http://127.0.0.1/', 'A.xml', 'names no file'],
])('the location %s with the name %s is refused: %s', async (location, name, told) => {
  const source = `odd-${Buffer.from(location + name)
    .toString('hex')
    .slice(-40)}`;
  await announce(source, location, rig, name);
  const [file] = await settled(rig, source);
  expect(file).toMatchObject({ state: 'refused', attempts: 1 });
  expect(file?.reason).toContain(told);
});

test('files that are too large, packed or unpacked, damaged, or packed in another way are refused', async () => {
  const bodies: Readonly<Record<string, Buffer>> = {
    large: Buffer.alloc(100_001, 0x20),
    bomb: gzipSync(`<measCollecFile>${' '.repeat(10_000_000)}</measCollecFile>`),
    cut: gzipSync(pmFile([7])).subarray(0, -20),
    zip: Buffer.from('PK\u0003\u0004abc'),
    empty: Buffer.alloc(0),
  };
  const url = await http((request, reply) => reply.end(bodies[(request.url ?? '').slice(1)]));
  for (const [kind, reason] of [
    ['large', 'RL_TOO_LARGE: the file is larger than 100000 bytes'],
    ['bomb', 'RL_TOO_LARGE: the file is larger than 200000 bytes'],
    ['cut', 'RL_MALFORMED: the gzip data is damaged or cut off'],
    ['zip', 'RL_UNSUPPORTED: the file is compressed with zip; gzip or plain is read'],
    ['empty', 'RL_MALFORMED: line 1, column 0: document must contain a root element.'],
  ] as const) {
    await announce(`body-${kind}`, `${url}/${kind}`);
    expect(await settled(rig, `body-${kind}`)).toMatchObject([{ state: 'refused', attempts: 1, reason }]);
  }
});

test('a file with one wrong value is refused whole, with the place, and stores nothing', async () => {
  const url = await http((_request, reply) => reply.end(pmFile([1, 2, 3]).replace('<r p="1">3', '<r p="9">3')));
  await announce('bad', `${url}/A.xml`);
  expect((await settled(rig, 'bad'))[0]?.reason).toBe(
    'RL_UNPROCESSABLE: line 9, column 49, <r>: there is no measType with p 9',
  );
  expect(await samplesOf('bad')).toEqual([]);
});

test('a fetch that fails is tried again, and one that hangs is broken off', async () => {
  let asked = 0;
  const url = await http((request, reply) => {
    if (request.url === '/hangs') return reply.write('<');
    asked += 1;
    if (asked === 1) return reply.writeHead(503).end();
    if (asked === 2) return request.socket.destroy();
    reply.end(pmFile([7]));
  });
  await announce('flaky', `${url}/A.xml`);
  expect(await settled(rig, 'flaky')).toMatchObject([{ state: 'stored', attempts: 3, reason: '' }]);
  const hasty = await rigWith({ timeoutSeconds: 0.3, attempts: 1 });
  await announce('slow', `${url}/hangs`, hasty);
  expect((await settled(hasty, 'slow'))[0]?.reason).toBe(
    'RL_TIMEOUT: the fetch took more than 0.3 s (given up after 1 attempts)',
  );
});

test.each(['sftp', 'ftpes', 'ftps', 'https'])(
  'a peer of %s that says nothing is given up when the time is over',
  async (scheme) => {
    const sockets: Socket[] = [];
    const silent = createSilentServer((socket) => void sockets.push(socket));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    stops.push(async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => silent.close(resolve));
    });
    const hasty = await rigWith({ timeoutSeconds: 0.3, attempts: 1 });
    await announce('silent', `${scheme}://127.0.0.1:${(silent.address() as AddressInfo).port}/A.xml`, hasty);
    expect((await settled(hasty, 'silent'))[0]?.reason).toMatch(/^RL_(TIMEOUT|UPSTREAM): .*given up after 1/);
  },
);

test('a file that is announced twice is fetched once; one that was refused is fetched again', async () => {
  let asked = 0;
  let body = 'broken';
  const url = await http((_request, reply) => {
    asked += 1;
    reply.end(body);
  });
  const post = (eventId: string) => rig.post({ event: fileReady('twice', `${url}/A.xml`, 'A.xml', eventId) });
  await post('1');
  expect(await settled(rig, 'twice')).toMatchObject([{ state: 'refused' }]);
  body = pmFile([7]);
  await post('2');
  await expect.poll(async () => (await settled(rig, 'twice'))[0]?.state).toBe('stored');
  await post('3');
  expect(await settled(rig, 'twice')).toHaveLength(1);
  expect(asked).toBe(2);
});

test('an expired file is not asked for', async () => {
  const file = { fileLocation: 'http://127.0.0.1:1/A.xml', fileExpirationTime: '2020-01-01T00:00:00Z' };
  await rig.post({ event: notifyFileReady('expired', [file]) });
  expect((await settled(rig, 'expired'))[0]?.reason).toBe('RL_UNPROCESSABLE: its fileExpirationTime has passed');
});

test('a file that was acknowledged is fetched by the next process when the first one could not', async () => {
  let up = false;
  const url = await http((request, reply) => (up ? reply.end(pmFile([7])) : request.socket.destroy()));
  const patient = { pmFiles: { attempts: 100, retrySeconds: 0.05 } };
  const database = await createTestDatabase();
  stops.push(() => database.stop());
  const first = await createRig(patient, database.url);
  await announce('restart', `${url}/A.xml`, first);
  await first.stop();
  up = true;
  const second = await createRig(patient, database.url);
  stops.unshift(() => second.stop());
  expect(await settled(second, 'restart')).toMatchObject([{ state: 'stored', samples: 1 }]);
  expect(await samplesOf('restart', second)).toEqual([CELL]);
});

test('when too many files wait, the notification is not acknowledged', async () => {
  const url = await http(() => undefined);
  const small = await rigWith({ mostWaiting: 1, timeoutSeconds: 60 });
  await announce('full', `${url}/A.xml`, small);
  const answer = await small.post({ event: fileReady('full', `${url}/B.xml`, 'B.xml') });
  expect(answer.status).toBe(503);
});

async function upload(
  body: string | Uint8Array,
  query = '',
  headers: Record<string, string> = { authorization: BASIC },
) {
  const response = await fetch(`${rig.r1}/r1/telemetry/v1/pm-files${query}`, {
    method: 'POST',
    headers,
    body: new Uint8Array(Buffer.from(body)),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}
const BASIC = `Basic ${Buffer.from('TESTKEY:test-secret').toString('base64')}`;

test('a file is handed over by POST: its source is named, or is the managed element that sent it; twice is once', async () => {
  const found = { form: 'TS 32.435', vendor: 'v', parts: 1 };
  const text = pmFile([7]);
  expect(await upload(text)).toEqual({
    status: 200,
    body: { ...found, source: 'gnb-1', samples: 1, repeated: 0, bytes: text.length },
  });
  expect(await samplesOf('gnb-1')).toEqual([CELL]);
  expect((await upload(gzipSync(text), '?source=hand&name=A.xml.gz')).body).toMatchObject({
    source: 'hand',
    samples: 1,
  });
  expect((await upload(text)).body).toMatchObject({ samples: 0, repeated: 1 });
  expect(await upload('<a/>', '?source=hand')).toMatchObject({ status: 422, body: { code: 'RL_UNPROCESSABLE' } });
  expect(await upload('<a', '?source=hand')).toMatchObject({ status: 400, body: { code: 'RL_MALFORMED' } });
  expect(await upload('')).toMatchObject({ status: 400, body: { code: 'RL_MALFORMED' } });
  expect(await upload(text, '?name=..%2fA')).toMatchObject({ status: 400, body: { code: 'RL_INVALID' } });
  expect(await upload(text, '?sorce=a')).toMatchObject({ status: 400, body: { fields: [{ path: '/sorce' }] } });
  expect(await upload(Buffer.alloc(100_001))).toMatchObject({ status: 413, body: { code: 'RL_TOO_LARGE' } });
  expect(await upload(text, '', {})).toMatchObject({ status: 401 });
});

test('a file of many groups is stored whole; with a fault in its last line nothing of it is', async () => {
  const grouped = await rigWith({}, { groupSamples: 100 });
  const text = pmFile(Array.from({ length: 1_050 }, (_, index) => index));
  const url = await http((request, reply) =>
    reply.end(request.url === '/good' ? text : text.replace('>1049<', '><x></r><')),
  );
  await announce('good', `${url}/good`, grouped);
  await announce('bad', `${url}/bad`, grouped);
  expect(await settled(grouped, 'good')).toMatchObject([{ state: 'stored', samples: 1_050 }]);
  expect((await settled(grouped, 'bad'))[0]?.reason).toMatch(/^RL_MALFORMED: line 1056, column \d+/);
  expect(await samplesOf('good', grouped)).toHaveLength(1_050);
  expect(await samplesOf('bad', grouped)).toEqual([]);
});
