import { RanloopError } from '@ranloop/contracts/errors';
import Type, { type Static } from 'typebox';

export const s3Config = Type.Object(
  {
    bucket: Type.String({ pattern: '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$' }),
    /** What every key begins with; empty: the bucket is ours alone. */
    prefix: Type.String({ default: '' }),
    /** The address of a server other than AWS. */
    endpoint: Type.Optional(Type.String({ pattern: '^https?://[^/?#]+' })),
    region: Type.String({ default: 'us-east-1', minLength: 1 }),
    /** Whether the bucket's name goes into the path of a URL instead of its host. */
    pathStyle: Type.Boolean({ default: false }),
    /** Without them those that AWS's own tools would find: environment, profile, role of the machine. */
    credentials: Type.Optional(
      Type.Object({
        accessKeyId: Type.String({ minLength: 1 }),
        secretAccessKey: Type.String({ minLength: 1 }),
        sessionToken: Type.Optional(Type.String({ minLength: 1 })),
      }),
    ),
  },
  { additionalProperties: false },
);
export type S3Config = Static<typeof s3Config>;

/** Takes `s3://bucket/prefix` apart. */
export function s3Address(text: string): Pick<S3Config, 'bucket' | 'prefix'> {
  const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]+)(?:\/+(.*))?$/.exec(text) ?? [];
  if (bucket === '') throw new RanloopError('RL_CONFIG', `"${text}" is not of the form s3://bucket/prefix`);
  return { bucket, prefix: prefix.replace(/\/+$/, '') };
}
