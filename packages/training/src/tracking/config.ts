import Type, { type Static } from 'typebox';

export const trackingConfig = Type.Object({
  /** Seconds that a token of auth.login is good for when the caller does not say; at most a year. */
  tokenSeconds: Type.Integer({ default: 2_592_000, minimum: 60, maximum: 31_536_000 }),
  /** Bytes of one request body. */
  bodyLimit: Type.Integer({ default: 52_428_800, minimum: 1_024 }),
  /** A running task that was silent for so many seconds is stopped; 0 turns the watchdog off. */
  silentTaskSeconds: Type.Integer({ default: 7_200, minimum: 0 }),
  /** Seconds between two rounds of the watchdog. */
  watchdogSeconds: Type.Integer({ default: 900, minimum: 1 }),
  /** Milliseconds that a query with a pattern may take. */
  patternTimeoutMs: Type.Integer({ default: 5_000, minimum: 10 }),
});
export type TrackingConfig = Static<typeof trackingConfig>;
