import Type, { type Static } from 'typebox';

const plmnId = Type.Object(
  {
    mcc: Type.String({ pattern: '^[0-9]{3}$', default: '001' }),
    mnc: Type.String({ pattern: '^[0-9]{2,3}$', default: '01' }),
  },
  { default: {} },
);

export const e1Config = Type.Object(
  {
    host: Type.String({ default: '127.0.0.1' }),
    /** Where the gNB-CU-CP listens. */
    port: Type.Integer({ minimum: 0, maximum: 65_535, default: 38_462 }),
    plmnId,
    cuCpName: Type.String({ minLength: 1, maxLength: 150, default: 'cu-cp-1' }),
    cuUpName: Type.String({ minLength: 1, maxLength: 150, default: 'cu-up-1' }),
    cuUpId: Type.Integer({ minimum: 0, maximum: 68_719_476_735, default: 1 }),
    /** Mbit/s that the gNB-CU-UP can carry; it is overloaded above 90 percent of it, until it is under 80. */
    capacityMbps: Type.Number({ exclusiveMinimum: 0, default: 10_000 }),
    /** Bearer contexts of one cell and slice; UEs beyond are not followed one by one. */
    contextsPerSlice: Type.Integer({ minimum: 1, maximum: 1_000, default: 32 }),
    /** Contexts that the gNB-CU-UP has room for. */
    maxContexts: Type.Integer({ minimum: 1, maximum: 1_000_000, default: 10_000 }),
    requestTimeoutMs: Type.Integer({ minimum: 10, maximum: 60_000, default: 2_000 }),
    reconnectMs: Type.Integer({ minimum: 1, maximum: 60_000, default: 500 }),
    /** When the scenario starts: microseconds since 1970. */
    epochMicros: Type.Integer({ minimum: 0, default: 0 }),
  },
  { additionalProperties: false },
);
export type E1Config = Static<typeof e1Config>;
