import { parseConfig } from '@ranloop/kit/config';
import Type, { type Static } from 'typebox';

const text = (description: string) => Type.Optional(Type.String({ minLength: 1, description }));

/** What `ranloop start` can be told; the descriptions are its help, and for what is on by default tell what turning it off means. Rooms have further settings of their own. */
export const startOptions = Type.Object(
  {
    once: Type.Boolean({
      default: false,
      description: 'end after the first full round; exit code 0 only if it succeeded',
    }),
    json: text('write all figures of the round to this file'),
    seed: Type.Integer({ default: 1, minimum: 0, maximum: 2 ** 31 - 1, description: 'seed of the simulated RAN' }),
    cells: Type.Integer({ default: 7, minimum: 1, maximum: 49, description: 'cells of the simulated RAN' }),
    speed: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 1_000_000,
        description: 'simulated seconds per second (default 600; with --once as fast as the loop closes)',
      }),
    ),
    hours: Type.Number({ default: 12, minimum: 1, maximum: 168, description: 'simulated hours of the measured round' }),
    trace: text('offer the traffic of this capture to the simulated cells, and forecast it'),
    dataDir: Type.String({ default: '.ranloop', minLength: 1, description: 'folder for all data' }),
    databaseUrl: text('a PostgreSQL of your own instead of the embedded one'),
    influxUrl: text('store telemetry in this InfluxDB (1.x HTTP API), e.g. http://127.0.0.1:8086/?db=ranloop'),
    kafka: text(
      'put events on a Kafka bus between collectors and writers: brokers as host:port, separated by commas; topics are <prefix>.<domain>',
    ),
    kafkaRole: Type.Optional(
      Type.String({
        pattern: '^(collector|writer|both)$',
        description:
          'collector, writer or both: put what is accepted on the bus, store what is on it (writers of one store share --database-url), or both (default both)',
      }),
    ),
    kafkaPrefix: text('first part of the names of the topics (default ranloop)'),
    kafkaTls: Type.Boolean({ default: false, description: 'speak TLS with the brokers' }),
    kafkaCa: text('PEM file of the CA of the brokers; implies --kafka-tls'),
    kafkaCert: text('PEM file of our certificate for the brokers; needs --kafka-key'),
    kafkaKey: text('PEM file of its key'),
    kafkaSasl: Type.Optional(
      Type.String({
        pattern: '^(plain|scram-sha-256|scram-sha-512)$',
        description:
          'plain, scram-sha-256 or scram-sha-512; user and password from RANLOOP_KAFKA_USER and RANLOOP_KAFKA_PASSWORD',
      }),
    ),
    filesS3: text(
      'keep uploaded files in this S3 bucket instead of a folder, e.g. s3://bucket/prefix; keys: RANLOOP_S3_ACCESS_KEY and RANLOOP_S3_SECRET_KEY, or as AWS finds them',
    ),
    filesS3Endpoint: text('the S3 server, where it is not AWS, e.g. http://127.0.0.1:9000'),
    filesS3Region: text('region of the bucket (default AWS_REGION, else us-east-1)'),
    filesS3Style: Type.Optional(
      Type.String({
        pattern: '^(path|host)$',
        description: "path or host: where in a URL the bucket's name goes (default path with an endpoint, else host)",
      }),
    ),
    filesUrl: text(
      'further addresses under which clients reach the file server, separated by commas: files of deleted tasks are told by them',
    ),
    filesAuth: Type.Boolean({
      default: true,
      description: 'no credentials on the file server: whoever reaches it may read, write and delete',
    }),
    pmFiles: text(
      'JSON file of hosts that PM files may be fetched from, with their credentials: {"hosts": [{"host", "user", "password"}]}',
    ),
    vesAuth: Type.String({
      default: 'basic',
      pattern: '^(basic|certificate|either|both)$',
      description:
        'what event sources show on ports that are not loopback only, and on TLS: basic, certificate, either, both',
    }),
    vesCa: text('PEM file of the certificates that sign those of event sources'),
    vesSubjects: text(
      'subjects that certificates of event sources may have, separated by semicolons, e.g. "CN=gnb-*,O=Acme;CN=probe"',
    ),
    vesBatch: Type.String({
      default: 'whole',
      pattern: '^(whole|each)$',
      description: 'a batch with a bad event: refused whole, or each event judged by itself',
    }),
    vesSchemas: text('folder of schemas for stndDefined events, with a schema-map.json of publicURL and localURL'),
    vesUnknownSchemas: Type.String({
      default: 'refuse',
      pattern: '^(refuse|accept)$',
      description: 'stndDefined events whose schemaReference is not known: refuse, or accept with a note',
    }),
    rics: text('further Near-RT RICs that speak A1-P v2, as name=url, separated by commas'),
    portBase: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 65_000,
        description: 'first of the eleven ports, in the order of the table in the README; 0 takes free ports',
      }),
    ),
    host: Type.String({ default: '127.0.0.1', minLength: 1, description: 'address to listen on' }),
    demo: Type.Boolean({ default: true, description: 'platform only: no simulated RAN, no loop' }),
    logLevel: Type.String({
      default: 'info',
      pattern: '^(silent|error|warn|info|debug)$',
      description: 'of the log file',
    }),
  },
  { additionalProperties: false },
);
export type StartOptions = Static<typeof startOptions>;

export function parseStartOptions(given: unknown): StartOptions {
  return parseConfig(startOptions, given, 'ranloop start');
}
