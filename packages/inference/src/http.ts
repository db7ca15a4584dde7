import { asRanloopError, RanloopError } from '@ranloop/contracts/errors';
import {
  JSON_LENGTH_HEADER,
  LoadRequest,
  ModelName,
  RepositoryIndexRequest,
  type ServerMetadata,
} from '@ranloop/contracts/inference';
import { checker } from '@ranloop/contracts/schema';
import type { Authenticator } from '@ranloop/kit/auth';
import { requireIdentity } from '@ranloop/kit/http';
import type { FastifyError, FastifyInstance, FastifyRequest } from 'fastify';
import { infer, readJson } from './infer.ts';
import type { Instruments } from './instruments.ts';
import type { ServedModel } from './model.ts';
import { predict } from './predict.ts';
import type { Repository } from './repository.ts';

export interface HttpParts {
  readonly repository: Repository;
  readonly instruments: Instruments;
  readonly auth: Authenticator;
  readonly limits: { readonly maxRequestBytes: number; readonly maxOutputElements: number };
  readonly isReady: () => boolean;
}

const SERVER: ServerMetadata = {
  name: 'ranloop-inference',
  version: '0.1.0',
  extensions: ['binary_tensor_data', 'model_repository'],
};

const checkName = checker(ModelName);
const checkLoad = checker(LoadRequest);
const checkIndex = checker(RepositoryIndexRequest);

type ModelParams = { Params: { model: string; version?: string } };

export async function registerInference(app: FastifyInstance, parts: HttpParts): Promise<void> {
  await app.register(async (scope) => v2(dialect(scope, parts), parts), { prefix: '/v2' });
  await app.register(async (scope) => v1(dialect(scope, parts), parts), { prefix: '/v1' });
}

/** The body stays bytes, and every refusal is `{"error": text}`, also for addresses that do not exist. */
function dialect(scope: FastifyInstance, { instruments }: HttpParts): FastifyInstance {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  scope.setErrorHandler((thrown: FastifyError, request, reply) => {
    const status = thrown.statusCode ?? 0;
    const error =
      thrown instanceof RanloopError
        ? thrown
        : status === 413
          ? new RanloopError('RL_TOO_LARGE', thrown.message)
          : status >= 400 && status < 500
            ? new RanloopError('RL_MALFORMED', thrown.message)
            : asRanloopError(thrown);
    if (error.status >= 500) request.log.error({ err: thrown }, 'request failed');
    instruments.refused(error.code);
    return reply.code(httpStatus(error)).send({ error: error.message });
  });
  scope.setNotFoundHandler((request, reply) =>
    reply.code(404).send({ error: `no route ${request.method} ${request.url.split('?')[0]}` }),
  );
  return scope;
}

/** The protocol knows 400 for whatever the caller can mend, and 404. */
function httpStatus(error: RanloopError): number {
  return error.code === 'RL_UNPROCESSABLE' || error.code === 'RL_UNSUPPORTED' ? 400 : error.status;
}

function v2(scope: FastifyInstance, parts: HttpParts): void {
  const { repository, instruments, limits } = parts;
  scope.get('/', () => SERVER);
  scope.get('/health/live', () => ({ live: true }));
  scope.get('/health/ready', (_request, reply) => {
    const ready = parts.isReady();
    return reply.code(ready ? 200 : 400).send({ ready });
  });
  for (const at of ['/models/:model', '/models/:model/versions/:version']) {
    scope.get<ModelParams>(at, ({ params }) => repository.serving(params.model, params.version).metadata);
    scope.get<ModelParams>(`${at}/ready`, ({ params }, reply) => {
      const ready = repository.isReady(params.model, params.version);
      return reply.code(ready ? 200 : 400).send({ name: params.model, ready });
    });
    scope.post<ModelParams>(`${at}/infer`, { bodyLimit: limits.maxRequestBytes }, async (request, reply) => {
      const model = repository.serving(request.params.model, request.params.version);
      const answer = await instruments.measure(model, () =>
        infer(model, { bytes: bodyOf(request), jsonLength: jsonLengthOf(request) }, limits),
      );
      if (answer.jsonLength === undefined) return reply.type('application/json').send(answer.body);
      return reply
        .header(JSON_LENGTH_HEADER, String(answer.jsonLength))
        .type('application/octet-stream')
        .send(answer.body);
    });
  }
  scope.register(async (guarded) => repositoryRoutes(guarded, parts), { prefix: '/repository' });
}

function repositoryRoutes(scope: FastifyInstance, { repository, auth }: HttpParts): void {
  requireIdentity(scope, auth);
  scope.post('/index', (request) => {
    const { ready } = checkIndex(jsonOrEmpty(request), 'request');
    return repository.list().filter(({ state }) => ready !== true || state === 'READY');
  });
  scope.post<ModelParams>('/models/:model/load', async (request) => {
    const name = checkName(request.params.model, 'model name');
    const { parameters = {} } = checkLoad(jsonOrEmpty(request), 'request');
    return repository.load(name, parameters);
  });
  scope.post<ModelParams>('/models/:model/unload', async (request) => {
    await repository.unload(checkName(request.params.model, 'model name'));
    return {};
  });
}

/** `/v1/models/{model}` and `/v1/models/{model}[/versions/{version}]:predict`; a colon ends the name, so it is read by hand. */
function v1(scope: FastifyInstance, { repository, instruments, limits }: HttpParts): void {
  scope.get('/models', () => ({
    models: repository
      .list()
      .filter(({ state }) => state === 'READY')
      .map(({ name }) => name),
  }));
  scope.get<{ Params: { model: string } }>('/models/:model', ({ params }, reply) => {
    const ready = repository.isReady(params.model);
    return reply.code(ready ? 200 : 400).send({ name: params.model, ready });
  });
  scope.post<{ Params: { '*': string } }>(
    '/models/*',
    { bodyLimit: limits.maxRequestBytes },
    async (request, reply) => {
      const found = /^([^/:]+)(?:\/versions\/([^/:]+))?:predict$/.exec(request.params['*']);
      if (!found?.[1]) return reply.callNotFound();
      const model: ServedModel = repository.serving(found[1], found[2]);
      const text = await instruments.measure(model, () => predict(model, bodyOf(request)));
      return reply.type('application/json').send(text);
    },
  );
}

function bodyOf(request: FastifyRequest): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
}

function jsonOrEmpty(request: FastifyRequest): unknown {
  const body = bodyOf(request);
  return body.length === 0 ? {} : readJson(body);
}

function jsonLengthOf(request: FastifyRequest): number | undefined {
  const header = request.headers[JSON_LENGTH_HEADER];
  if (header === undefined) return undefined;
  if (typeof header !== 'string' || !/^\d{1,10}$/.test(header))
    throw new RanloopError('RL_INVALID', 'Inference-Header-Content-Length must be a whole number');
  return Number(header);
}
