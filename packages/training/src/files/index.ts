import type { Authenticator } from '@ranloop/kit/auth';
import type { BlobStore } from '@ranloop/kit/blobs';
import type { Service } from '@ranloop/kit/lifecycle';
import type { Log } from '@ranloop/kit/log';
import type { Metrics } from '@ranloop/kit/metrics';
import type { FastifyInstance } from 'fastify';
import type { FilesConfig } from './config.ts';
import { serveFiles } from './http.ts';
import { createRemoval, type FileRemoval } from './removal.ts';

export { type FilesConfig, filesConfig } from './config.ts';
export type { FileRemoval } from './removal.ts';
export { type S3Config, s3Address, s3Config } from './s3/config.ts';
export { createS3Blobs } from './s3/store.ts';

export interface FilesDeps {
  readonly http: FastifyInstance;
  readonly auth: Authenticator;
  readonly blobs: BlobStore;
  readonly log: Log;
  readonly metrics: Metrics;
}

export interface Files extends Service {
  readonly removal: FileRemoval;
}

/** The file server of ClearML on one HTTP host, for artifacts, models and debug images. */
export function createFiles(config: FilesConfig, { http, auth, blobs, metrics }: FilesDeps): Files {
  const bytes = metrics.counter('files_bytes_total', 'Bytes of files by direction', ['direction']);
  const onBytes = (direction: 'in' | 'out', count: number) => bytes.inc({ direction }, count);
  http.register((scope) => serveFiles(scope, config, { auth, blobs, onBytes }));
  return {
    removal: createRemoval(config.addresses, blobs),
    async start() {
      // A host gives a request two minutes; a model over a slow line takes longer.
      http.server.requestTimeout = config.uploadSeconds * 1000;
    },
    async stop() {},
  };
}
