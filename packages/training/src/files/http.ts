import multipart from '@fastify/multipart';
import { RanloopError } from '@ranloop/contracts/errors';
import type { Authenticator } from '@ranloop/kit/auth';
import type { BlobStore } from '@ranloop/kit/blobs';
import { requireIdentity } from '@ranloop/kit/http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { FilesConfig } from './config.ts';
import { deleteMany } from './delete-many.ts';
import { download, notFound, pathOf } from './download.ts';
import { keysOf, storeFault } from './keys.ts';
import { upload } from './upload.ts';

export interface FileRoutes {
  readonly auth: Authenticator;
  readonly blobs: BlobStore;
  readonly onBytes: (direction: 'in' | 'out', bytes: number) => void;
}

const MOST_PARTS = 10_000;
const LONGEST_NAME = 8_192;
/** Bytes of a list of files to delete: it is held in memory, unlike an upload. */
const LONGEST_LIST = 67_108_864;

export async function serveFiles(scope: FastifyInstance, config: FilesConfig, routes: FileRoutes): Promise<void> {
  serveAnyOrigin(scope);
  scope.get('/', async (request, reply) => {
    // Health checks come without credentials; wrong ones are worth telling.
    const wrong = config.auth && request.headers.authorization && !(await routes.auth.identify(request.headers));
    if (wrong) throw new RanloopError('RL_UNAUTHENTICATED', 'these credentials are not known here');
    return reply.type('text/plain').send('OK');
  });
  await scope.register(async (inner) => {
    if (config.auth) requireIdentity(inner, routes.auth);
    await inner.register(multipart, {
      preservePath: true,
      limits: {
        fieldNameSize: LONGEST_NAME,
        fileSize: config.largestFile,
        files: MOST_PARTS,
        parts: MOST_PARTS,
        fields: 100,
      },
    });
    inner.post('/', (request, reply) => upload(request, reply, routes));
    inner.route({
      method: ['GET', 'HEAD'],
      url: '/*',
      handler: (request, reply) => download(request, reply, routes),
    });
    inner.delete('/*', (request, reply) => remove(request, reply, routes.blobs));
    await inner.register(async (lists) => {
      // Clients differ in the content type that they give their JSON.
      lists.removeContentTypeParser('text/plain');
      lists.addContentTypeParser('*', { parseAs: 'string' }, lists.getDefaultJsonParser('error', 'error'));
      lists.post<{ Body: unknown }>('/delete_many', { bodyLimit: LONGEST_LIST }, ({ body }) =>
        deleteMany(routes.blobs, body),
      );
    });
  });
}

/** Pages of any origin may read what their user's token opens; credentials are never sent along by themselves. */
function serveAnyOrigin(scope: FastifyInstance): void {
  scope.addHook('onSend', async (_request, reply) => {
    reply.header('access-control-allow-origin', '*');
    reply.header(
      'access-control-expose-headers',
      'accept-ranges, content-disposition, content-length, content-range, etag, last-modified',
    );
  });
  scope.options('/*', async (request, reply) => {
    const asked = request.headers['access-control-request-headers'] ?? '';
    const allowed = /^[\w\-, ]{1,1000}$/.test(asked) ? asked : 'authorization, content-type, range';
    return reply
      .header('access-control-allow-methods', 'GET, HEAD, POST, DELETE, OPTIONS')
      .header('access-control-allow-headers', allowed)
      .header('access-control-max-age', '600')
      .code(204)
      .send();
  });
}

async function remove(request: FastifyRequest, reply: FastifyReply, blobs: BlobStore): Promise<FastifyReply> {
  const path = pathOf(request);
  for (const key of keysOf(path))
    if (await blobs.remove(key).catch(storeFault)) return reply.type('application/json').send(JSON.stringify(key));
  throw notFound(path);
}
