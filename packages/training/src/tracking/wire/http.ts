import type { IncomingHttpHeaders } from 'node:http';
import type { Authenticator, Identity } from '@ranloop/kit/auth';
import type { Log } from '@ranloop/kit/log';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { newId } from '../store/ids.ts';
import { authenticate, GUEST } from './authenticate.ts';
import type { Call, Endpoint, Registry } from './endpoint.ts';
import { type EnvelopeHead, envelope } from './envelope.ts';
import { ApiError, asApiError } from './errors.ts';
import { stringifyJson } from './json.ts';
import { bodyItems, bodyObject, withFields, withoutNulls } from './parameters.ts';
import { type CallPath, parsePath, parseVersion, type Version } from './path.ts';
import { RawAnswer } from './raw.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
const NEWEST: Version = parseVersion('2.34');
const CALL = Symbol('call');

interface Prepared {
  readonly head: EnvelopeHead;
  readonly endpoint: Endpoint;
  readonly identity: Identity;
}
type Request = FastifyRequest & { [CALL]?: Prepared };

export interface DispatchDeps {
  readonly registry: Registry;
  readonly auth: Authenticator;
  readonly log: Log;
  readonly bodyLimit: number;
  /** Says under which identity a caller's call runs; throws when there is none. */
  readonly admit: (identity: Identity, caller: { headers: IncomingHttpHeaders; from: string }) => Promise<Identity>;
}

/** Adds the API to a scope of its own: one wildcard route, any method, any content type. */
export function serveApi(scope: FastifyInstance, deps: DispatchDeps): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: deps.bodyLimit }, (_request, body, done) =>
    done(null, body),
  );
  scope.setErrorHandler((thrown, request: Request, reply) => {
    const error = statusOf(thrown) === 413 ? new ApiError('tooLarge') : asApiError(thrown);
    if (error.code >= 500) deps.log.error({ err: thrown, url: request.url.split('?')[0] }, 'call failed');
    const head = request[CALL]?.head ?? headOf(request, undefined, undefined);
    return answer(reply, error.code, stringifyJson(envelope(head, { error })));
  });
  scope.route({
    method: [...METHODS],
    url: '/*',
    bodyLimit: deps.bodyLimit,
    // Credentials are checked before the body is read: strangers cannot make us hold 50 MB.
    onRequest: async (request: Request, reply) => {
      // ClearML's SDK forks a process that reports, and both go on to write into the connections that were open. The
      // original server closes each connection behind its answer, so the SDK never notices; neither may it here.
      if (header(request, 'x-clearml-client') ?? header(request, 'x-trains-client'))
        reply.header('connection', 'close');
      request[CALL] = await prepare(request, deps);
    },
    handler: (request: Request, reply) => run(request, reply),
  });
  scope.options('/*', async (_request, reply) => reply.code(200).send());
}

async function prepare(request: FastifyRequest, deps: DispatchDeps): Promise<Prepared> {
  const path = parsePath(request.url.split('?')[0] ?? '');
  // Until the endpoint is known the answer still names the path.
  (request as Request)[CALL] = { head: headOf(request, path, undefined) } as Prepared;
  const endpoint = deps.registry.find(path);
  const head = headOf(request, path, endpoint.since);
  (request as Request)[CALL] = { head } as Prepared;
  if (request.headers['content-encoding']) throw new ApiError('unsupportedEncoding');
  const caller = await authenticate(request.headers, deps.auth, endpoint.open);
  const admitted = deps.admit(caller, { headers: request.headers, from: workerOf(request) ?? request.ip });
  // What needs no credentials is served to whoever comes with bad ones, too.
  const identity = await (endpoint.open ? admitted.catch(() => GUEST) : admitted);
  return { head, endpoint, identity };
}

async function run(request: Request, reply: FastifyReply): Promise<FastifyReply> {
  const prepared = request[CALL];
  if (!prepared) throw new ApiError('general');
  const { endpoint, identity, head } = prepared;
  const body = request.body as Buffer | undefined;
  const { nulls, ...given } = input(endpoint, request, body);
  const call: Call = {
    identity,
    version: head.path?.version ?? NEWEST,
    worker: workerOf(request) ?? '',
    ip: request.ip,
    headers: request.headers,
    setHeader: (name, value) => void reply.header(name, value),
    ifUnsent: (undo) => ifUnsent(reply, undo),
    nulls,
  };
  const data = await endpoint.run(given, call);
  if (data instanceof RawAnswer) return reply.code(200).headers(data.headers).send(data.body);
  return answer(reply, 200, stringifyJson(envelope(head, { data })));
}

function input(endpoint: Endpoint, request: FastifyRequest, body: Buffer | undefined) {
  if (endpoint.batch) return { batch: bodyItems(body).map(withoutNulls), nulls: [] };
  const fields = new URLSearchParams(request.url.split('?').slice(1).join('?'));
  const form = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
  if (form && !/^\s*\{/.test(body?.subarray(0, 64).toString('utf8') ?? ''))
    for (const [key, value] of new URLSearchParams(body?.toString('utf8'))) fields.append(key, value);
  const object = form && !/^\s*\{/.test(body?.subarray(0, 64).toString('utf8') ?? '') ? {} : bodyObject(body);
  const one = fields.size > 0 ? withFields(object, fields) : object;
  return { one: withoutNulls(one), nulls: Object.keys(one).filter((key) => one[key] === null) };
}

function ifUnsent({ raw }: FastifyReply, undo: () => void): void {
  const closed = () => {
    if (!raw.writableFinished) undo();
  };
  if (raw.closed) closed();
  else raw.once('close', closed);
}

function workerOf(request: FastifyRequest): string | undefined {
  return header(request, 'x-clearml-worker') ?? header(request, 'x-trains-worker');
}

function headOf(request: FastifyRequest, path: CallPath | undefined, actual: Version | undefined): EnvelopeHead {
  const trx = header(request, 'x-clearml-trx') ?? header(request, 'x-trains-trx');
  return { id: newId(), trx: trx?.slice(0, 200), path, actual };
}

function header(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function answer(reply: FastifyReply, code: number, text: string): FastifyReply {
  return reply.code(code).type('application/json; charset=utf-8').send(text);
}

function statusOf(thrown: unknown): number | undefined {
  return (thrown as { statusCode?: number }).statusCode;
}
