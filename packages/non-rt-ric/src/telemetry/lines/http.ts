import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { gunzip } from 'node:zlib';
import { asRanloopError, RanloopError } from '@ranloop/contracts/errors';
import type { RefusedEvent } from '@ranloop/contracts/r1';
import type { Authenticator } from '@ranloop/kit/auth';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AcceptRules, Admission } from '../collector/index.ts';
import type { AcceptedEvent, Point, TimeUnit } from '../model.ts';
import type { Writer } from '../writer.ts';
import { parseLine, splitLines } from './parse.ts';
import { PRECISIONS, pointsOf } from './points.ts';

export interface LinesDeps {
  readonly auth: Authenticator;
  readonly admission: Admission;
  readonly writer: Writer;
  readonly rules: AcceptRules;
  readonly onRefused: (refused: RefusedEvent) => void;
}

const MOST_BODY = 8 * 1024 * 1024;
const MOST_INFLATED = 32 * 1024 * 1024;
/** Problems that one answer names. */
const MOST_TOLD = 5;

type Query = Readonly<Record<string, string | undefined>>;

/**
 * What writes to InfluxDB can write here: `POST /write` of 1.x and `POST /api/v2/write` of 2.x and 3.x, plain or gzip.
 * As there, the lines that can be read are stored even when others cannot; the answer is then 400 and names those. A 204
 * means: committed. The same body again is stored once.
 */
export function registerLines(app: FastifyInstance, deps: LinesDeps): void {
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      '*',
      { parseAs: 'buffer', bodyLimit: MOST_BODY },
      async (_request: unknown, body: Buffer) => body,
    );
    scope.addHook('onRequest', async (request, reply) => {
      if (request.method === 'POST' && !(await deps.auth.identify(credentials(request)))) {
        reply.header('www-authenticate', 'Basic realm="ranloop"');
        throw new RanloopError(
          'RL_UNAUTHENTICATED',
          'send Authorization: Token <key>:<secret>, Basic, or ?u=<key>&p=<secret>',
        );
      }
    });
    deps.admission.guard(scope);
    scope.setErrorHandler((error: Failure, request, reply) => {
      // The admission answers in the words of VES.
      const busy = error.id === 'SVC1000' ? new RanloopError('RL_BUSY', 'too much is under way; send it again') : error;
      const { status, message } = known(busy);
      if (status === 503) reply.header('retry-after', '1');
      return answer(reply, status, { message, v2: request.url.startsWith('/api/v2') });
    });
    scope.get('/ping', async (_request, reply) => reply.code(204).header('x-influxdb-version', '1.8-ranloop').send());
    scope.post('/write', write);
    scope.post('/api/v2/write', write);
    // Writers of 1.x make their database first.
    scope.post('/query', async (request, reply) => {
      const form = new URLSearchParams(Buffer.isBuffer(request.body) ? request.body.toString('utf8') : '');
      const asked = (request.query as Query)['q'] ?? form.get('q') ?? '';
      if (/^\s*create\s+database\b/i.test(asked)) return { results: [{ statement_id: 0 }] };
      return answer(reply, 400, {
        message: 'only CREATE DATABASE is answered here; ask /r1/telemetry/v1/query',
        v2: false,
      });
    });
  });

  async function write(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const v2 = request.url.startsWith('/api/v2');
    const name = (request.query as Query)['precision'] ?? 'ns';
    if (!Object.hasOwn(PRECISIONS, name))
      throw new RanloopError(
        'RL_INVALID',
        `precision "${name.slice(0, 16)}" is none of ${Object.keys(PRECISIONS).join(', ')}`,
      );
    const body = await textOf(request);
    const { earliest, mostAhead, identities } = deps.rules;
    const now = deps.rules.now();
    const precision = PRECISIONS[name as keyof typeof PRECISIONS];
    const rules = { identities, precision, now, earliest, latest: now + mostAhead };
    const points: Point[] = [];
    const problems: { number: number; problem: string; text: string }[] = [];
    for (const { number, text } of splitLines(body)) {
      try {
        points.push(...pointsOf(parseLine(text), rules));
      } catch (error) {
        problems.push({ number, problem: asRanloopError(error).message, text });
      }
    }
    await deps.writer.submit(eventsOf(points, body, precision.unit));
    if (problems.length === 0) return reply.code(204).send();
    for (const { problem, text } of problems.slice(0, MOST_TOLD))
      deps.onRefused({ time: now, source: '', domain: 'line-protocol', eventId: '', reason: problem, body: text });
    const told = problems.slice(0, MOST_TOLD).map(({ number, problem }) => `line ${number}: ${problem}`);
    const more = problems.length > MOST_TOLD ? `; and ${problems.length - MOST_TOLD} further lines` : '';
    return answer(reply, 400, { message: `partial write: ${told.join('; ')}${more} dropped=${problems.length}`, v2 });
  }
}

/** One event for each source: equal bodies make equal events, so what is sent again is stored once. */
function eventsOf(points: readonly Point[], body: string, timeUnit: TimeUnit): AcceptedEvent[] {
  const digest = createHash('md5').update(body).digest('hex');
  const bySource = new Map<string, Point[]>();
  for (const point of points) {
    const own = bySource.get(point.series.source) ?? [];
    if (own.length === 0) bySource.set(point.series.source, own);
    own.push(point);
  }
  return [...bySource].map(([source, own]) => {
    const time = own.reduce((latest, point) => Math.max(latest, point.time), 0);
    // Lines without a time get the server's, so their repetition is another event.
    const identity = createHash('md5').update(`${source}\0${digest}\0${time}`).digest('hex');
    return {
      source,
      eventId: `lines-${digest}`,
      domain: 'line-protocol',
      time,
      timeUnit,
      identity,
      points: own,
      body: undefined,
    };
  });
}

/** InfluxDB's ways to say who one is, as the headers that the authenticator reads. */
function credentials(request: FastifyRequest) {
  const { u, p } = request.query as Query;
  const { authorization = '' } = request.headers;
  const basic = (pair: string) => ({
    ...request.headers,
    authorization: `Basic ${Buffer.from(pair).toString('base64')}`,
  });
  if (u !== undefined) return basic(`${u}:${p ?? ''}`);
  const [, token] = /^Token\s+(\S+)$/i.exec(authorization) ?? [];
  if (token === undefined) return request.headers;
  return token.includes(':') ? basic(token) : { ...request.headers, authorization: `Bearer ${token}` };
}

async function textOf(request: FastifyRequest): Promise<string> {
  const sent = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'gzip' && encoding !== 'identity')
    throw new RanloopError(
      'RL_UNSUPPORTED',
      `Content-Encoding ${encoding.slice(0, 32)} is not read; send gzip or plain text`,
    );
  const bytes = encoding === 'gzip' ? await inflated(sent) : sent;
  if (!isUtf8(bytes)) throw new RanloopError('RL_MALFORMED', 'the body is not UTF-8');
  if (bytes.includes(0)) throw new RanloopError('RL_MALFORMED', 'the body holds a NUL');
  return bytes.toString('utf8');
}

function inflated(bytes: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    gunzip(bytes, { maxOutputLength: MOST_INFLATED }, (error, result) => {
      if (!error) return resolve(result);
      const large = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
      if (large) return reject(new RanloopError('RL_TOO_LARGE', `the body has more than ${MOST_INFLATED} bytes`));
      reject(new RanloopError('RL_MALFORMED', `the body is not gzip: ${error.message}`));
    });
  });
}

/** What is thrown: Fastify's errors have a status, refusals of VES an id. */
type Failure = Error & { readonly statusCode?: number; readonly id?: string };

function known(error: Failure): { status: number; message: string } {
  if (!(error instanceof RanloopError) && error.statusCode !== undefined && error.statusCode < 500)
    return { status: error.statusCode, message: error.message };
  const { status, message } = asRanloopError(error);
  return { status, message };
}

const V2_CODES: Readonly<Record<number, string>> = {
  400: 'invalid',
  401: 'unauthorized',
  413: 'request too large',
  415: 'invalid',
  503: 'unavailable',
};

function answer(reply: FastifyReply, status: number, { message, v2 }: { message: string; v2: boolean }): FastifyReply {
  reply.code(status).type('application/json');
  return v2 ? reply.send({ code: V2_CODES[status] ?? 'internal error', message }) : reply.send({ error: message });
}
