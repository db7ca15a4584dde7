import Type, { type Static } from 'typebox';

const text = Type.Optional(Type.Union([Type.String({ maxLength: 100_000 }), Type.Null()]));
const flag = Type.Optional(Type.Union([Type.Boolean(), Type.Null()]));
const MOST = { maxItems: 1_000 };

const AwsBucket = Type.Object({
  bucket: text,
  subdir: text,
  host: text,
  key: text,
  secret: text,
  token: text,
  multipart: flag,
  acl: text,
  secure: flag,
  region: text,
  verify: flag,
  use_credentials_chain: flag,
});
const GoogleBucket = Type.Object({ bucket: text, subdir: text, project: text, credentials_json: text });
const AzureContainer = Type.Object({ account_name: text, account_key: text, container_name: text });

/** Credentials of the stores in which clients keep artifacts. A part that is given replaces what was set of it. */
export const StorageSettings = Type.Object({
  aws: Type.Optional(
    Type.Object({
      key: text,
      secret: text,
      region: text,
      token: text,
      use_credentials_chain: flag,
      buckets: Type.Optional(Type.Array(AwsBucket, MOST)),
    }),
  ),
  google: Type.Optional(
    Type.Object({
      project: text,
      credentials_json: text,
      buckets: Type.Optional(Type.Array(GoogleBucket, MOST)),
    }),
  ),
  azure: Type.Optional(Type.Object({ containers: Type.Optional(Type.Array(AzureContainer, MOST)) })),
});
export type StorageSettings = Static<typeof StorageSettings>;
export const StorageReset = Type.Object({
  keys: Type.Optional(Type.Array(Type.Enum(['aws', 'google', 'azure']), MOST)),
});
