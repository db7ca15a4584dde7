import Type, { type Static } from 'typebox';

const text = (description: string) => Type.Optional(Type.String({ minLength: 1, description }));

/** A host that PM files may be fetched from, whoever announces them, and what it wants to know. */
export const PmHost = Type.Object(
  {
    host: Type.String({ minLength: 1, description: 'name or address, as in the locations' }),
    port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535, description: 'only this port; default: any' })),
    user: text('used when the location names no user'),
    password: text('used when the location holds no password'),
    token: text('bearer token for http and https'),
    privateKey: text('PEM or OpenSSH private key for sftp'),
    passphrase: text('of the private key'),
    hostKeys: Type.Optional(
      Type.Array(Type.String({ pattern: '^SHA256:[A-Za-z0-9+/]{43}=?$' }), {
        description: 'SFTP host keys that are accepted, as ssh-keygen -l prints them',
      }),
    ),
    ca: text('PEM certificates that vouch for https and ftpes'),
    verifyTls: Type.Boolean({ default: true }),
  },
  { additionalProperties: false },
);
export type PmHost = Static<typeof PmHost>;

const GIB = 1024 ** 3;

/** How announced PM files are fetched. */
export const pmFilesConfig = Type.Object(
  {
    hosts: Type.Array(PmHost, { default: [] }),
    /** Files may be fetched from the address that the notification came from. */
    fromSender: Type.Boolean({ default: true }),
    /** SFTP host keys that are neither configured nor seen before. */
    unknownHostKeys: Type.Union([Type.Literal('accept'), Type.Literal('refuse')], { default: 'accept' }),
    /** Fetches at once. */
    concurrency: Type.Integer({ minimum: 1, maximum: 16, default: 2 }),
    /** For one fetch, from the connection to the last byte. */
    timeoutSeconds: Type.Number({ exclusiveMinimum: 0, maximum: 86_400, default: 300 }),
    /** Of a file as it is sent. */
    mostBytes: Type.Integer({ minimum: 1_024, default: GIB }),
    /** Of a file unpacked. */
    mostUnpackedBytes: Type.Integer({ minimum: 1_024, default: 4 * GIB }),
    /** Attempts before a file is given up. */
    attempts: Type.Integer({ minimum: 1, maximum: 1_000, default: 8 }),
    /** Pause before the second attempt; it doubles each time, up to an hour. */
    retrySeconds: Type.Number({ exclusiveMinimum: 0, maximum: 3_600, default: 10 }),
    /** Announced files that may wait; then notifications are answered 503. */
    mostWaiting: Type.Integer({ minimum: 1, default: 100_000 }),
    /** Finished files are remembered for so long, so that a repeated notification does not fetch them again. */
    rememberDays: Type.Integer({ minimum: 1, maximum: 365, default: 7 }),
  },
  { additionalProperties: false },
);
export type PmFilesConfig = Static<typeof pmFilesConfig>;
