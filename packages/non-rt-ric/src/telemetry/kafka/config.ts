import Type, { type Static } from 'typebox';

const pem = () => Type.Optional(Type.String({ minLength: 1 }));

/** The Kafka bus between collectors and writers. */
export const kafkaConfig = Type.Object({
  /** `host:port`, at least one that is up when the process starts. */
  brokers: Type.Array(Type.String({ pattern: '^(?:[A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+\\]):[0-9]{1,5}$' }), {
    minItems: 1,
  }),
  /** What this process does: put what it accepts on the bus, store what is on the bus, or both. */
  role: Type.Enum(['collector', 'writer', 'both'], { default: 'both' }),
  /** Topics are `<prefix>.<domain>`. */
  prefix: Type.String({ pattern: '^[A-Za-z0-9._-]{1,100}$', default: 'ranloop' }),
  /** The consumer group that the writers of one store share. */
  group: Type.String({ minLength: 1, maxLength: 200, default: 'ranloop-writers' }),
  /** Of topics that do not exist yet. As many writers as partitions can share a topic. */
  partitions: Type.Integer({ minimum: 1, maximum: 1_000, default: 6 }),
  /** Of topics that do not exist yet; -1 takes the broker's default. */
  replication: Type.Integer({ minimum: -1, maximum: 100, default: -1 }),
  /** Bytes of one event on the bus. Topics that exist with a lower `max.message.bytes` lower it. */
  mostMessageBytes: Type.Integer({ minimum: 65_536, maximum: 64 * 1024 * 1024, default: 8 * 1024 * 1024 }),
  /** Bytes that may wait for the broker; more are answered 503. */
  mostBytesWaiting: Type.Integer({ minimum: 1_048_576, default: 64 * 1024 * 1024 }),
  /** Without an acknowledgement of the broker for this long, requests are answered 503. */
  timeoutMs: Type.Integer({ minimum: 1_000, maximum: 300_000, default: 10_000 }),
  /** A writer that says nothing for this long loses its partitions to others. */
  sessionMs: Type.Integer({ minimum: 6_000, maximum: 300_000, default: 30_000 }),
  tls: Type.Optional(Type.Object({ ca: pem(), cert: pem(), key: pem() }, { additionalProperties: false })),
  sasl: Type.Optional(
    Type.Object(
      {
        mechanism: Type.Enum(['plain', 'scram-sha-256', 'scram-sha-512']),
        username: Type.String({ minLength: 1 }),
        password: Type.String({ minLength: 1 }),
      },
      { additionalProperties: false },
    ),
  ),
});
export type KafkaConfig = Static<typeof kafkaConfig>;
