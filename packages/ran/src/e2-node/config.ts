import Type, { type Static } from 'typebox';

export const e2NodeConfig = Type.Object(
  {
    /** Where the Near-RT RIC listens. */
    host: Type.String({ default: '127.0.0.1' }),
    port: Type.Integer({ minimum: 1, maximum: 65_535, default: 36_421 }),
    plmnId: Type.Object(
      {
        mcc: Type.String({ pattern: '^[0-9]{3}$', default: '001' }),
        mnc: Type.String({ pattern: '^[0-9]{2,3}$', default: '01' }),
      },
      { default: {} },
    ),
    /** The cells of this ManagedElement are this node's; the digits at its end are the gNB id. */
    managedElement: Type.String({ pattern: '[0-9]{1,9}$', maxLength: 150, default: 'gnb-1' }),
    /** Measurement period of the plant, in milliseconds of simulated time: the only granularity period there is. */
    periodMs: Type.Integer({ minimum: 1_000, maximum: 86_400_000, default: 60_000 }),
    /** When the scenario starts: microseconds since 1970. */
    epochMicros: Type.Integer({ minimum: 0, default: 0 }),
    reconnectMs: Type.Object(
      {
        least: Type.Integer({ minimum: 1, maximum: 60_000, default: 200 }),
        most: Type.Integer({ minimum: 1, maximum: 600_000, default: 5_000 }),
      },
      { default: {} },
    ),
  },
  { additionalProperties: false },
);
export type E2NodeConfig = Static<typeof e2NodeConfig>;
