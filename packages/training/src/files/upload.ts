import { Readable } from 'node:stream';
import type { Multipart, MultipartFile } from '@fastify/multipart';
import { RanloopError } from '@ranloop/contracts/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FileRoutes } from './http.ts';
import { cleanKey, storeFault } from './keys.ts';

/** Each part is one file; the part's name is the path, and the answer lists the paths. */
export async function upload(
  request: FastifyRequest,
  reply: FastifyReply,
  { blobs, onBytes }: FileRoutes,
): Promise<FastifyReply> {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity')
    throw new RanloopError('RL_UNSUPPORTED', 'send the form without a content-encoding');
  const saved: string[] = [];
  for await (const part of partsOf(request)) {
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

/** The parser's own errors say nothing of whose fault they are: it is the form's. */
function broken(error: unknown): never {
  if (error instanceof RanloopError || (error as { statusCode?: number }).statusCode !== undefined) throw error;
  throw new RanloopError('RL_MALFORMED', `the form cannot be read: ${(error as Error).message}`, { cause: error });
}

async function* partsOf(request: FastifyRequest): AsyncGenerator<Multipart> {
  try {
    yield* request.parts();
  } catch (error) {
    broken(error);
  }
}

/** A file that was cut at the limit ends like any other: it must fail before the store takes it for complete. */
async function* wholeOf(file: MultipartFile['file']): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of file) yield chunk as Buffer;
  } catch (error) {
    broken(error);
  }
  if (file.truncated) throw new RanloopError('RL_TOO_LARGE', 'the file is larger than this server takes');
}
