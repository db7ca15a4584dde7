import { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { RanloopError } from '@ranloop/contracts/errors';
import type { BlobStore } from '@ranloop/kit/blobs';
import type { Service } from '@ranloop/kit/lifecycle';
import { createGate, eachOf } from '../pool.ts';
import type { S3Config } from './config.ts';
import { faultName, isAbsent, s3Fault } from './faults.ts';

/** S3 takes 10,000 parts of an object: this is the least that lets the largest file through. Held in memory while it is sent. */
const PART_BYTES = 12 * 1024 * 1024;
const UPLOADS_AT_ONCE = 32;
const DELETES_AT_ONCE = 8;
const LISTED_AT_ONCE = 200;
/** Bytes of a key; S3's own limit. */
const LONGEST_KEY = 1_024;
const CONNECT_MS = 5_000;
const SILENT_MS = 60_000;

/**
 * Blobs as objects of a bucket. The client is loaded when it is first needed: an installation that keeps files in a
 * folder never pays for it. `start` fails with RL_CONFIG when the bucket cannot be read.
 */
export function createS3Blobs(config: S3Config): BlobStore & Service {
  const { bucket: Bucket, prefix } = config;
  const gate = createGate(UPLOADS_AT_ONCE);
  let opened: Promise<{ client: S3Client; s3: typeof import('@aws-sdk/client-s3') }> | undefined;
  const connect = () => {
    opened ??= import('@aws-sdk/client-s3').then((s3) => ({ s3, client: new s3.S3Client(clientOptions(config)) }));
    return opened;
  };
  const keyOf = (key: string) => ({ Bucket, Key: prefix === '' ? key : `${prefix}/${key}` });

  async function head(key: string) {
    if (tooLong(keyOf(key))) return undefined;
    const { client, s3 } = await connect();
    try {
      const found = await client.send(new s3.HeadObjectCommand(keyOf(key)));
      return { bytes: found.ContentLength ?? 0, modified: found.LastModified ?? new Date(0), etag: found.ETag ?? '' };
    } catch (error) {
      if (isAbsent(error)) return undefined;
      return s3Fault(error);
    }
  }

  return {
    async start() {
      try {
        const { client, s3 } = await connect();
        await client.send(new s3.ListObjectsV2Command({ Bucket, Prefix: prefix, MaxKeys: 1 }));
      } catch (error) {
        const where = config.endpoint === undefined ? `AWS, region ${config.region}` : config.endpoint;
        throw new RanloopError('RL_CONFIG', `the S3 bucket "${Bucket}" (${where}) cannot be read: ${faultName(error)}`);
      }
    },
    async stop() {
      (await opened)?.client.destroy();
    },
    put: (key, content) =>
      gate(async () => {
        if (tooLong(keyOf(key)))
          throw new RanloopError('RL_INVALID', `the path has more than ${LONGEST_KEY} bytes, which S3 does not take`);
        const { client } = await connect();
        const { Upload } = await import('@aws-sdk/lib-storage');
        let bytes = 0;
        const counted = Readable.from(
          (async function* () {
            for await (const chunk of content) {
              bytes += Buffer.byteLength(chunk);
              yield chunk;
            }
          })(),
        );
        try {
          const params = { ...keyOf(key), Body: counted };
          await new Upload({ client, params, partSize: PART_BYTES, queueSize: 1 }).done();
          return { bytes };
        } catch (error) {
          content.destroy();
          return s3Fault(error);
        }
      }),
    async open(key) {
      const found = await head(key);
      if (!found) return undefined;
      const { bytes, modified, etag } = found;
      return {
        bytes,
        modified,
        version: etag.replaceAll('"', ''),
        async read(range) {
          const { client, s3 } = await connect();
          const Range = range && `bytes=${range.start}-${range.end}`;
          const asked = { ...keyOf(key), ...(Range ? { Range } : {}), IfMatch: etag };
          const { Body } = await client.send(new s3.GetObjectCommand(asked)).catch(s3Fault);
          return Body as Readable;
        },
        close: async () => undefined,
      };
    },
    async remove(key, { writtenBefore } = {}) {
      const found = await head(key);
      if (!found || (writtenBefore && found.modified > writtenBefore)) return false;
      const { client, s3 } = await connect();
      await client.send(new s3.DeleteObjectCommand(keyOf(key))).catch(s3Fault);
      return true;
    },
    async removeFolder(key) {
      const { client, s3 } = await connect();
      const { Key } = keyOf(key);
      let any = false;
      for (let token: string | undefined, more = true; more; ) {
        const asked = { Bucket, Prefix: `${Key}/`, MaxKeys: LISTED_AT_ONCE };
        const list = new s3.ListObjectsV2Command({
          ...asked,
          ...(token === undefined ? {} : { ContinuationToken: token }),
        });
        const page = await client.send(list).catch(s3Fault);
        const keys = (page.Contents ?? []).flatMap((one) => (one.Key === undefined ? [] : [one.Key]));
        any ||= keys.length > 0;
        // One by one: the call that deletes many wants checksums that servers other than AWS do not agree on.
        await eachOf(keys, DELETES_AT_ONCE, async (one) => {
          await client.send(new s3.DeleteObjectCommand({ Bucket, Key: one })).catch(s3Fault);
        });
        token = page.NextContinuationToken;
        more = page.IsTruncated === true && token !== undefined;
      }
      return any;
    },
  };
}

const tooLong = ({ Key }: { Key: string }) => Buffer.byteLength(Key) > LONGEST_KEY;

function clientOptions({ endpoint, region, pathStyle, credentials }: S3Config) {
  return {
    region,
    forcePathStyle: pathStyle,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials: { ...credentials } }),
    // Checksums beyond what S3 demands are unknown to many servers that speak S3.
    requestChecksumCalculation: 'WHEN_REQUIRED' as const,
    responseChecksumValidation: 'WHEN_REQUIRED' as const,
    requestHandler: { connectionTimeout: CONNECT_MS, socketTimeout: SILENT_MS },
  };
}
