import { access } from 'node:fs/promises';
import httpProxy from '@fastify/http-proxy';
import fastifyStatic from '@fastify/static';
import { RanloopError } from '@ranloop/contracts/errors';
import { dashboardFolder } from '@ranloop/dashboard';
import type { FastifyInstance } from 'fastify';
import type { PortName } from './ports.ts';

const HTML_HEADERS = {
  'content-security-policy':
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

/** Path prefixes of the dashboard's origin, and where each leads; one origin, so one cookie serves every room. */
const PROXIED: readonly { prefix: string; to: PortName; rewrite: string }[] = [
  { prefix: '/api', to: 'api', rewrite: '' },
  { prefix: '/files', to: 'files', rewrite: '' },
  { prefix: '/r1', to: 'r1', rewrite: '/r1' },
  { prefix: '/a1-policy-management', to: 'r1', rewrite: '/a1-policy-management' },
  { prefix: '/ric', to: 'nearRtRic', rewrite: '' },
  { prefix: '/inference', to: 'inference', rewrite: '' },
];

/** Serves the dashboard's files and forwards its calls; unknown paths answer the page, whose router knows them. */
export function serveDashboard(app: FastifyInstance, urls: Readonly<Record<PortName, string>>): void {
  for (const { prefix, to, rewrite } of PROXIED)
    app.register(httpProxy, {
      upstream: urls[to],
      prefix,
      rewritePrefix: rewrite,
      httpMethods: ['DELETE', 'GET', 'HEAD', 'PATCH', 'POST', 'PUT', 'OPTIONS'],
      disableRequestLogging: true,
      replyOptions: { rewriteRequestHeaders: (_request, headers) => ({ ...headers, host: new URL(urls[to]).host }) },
    });
  app.register(async (scope) => {
    await access(dashboardFolder).catch(() => {
      throw new RanloopError('RL_CONFIG', 'the dashboard is not built; start with `npm start`, which builds it');
    });
    await scope.register(fastifyStatic, {
      root: dashboardFolder,
      serve: false,
      cacheControl: false,
      setHeaders: (response, file) => {
        const immutable = file.includes('/assets/');
        response.setHeader('cache-control', immutable ? 'public, max-age=31536000, immutable' : 'no-cache');
        for (const [name, value] of Object.entries(HTML_HEADERS)) response.setHeader(name, value);
      },
    });
    scope.get<{ Params: { '*': string } }>('/*', (request, reply) => {
      const wanted = request.params['*'];
      return reply.sendFile(/\.\w+$/.test(wanted) ? wanted : 'index.html');
    });
  });
}
