import Type, { type Static } from 'typebox';
import { kafkaConfig } from './kafka/config.ts';
import { pmFilesConfig } from './pm/config.ts';
import { stndDefinedConfig } from './stnd-defined/index.ts';

const DAY_SECONDS = 86_400;

/** Configuration of the telemetry room. */
export const telemetryConfig = Type.Object(
  {
    store: Type.Union([Type.Literal('postgres'), Type.Literal('influx')], { default: 'postgres' }),
    /** `http://[user:password@]host:port/?db=name`; needed when `store` is influx. */
    influxUrl: Type.Optional(Type.String({ minLength: 1 })),
    /**
     * Samples are kept this many days, and dropped week by week; 0 keeps them for ever. Days before the newest sample, or
     * before now when that lies in the future: a clock that jumps ahead drops nothing.
     */
    retentionDays: Type.Number({ minimum: 0, default: 0 }),
    /**
     * Five-minute summaries are kept this many days. More than `retentionDays`: samples are dropped once they are
     * summarised, and coarse queries go on to answer. Otherwise summaries go with their samples. PostgreSQL only.
     */
    summaryDays: Type.Number({ minimum: 0, default: 0 }),
    /** Samples before this time (seconds since 1970) are refused as absurd. Default: 2000-01-01. */
    earliest: Type.Number({ minimum: 0, default: 946_684_800 }),
    /** Samples that lie further in the future than this are refused as absurd. */
    mostAheadSeconds: Type.Number({ minimum: 0, default: 366 * DAY_SECONDS }),
    /** Weeks that may hold samples at once: bounds the partitions that senders can make. */
    mostWeeks: Type.Integer({ minimum: 1, maximum: 10_000, default: 600 }),
    /** Repeats of an eventId are recognised for at least this many days. */
    duplicateDays: Type.Integer({ minimum: 1, maximum: 60, default: 2 }),
    /** Bytes of requests that may be under way at once; more are answered 503. */
    mostBytesUnderWay: Type.Integer({ minimum: 4_194_304, default: 64 * 1024 * 1024 }),
    /** Requests that were refused are kept for a look, the newest this many. */
    mostRefused: Type.Integer({ minimum: 0, default: 1_000 }),
    /** Series remembered in memory. */
    mostSeriesCached: Type.Integer({ minimum: 1_000, default: 200_000 }),
    /** Transactions that write at once. */
    writers: Type.Integer({ minimum: 1, maximum: 16, default: 2 }),
    /** Samples of one transaction, about. */
    groupSamples: Type.Integer({ minimum: 100, maximum: 200_000, default: 20_000 }),
    /** Bytes of samples that may wait on disk while InfluxDB is away; then events are answered 503. */
    mostSpoolBytes: Type.Integer({ minimum: 1_048_576, default: 1024 * 1024 * 1024 }),
    /** Weeks with at least this many samples get five-minute summaries, which coarse queries read instead. */
    rollupRows: Type.Integer({ minimum: 0, default: 2_000_000 }),
    /** A batch with a bad event: refused whole, as the specification says, or each event by itself. */
    batch: Type.Enum(['whole', 'each'], { default: 'whole' }),
    /**
     * What an event source shows on ports that are not open: a key and secret (Basic), a client certificate, either of
     * them, or both.
     */
    vesAuth: Type.Enum(['basic', 'certificate', 'either', 'both'], { default: 'basic' }),
    /** Subjects that client certificates may have, as attributes with `*`: `CN=gnb-*,O=Acme`. None: all that the CA signed. */
    vesSubjects: Type.Array(Type.String({ minLength: 3 }), { default: [] }),
    /** Schemas of stndDefined events. */
    stndDefined: Type.Object(stndDefinedConfig.properties, { additionalProperties: false, default: {} }),
    /** A Kafka bus between what accepts events and what stores them. */
    kafka: Type.Optional(Type.Object(kafkaConfig.properties, { additionalProperties: false })),
    /** PM files that notifications announce. */
    pmFiles: Type.Object(pmFilesConfig.properties, { additionalProperties: false, default: {} }),
    query: Type.Object(
      {
        mostSeries: Type.Integer({ minimum: 1, default: 10_000 }),
        mostPoints: Type.Integer({ minimum: 1, default: 500_000 }),
        timeoutMs: Type.Integer({ minimum: 100, default: 30_000 }),
      },
      { default: {} },
    ),
  },
  { additionalProperties: false },
);
export type TelemetryConfig = Static<typeof telemetryConfig>;
