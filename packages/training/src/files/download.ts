import { RanloopError } from '@ranloop/contracts/errors';
import type { BlobStore, OpenBlob } from '@ranloop/kit/blobs';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { precondition, rangeCounts } from './conditional.ts';
import { contentHeaders } from './content.ts';
import type { FileRoutes } from './http.ts';
import { keysOf, storeFault } from './keys.ts';
import { parseRange } from './range.ts';

/** The path of the request's URL as it was sent: what it means is decided by what is there. */
export function pathOf(request: FastifyRequest): string {
  const url = request.raw.url ?? '';
  // A request through a proxy names the host as well (RFC 9112, 3.2.2).
  return (url.startsWith('/') ? url : url.replace(/^[a-z]+:\/\/[^/?#]*/i, '')).replace(/[?#].*$/s, '');
}

export function notFound(path: string): RanloopError {
  return new RanloopError('RL_NOT_FOUND', `there is no file "${path.slice(0, 200)}"`);
}

async function find(blobs: BlobStore, path: string): Promise<{ key: string; blob: OpenBlob }> {
  for (const key of keysOf(path)) {
    const blob = await blobs.open(key).catch(storeFault);
    if (blob) return { key, blob };
  }
  throw notFound(path);
}

export async function download(
  request: FastifyRequest,
  reply: FastifyReply,
  { blobs, onBytes }: FileRoutes,
): Promise<FastifyReply> {
  const { key, blob } = await find(blobs, pathOf(request));
  const length = describe(request, reply, { key, blob });
  if (length === undefined || request.method === 'HEAD' || blob.bytes === 0) {
    await blob.close();
    return reply.send(request.method === 'HEAD' || reply.statusCode === 304 ? undefined : '');
  }
  onBytes('out', length.bytes);
  return reply.send(await blob.read(length.range));
}

interface Found {
  readonly key: string;
  readonly blob: OpenBlob;
}

/** Sets status and headers; undefined when the answer has no content of the file. */
function describe(request: FastifyRequest, reply: FastifyReply, { key, blob }: Found) {
  const { headers, method } = request;
  const validators = { etag: `"${blob.version}"`, modified: blob.modified };
  reply.header('etag', validators.etag).header('last-modified', blob.modified.toUTCString());
  const condition = precondition(headers, validators);
  if (condition !== 'go on') {
    reply.code(condition).header('cache-control', 'no-cache');
    return undefined;
  }
  const counts = method === 'GET' && rangeCounts(headers['if-range'], validators);
  const range = counts ? parseRange(headers.range, blob.bytes) : 'whole';
  if (range === 'outside') {
    reply.code(416).header('content-range', `bytes */${blob.bytes}`).type('text/plain');
    return undefined;
  }
  const { download: asked } = request.query as Record<string, unknown>;
  reply.headers(contentHeaders(key, asked !== undefined));
  const bytes = range === 'whole' ? blob.bytes : range.end - range.start + 1;
  reply.header('content-length', bytes);
  if (range === 'whole') return { bytes };
  reply.code(206).header('content-range', `bytes ${range.start}-${range.end}/${blob.bytes}`);
  return { bytes, range };
}
