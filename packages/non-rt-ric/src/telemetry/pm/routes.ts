import type { Readable } from 'node:stream';
import { R1_TELEMETRY } from '@ranloop/contracts/r1';
import { checker } from '@ranloop/contracts/schema';
import type { Authenticator } from '@ranloop/kit/auth';
import { requireIdentity } from '@ranloop/kit/http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import Type from 'typebox';
import type { PmFiles } from './index.ts';

const checkUpload = checker(
  Type.Object(
    {
      source: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
      name: Type.Optional(Type.String({ minLength: 1, maxLength: 512 })),
    },
    { additionalProperties: false },
  ),
);
const checkList = checker(
  Type.Object(
    {
      source: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
      state: Type.Optional(Type.Enum(['waiting', 'stored', 'refused'])),
      limit: Type.Optional(Type.String({ pattern: '^[1-9][0-9]{0,3}$' })),
    },
    { additionalProperties: false },
  ),
);

/** `GET /pm-files` lists what was announced; `POST /pm-files?source=&name=` stores the file in the body. */
export function registerPmFiles(app: FastifyInstance, auth: Authenticator, files: PmFiles): void {
  app.register(
    async (scope) => {
      requireIdentity(scope, auth);
      // The file goes to the disk as it comes: its length is counted there.
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', async (_request: FastifyRequest, body: Readable) => body);
      scope.get('/pm-files', async (request) => {
        const { limit, ...filter } = checkList(request.query, 'parameters');
        return { files: await files.queue.list({ ...filter, most: Number(limit ?? 100) }) };
      });
      scope.post('/pm-files', async (request) => {
        const { source, name = 'upload.xml' } = checkUpload(request.query, 'parameters');
        return files.upload((request.body as Readable | undefined) ?? request.raw, { source, name });
      });
    },
    { prefix: R1_TELEMETRY },
  );
}
