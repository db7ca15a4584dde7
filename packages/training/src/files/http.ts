import { Readable } from 'node:stream';
import multipart, { type MultipartFile } from '@fastify/multipart';
import { RanloopError } from '@ranloop/contracts/errors';
import type { Authenticator } from '@ranloop/kit/auth';
import type { BlobStore } from '@ranloop/kit/blobs';
import { requireIdentity } from '@ranloop/kit/http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { FilesConfig } from './config.ts';
import { contentHeaders } from './content.ts';
import { deleteMany } from './delete-many.ts';
import { cleanKey, storeFault } from './keys.ts';
import { parseRange } from './range.ts';

export interface FileRoutes {
  readonly auth: Authenticator;
  readonly blobs: BlobStore;
  readonly onBytes: (direction: 'in' | 'out', bytes: number) => void;
}

const MOST_PARTS = 10_000;
const LONGEST_NAME = 8_192;

export async function serveFiles(scope: FastifyInstance, config: FilesConfig, routes: FileRoutes): Promise<void> {
  scope.addHook('onSend', async (_request, reply) => void reply.header('access-control-allow-origin', '*'));
  scope.options('/*', async (_request, reply) =>
    reply
      .header('access-control-allow-methods', 'GET, HEAD, POST, DELETE')
      .header('access-control-allow-headers', 'authorization, content-type, range')
      .code(204)
      .send(),
  );
  await scope.register(async (inner) => {
    requireIdentity(inner, routes.auth);
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
    inner.get('/', async (_request, reply) => reply.type('text/plain').send('OK'));
    inner.post('/', (request, reply) => upload(request, reply, routes));
    inner.post<{ Body: unknown }>('/delete_many', async ({ body }) => deleteMany(routes.blobs, body));
    inner.route({
      method: ['GET', 'HEAD'],
      url: '/*',
      handler: (request, reply) => download(request, reply, routes),
    });
    inner.delete('/*', async (request, reply) => {
      const key = pathOf(request);
      if (!(await routes.blobs.remove(key).catch(storeFault))) throw notFound(key);
      return reply.type('application/json').send(JSON.stringify(key));
    });
  });
}

function pathOf(request: FastifyRequest): string {
  return cleanKey((request.params as { '*': string })['*']);
}

function notFound(key: string): RanloopError {
  return new RanloopError('RL_NOT_FOUND', `there is no file "${key.slice(0, 200)}"`);
}

/** Each part is one file; the part's name is the path, and the answer lists the paths. */
async function upload(
  request: FastifyRequest,
  reply: FastifyReply,
  { blobs, onBytes }: FileRoutes,
): Promise<FastifyReply> {
  const saved: string[] = [];
  for await (const part of request.parts()) {
    if (part.type !== 'file') continue;
    // Old HTTP libraries write a name that is not ASCII in a form that only the file name is decoded from.
    const key = cleanKey((part.fieldname as string | undefined) || part.filename);
    const { bytes } = await blobs.put(key, Readable.from(wholeOf(part.file))).catch(storeFault);
    onBytes('in', bytes);
    saved.push(key);
  }
  if (saved.length === 0) throw new RanloopError('RL_INVALID', 'the form holds no file');
  return reply.type('application/json').send(JSON.stringify(saved));
}

/** A file that was cut at the limit ends like any other: it must fail before the store takes it for complete. */
async function* wholeOf(file: MultipartFile['file']): AsyncGenerator<Buffer> {
  for await (const chunk of file) yield chunk as Buffer;
  if (file.truncated) throw new RanloopError('RL_TOO_LARGE', 'the file is larger than this server takes');
}

async function download(
  request: FastifyRequest,
  reply: FastifyReply,
  { blobs, onBytes }: FileRoutes,
): Promise<FastifyReply> {
  const key = pathOf(request);
  const found = await blobs.stat(key).catch(storeFault);
  if (!found) throw notFound(key);
  const etag = `"${found.bytes.toString(16)}-${found.modified.getTime().toString(16)}"`;
  const query = request.query as Record<string, unknown>;
  reply.headers(contentHeaders(key, query['download'] !== undefined));
  reply.header('etag', etag).header('last-modified', found.modified.toUTCString());
  if (request.headers['if-none-match'] === etag) return reply.code(304).send();
  const conditional = request.headers['if-range'];
  const range =
    conditional === undefined || conditional === etag ? parseRange(request.headers.range, found.bytes) : 'whole';
  if (range === 'outside') {
    reply.removeHeader('content-disposition');
    return reply.code(416).header('content-range', `bytes */${found.bytes}`).type('text/plain').send('');
  }
  const length = range === 'whole' ? found.bytes : range.end - range.start + 1;
  reply.header('content-length', length);
  if (range !== 'whole') reply.code(206).header('content-range', `bytes ${range.start}-${range.end}/${found.bytes}`);
  if (request.method === 'HEAD') return reply.send();
  onBytes('out', length);
  // An empty file has no last byte to name.
  if (found.bytes === 0) return reply.send('');
  return reply.send(blobs.read(key, range === 'whole' ? { start: 0, end: found.bytes - 1 } : range));
}
