import Type, { type Static } from 'typebox';
import { VALUE_FLAG_NAMES } from '../pm/index.ts';

/** R1 telemetry: queries over canonical samples. All times are integers, microseconds since 1970-01-01T00:00:00Z. */
export const R1_TELEMETRY = '/r1/telemetry/v1';

export const Micros = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

/** S-NSSAI as in TS 28.552 subcounters: SST, or SST and SD, in lower-case hex ("01", "010003e8"). */
export const Snssai = Type.String({ pattern: '^[0-9a-f]{2}([0-9a-f]{6})?$' });

/** Why a value is doubted: its source says so, or the rule of the table of counters that it breaks. */
export const SampleFlags = Type.Array(Type.Enum([...VALUE_FLAG_NAMES]), { minItems: 1 });

/** One measured value. `counter` is the TS 28.552 name without subcounter; what the subcounter said is in its own field. */
export const Sample = Type.Object({
  counter: Type.String({ minLength: 1, maxLength: 256 }),
  /** DN of the measured object, e.g. `ManagedElement=gnb-1,GNBDUFunction=1,NRCellDU=3`. */
  dn: Type.String({ minLength: 1, maxLength: 1024 }),
  source: Type.String({ minLength: 1, maxLength: 256 }),
  snssai: Type.Optional(Snssai),
  fiveQi: Type.Optional(Type.Integer({ minimum: 0, maximum: 255 })),
  plmn: Type.Optional(Type.String({ maxLength: 6 })),
  value: Type.Number(),
  /** From the table of counters; empty for a counter that is not in it. */
  unit: Type.String(),
  /** Length of the measured period in seconds; `time` is its end. */
  granularity: Type.Number({ minimum: 0 }),
  time: Micros,
  /** The value is kept, and left out of queries that do not ask for it. */
  suspect: Type.Boolean(),
  /** Present when it is suspect. */
  flags: Type.Optional(SampleFlags),
  /** The same in words, e.g. `RRU.PrbTotUl is at most 100 %`. */
  reasons: Type.Optional(Type.Array(Type.String())),
});
export type Sample = Static<typeof Sample>;

export const Aggregate = Type.Union([
  Type.Literal('avg'),
  Type.Literal('min'),
  Type.Literal('max'),
  Type.Literal('sum'),
  Type.Literal('count'),
  Type.Literal('last'),
]);
export type Aggregate = Static<typeof Aggregate>;

/**
 * What stands in steps without a value: nothing (none), null, 0, the value before, or what lies on the line between its
 * neighbours. Before the first value, and after the last on a line, there is nothing to go by: null.
 */
export const Fill = Type.Enum(['none', 'null', 'zero', 'previous', 'linear']);
export type Fill = Static<typeof Fill>;

const names = (description: string) =>
  Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 1024 }), { maxItems: 1_000, description }));

/** `POST /query`. Samples with `from <= time < to`; `step` (seconds) groups them into buckets named by their start. */
export const TelemetryQuery = Type.Object(
  {
    counters: Type.Array(Type.String({ minLength: 1, maxLength: 256 }), { minItems: 1, maxItems: 100 }),
    sources: names('Only these sources'),
    objects: names('Only these DNs'),
    snssais: Type.Optional(Type.Array(Snssai, { maxItems: 100 })),
    from: Micros,
    to: Micros,
    step: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 31_536_000 })),
    aggregate: Type.Optional(Aggregate),
    includeSuspect: Type.Optional(Type.Boolean()),
    /** Needs `step`; without it, none. */
    fill: Type.Optional(Fill),
  },
  { additionalProperties: false },
);
export type TelemetryQuery = Static<typeof TelemetryQuery>;

export const Series = Type.Object({
  counter: Type.String(),
  dn: Type.String(),
  source: Type.String(),
  snssai: Type.Optional(Snssai),
  fiveQi: Type.Optional(Type.Integer({ minimum: 0, maximum: 255 })),
  plmn: Type.Optional(Type.String({ maxLength: 6 })),
  unit: Type.String(),
  /** `[time, value]`, ascending. */
  points: Type.Array(Type.Tuple([Micros, Type.Number()])),
  /** Times and flags of the suspect ones among `points`, when samples were asked for with `includeSuspect`. */
  suspects: Type.Optional(Type.Array(Type.Tuple([Micros, SampleFlags]))),
});
export type Series = Static<typeof Series>;

export const TelemetryResult = Type.Object({
  series: Type.Array(Series),
  /**
   * Parts of the range, `[from, to]`, of which only five-minute summaries are left (see `retentionDays`), where the
   * query cannot be answered from those: samples, steps that are no multiple of 300 s, suspect values.
   */
  summarised: Type.Optional(Type.Array(Type.Tuple([Micros, Micros]))),
});
export type TelemetryResult = Static<typeof TelemetryResult>;

/** The answer to a query with `fill`: a point for every step of the range, of every series that has a value in it. */
export const FilledResult = Type.Object({
  series: Type.Array(
    Type.Object({
      ...Type.Omit(Series, ['points']).properties,
      points: Type.Array(Type.Tuple([Micros, Type.Union([Type.Number(), Type.Null()])])),
    }),
  ),
  summarised: Type.Optional(Type.Array(Type.Tuple([Micros, Micros]))),
});
export type FilledResult = Static<typeof FilledResult>;

export const SourceSummary = Type.Object({
  source: Type.String(),
  objects: Type.Integer(),
  series: Type.Integer(),
  first: Micros,
  last: Micros,
});
export type SourceSummary = Static<typeof SourceSummary>;

export const ObjectSummary = Type.Object({ source: Type.String(), dn: Type.String(), series: Type.Integer() });
export type ObjectSummary = Static<typeof ObjectSummary>;

export const CounterSummary = Type.Object({
  counter: Type.String(),
  unit: Type.String(),
  objectClass: Type.String(),
  description: Type.String(),
  series: Type.Integer(),
});
export type CounterSummary = Static<typeof CounterSummary>;

/** An event that the collector refused. */
export const RefusedEvent = Type.Object({
  /** Grows with time; `before` of a request names the last one of a page. */
  id: Type.Optional(Type.Integer()),
  time: Micros,
  source: Type.String(),
  domain: Type.String(),
  eventId: Type.String(),
  reason: Type.String(),
  body: Type.String(),
});
export type RefusedEvent = Static<typeof RefusedEvent>;

/** A PM file that a notification announced, and what became of it. */
export const PmFile = Type.Object({
  source: Type.String(),
  name: Type.String(),
  /** Without credentials. */
  location: Type.String(),
  eventId: Type.String(),
  state: Type.Union([Type.Literal('waiting'), Type.Literal('stored'), Type.Literal('refused')]),
  attempts: Type.Integer(),
  /** Why it was refused, or why the last attempt failed; empty otherwise. */
  reason: Type.String(),
  /** Stored anew; what an earlier attempt or the same file had stored is not counted again. */
  samples: Type.Integer(),
  bytes: Type.Integer(),
  announced: Micros,
  finished: Type.Union([Micros, Type.Null()]),
});
export type PmFile = Static<typeof PmFile>;

/** Answer to `POST /pm-files`, whose body is the file, plain or gzipped. */
export const PmUpload = Type.Object({
  source: Type.String(),
  form: Type.Union([Type.Literal('TS 32.435'), Type.Literal('TS 28.532')]),
  vendor: Type.String(),
  samples: Type.Integer(),
  /** Parts of the file (one entity, one period), and how many of them were stored before. */
  parts: Type.Integer(),
  repeated: Type.Integer(),
  bytes: Type.Integer(),
});
export type PmUpload = Static<typeof PmUpload>;
