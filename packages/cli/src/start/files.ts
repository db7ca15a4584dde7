import { hostname, networkInterfaces } from 'node:os';
import path from 'node:path';
import { RanloopError } from '@ranloop/contracts/errors';
import { type BlobStore, createFolderBlobs } from '@ranloop/kit/blobs';
import { environment, parseConfig } from '@ranloop/kit/config';
import { type NamedService, named } from '@ranloop/kit/lifecycle';
import { createS3Blobs, s3Address, s3Config } from '@ranloop/training/files';
import type { StartOptions } from './options.ts';

export interface FileStore {
  readonly blobs: BlobStore;
  /** To be started before whoever reads or writes files. */
  readonly services: readonly NamedService[];
}

/** Where uploaded files are kept: a folder, or the bucket that the options name. */
export function createFileStore(options: StartOptions, folder: string): FileStore {
  const { filesS3, filesS3Endpoint: endpoint, filesS3Region: region, filesS3Style: style } = options;
  if (filesS3 === undefined) {
    const idle = Object.entries({ endpoint, region, style }).find(([, value]) => value !== undefined);
    if (idle)
      throw new RanloopError('RL_CONFIG', `--files-s3-${idle[0]} says nothing without --files-s3 s3://bucket/prefix`);
    return { blobs: createFolderBlobs(path.join(folder, 'files')), services: [] };
  }
  const { AWS_REGION, AWS_DEFAULT_REGION } = environment();
  const at = region ?? AWS_REGION ?? AWS_DEFAULT_REGION;
  const config = {
    ...s3Address(filesS3),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(at ? { region: at } : {}),
    // Only AWS itself, and a few others, know a bucket by the name of a host.
    pathStyle: style === undefined ? endpoint !== undefined : style === 'path',
    ...credentials(),
  };
  const blobs = createS3Blobs(parseConfig(s3Config, config, '--files-s3'));
  return { blobs, services: [named('S3', blobs)] };
}

/** Keys come by the environment alone: what stands on a command line, every user of the machine can read. */
function credentials() {
  const env = environment();
  const accessKeyId = env['RANLOOP_S3_ACCESS_KEY'];
  const secretAccessKey = env['RANLOOP_S3_SECRET_KEY'];
  if ((accessKeyId === undefined) !== (secretAccessKey === undefined))
    throw new RanloopError('RL_CONFIG', 'set both RANLOOP_S3_ACCESS_KEY and RANLOOP_S3_SECRET_KEY, or none of them');
  return accessKeyId && secretAccessKey ? { credentials: { accessKeyId, secretAccessKey } } : {};
}

/** The names by which clients of this machine and its networks may call the file server, and those that the options add. */
export function fileAddresses(url: string, { filesUrl }: Pick<StartOptions, 'filesUrl'>): string[] {
  const { port: number } = new URL(url);
  const port = number === '' ? '' : `:${number}`;
  const interfaces = Object.values(networkInterfaces()).flatMap((list = []) => list);
  const hosts = [
    'localhost',
    '127.0.0.1',
    '[::1]',
    hostname(),
    ...interfaces
      .filter(({ internal }) => !internal)
      .map(({ address, family }) => (family === 'IPv6' ? `[${address}]` : address)),
  ];
  const given = (filesUrl ?? '').split(',').map((one) => one.trim());
  return [...new Set([url, ...hosts.map((host) => `http://${host}${port}`), ...given.filter((one) => one !== '')])];
}
