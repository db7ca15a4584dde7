import { asRanloopError, problemDetails, RanloopError } from '@ranloop/contracts/errors';
import Fastify, { type FastifyBaseLogger, type FastifyError, type FastifyInstance } from 'fastify';
import type { Service } from '../lifecycle/index.ts';
import type { Log } from '../log/index.ts';
import type { Metrics } from '../metrics/index.ts';

export interface HttpHostConfig {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Bytes of a request body; larger ones are refused before they are read. */
  readonly bodyLimit?: number;
  readonly tls?: { readonly key: string; readonly cert: string; readonly ca?: string; readonly requestCert?: boolean };
}

/** One listening port. Rooms add their routes to `app` before `start`. */
export interface HttpHost extends Service {
  readonly app: FastifyInstance;
  /** Known after `start`, so port 0 works. */
  readonly url: string;
}

const DEFAULT_BODY_LIMIT = 1024 * 1024;
const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

export function createHttpHost(config: HttpHostConfig, { log, metrics }: { log: Log; metrics: Metrics }): HttpHost {
  const child: FastifyBaseLogger = log.child(
    { host: config.name },
    { level: log.level === 'silent' ? 'silent' : 'warn' },
  );
  const options = {
    loggerInstance: child,
    bodyLimit: config.bodyLimit ?? DEFAULT_BODY_LIMIT,
    forceCloseConnections: true,
    requestTimeout: 120_000,
    routerOptions: { ignoreTrailingSlash: true },
  };
  const app = (
    config.tls
      ? Fastify({ ...options, https: { ...config.tls, rejectUnauthorized: false, minVersion: 'TLSv1.2' } })
      : Fastify(options)
  ) as FastifyInstance;
  // The ClearML SDK sends its calls as GET with a JSON body.
  app.addHttpMethod('GET', { hasBody: true, overrideExisting: true });
  app.setErrorHandler((error: FastifyError, _request, reply) => {
    const known = fromFastify(error);
    // A client that goes away while a stream or a proxied call is under way is no fault of ours.
    if (known.status >= 500 && !reply.raw.destroyed) reply.log.error({ err: error }, 'request failed');
    return reply.code(known.status).type('application/problem+json').send(problemDetails(known));
  });
  app.setNotFoundHandler((request, reply) => {
    const error = new RanloopError('RL_NOT_FOUND', `no route ${request.method} ${request.url.split('?')[0]}`);
    return reply.code(404).type('application/problem+json').send(problemDetails(error));
  });
  if (LOOPBACK.has(config.host)) app.addHook('onRequest', refuseForeignHost);
  countRequests(app, config.name, metrics);

  let url = '';
  return {
    app,
    get url() {
      return url;
    },
    async start() {
      try {
        await app.listen({ host: config.host, port: config.port });
      } catch (error) {
        throw portError(error, config);
      }
      const address = app.server.address();
      const port = typeof address === 'object' && address ? address.port : config.port;
      url = `${config.tls ? 'https' : 'http'}://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`;
    },
    stop: () => app.close(),
  };
}

/** A page on another site can make a browser call loopback under its own name (DNS rebinding): only loopback names pass. */
async function refuseForeignHost(request: { headers: { host?: string | undefined } }): Promise<void> {
  const host = (request.headers.host ?? '').replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  if (host !== '' && !LOOPBACK.has(host))
    throw new RanloopError(
      'RL_FORBIDDEN',
      `this port serves loopback only; the Host header says "${host.slice(0, 100)}"`,
    );
}

function countRequests(app: FastifyInstance, name: string, metrics: Metrics): void {
  const requests = metrics.counter('http_requests_total', 'Requests by host and status class', ['host', 'status']);
  const seconds = metrics.histogram('http_request_duration_seconds', 'Time to answer by host', { labels: ['host'] });
  app.addHook('onResponse', async (_request, reply) => {
    requests.inc({ host: name, status: `${Math.floor(reply.statusCode / 100)}xx` });
    seconds.observe({ host: name }, reply.elapsedTime / 1000);
  });
}

/** Fastify's own refusals (body too large, broken JSON, schema) in terms of the catalogue. */
function fromFastify(error: FastifyError): RanloopError {
  if (error instanceof RanloopError) return error;
  if (error.validation) {
    const fields = error.validation.map(({ instancePath, params, message }) => {
      const missing = (params as { missingProperty?: string }).missingProperty;
      return { path: missing ? `${instancePath}/${missing}` : instancePath, problem: message ?? 'refused' };
    });
    return new RanloopError('RL_INVALID', error.message, { fields });
  }
  if (error.statusCode === 413) return new RanloopError('RL_TOO_LARGE', error.message);
  if (error.statusCode === 415) return new RanloopError('RL_UNSUPPORTED', error.message);
  if (error.statusCode !== undefined && error.statusCode < 500) return new RanloopError('RL_MALFORMED', error.message);
  return asRanloopError(error);
}

function portError(error: unknown, config: HttpHostConfig): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'EADDRINUSE')
    return new RanloopError(
      'RL_CONFIG',
      `port ${config.port} (${config.name}) is taken; choose others with --port-base`,
    );
  if (code === 'EACCES') return new RanloopError('RL_CONFIG', `port ${config.port} (${config.name}) needs more rights`);
  return error;
}
