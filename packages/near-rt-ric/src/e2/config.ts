import Type, { type Static } from 'typebox';

const millis = (value: number) => Type.Integer({ minimum: 10, maximum: 600_000, default: value });

export const e2Config = Type.Object(
  {
    host: Type.String({ default: '127.0.0.1' }),
    port: Type.Integer({ minimum: 0, maximum: 65_535, default: 36_421 }),
    plmnId: Type.Object(
      {
        mcc: Type.String({ pattern: '^[0-9]{3}$', default: '001' }),
        mnc: Type.String({ pattern: '^[0-9]{2,3}$', default: '01' }),
      },
      { default: {} },
    ),
    /** 20 bits. */
    ricId: Type.Integer({ minimum: 0, maximum: 1_048_575, default: 1 }),
    maxNodes: Type.Integer({ minimum: 1, maximum: 4_096, default: 256 }),
    /** A connection that has not begun E2 setup by then is closed. */
    setupTimeoutMs: millis(10_000),
    controlTimeoutMs: millis(5_000),
    subscriptionTimeoutMs: millis(5_000),
  },
  { additionalProperties: false },
);
export type E2Config = Static<typeof e2Config>;
