import Type, { type Static } from 'typebox';

export const o1Config = Type.Object(
  {
    /** Server root of the VES collector, e.g. `http://127.0.0.1:9080`. */
    vesUrl: Type.String({ pattern: '^https?://', maxLength: 2_048 }),
    username: Type.Optional(Type.String({ minLength: 1, maxLength: 256, pattern: '^[^:]*$' })),
    password: Type.Optional(Type.String({ maxLength: 1_024 })),
    /** Stands before the name of each ManagedElement: a twin reports as `twin-static-gnb-1`. */
    sourcePrefix: Type.String({ pattern: '^[A-Za-z0-9._-]*$', maxLength: 100, default: '' }),
    /** Most events of one request. What waits goes out together; one event alone is not a batch. */
    batchEvents: Type.Integer({ minimum: 1, maximum: 10_000, default: 100 }),
    /** When the scenario starts: microseconds since 1970. */
    epochMicros: Type.Integer({ minimum: 0, default: 0 }),
    /** Reports that may wait for the collector; one more is refused. */
    spoolReports: Type.Integer({ minimum: 1, maximum: 1_000_000, default: 5_000 }),
    retryMs: Type.Object(
      {
        least: Type.Integer({ minimum: 1, maximum: 60_000, default: 100 }),
        most: Type.Integer({ minimum: 1, maximum: 600_000, default: 10_000 }),
      },
      { default: {} },
    ),
  },
  { additionalProperties: false },
);
export type O1Config = Static<typeof o1Config>;
