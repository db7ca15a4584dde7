import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type BlobStore, createFolderBlobs } from '@ranloop/kit/blobs';
import { parseConfig } from '@ranloop/kit/config';
import { createS3Blobs, s3Config } from '../index.ts';
import { findS3Server, startS3Server } from './s3-server.ts';

export interface TestStore {
  readonly blobs: BlobStore;
  /** The folder in which a store on this machine's disk keeps its files. */
  readonly root?: string;
  stop(): Promise<void>;
}

export interface StoreKind {
  readonly name: string;
  /** Why it cannot be had here. */
  readonly missing?: string;
  open(): Promise<TestStore>;
}

/** Every kind of store that the file server can be given. */
export function storeKinds(): StoreKind[] {
  const program = findS3Server();
  const missing = program === undefined ? { missing: 'neither moto_server nor gofakes3 is on the path' } : {};
  return [
    { name: 'a folder', open: openFolder },
    { name: 'S3', ...missing, open: () => openS3(program ?? '') },
  ];
}

async function openFolder(): Promise<TestStore> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ranloop-files-'));
  const root = path.join(folder, 'root');
  return { blobs: createFolderBlobs(root), root, stop: () => rm(folder, { recursive: true, force: true }) };
}

async function openS3(program: string): Promise<TestStore> {
  const server = await startS3Server(program, 'test-bucket');
  const given = {
    bucket: 'test-bucket',
    prefix: 'some/where',
    endpoint: server.endpoint,
    pathStyle: true,
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
  };
  const blobs = createS3Blobs(parseConfig(s3Config, given, 'files'));
  await blobs.start();
  const stop = async () => {
    await blobs.stop();
    await server.stop();
  };
  return { blobs, stop };
}
