import Type, { type Static } from 'typebox';

export const trackingConfig = Type.Object({
  /** Seconds that a token of auth.login is good for when the caller does not say; at most a year. */
  tokenSeconds: Type.Integer({ default: 2_592_000, minimum: 60, maximum: 31_536_000 }),
  /** Bytes of one request body. */
  bodyLimit: Type.Integer({ default: 52_428_800, minimum: 1_024 }),
  /** A running task that was silent for so many seconds is stopped; 0 turns the watchdog off. */
  silentTaskSeconds: Type.Integer({ default: 7_200, minimum: 0 }),
  /** Seconds between two rounds of the watchdog. */
  watchdogSeconds: Type.Integer({ default: 300, minimum: 1 }),
  /** A task that a worker took from its queue and did nothing with goes back after so many seconds; 0 leaves it. */
  lostTaskSeconds: Type.Integer({ default: 600, minimum: 0 }),
  /** Days that reports of workers, queues and serving containers are kept. */
  statisticsDays: Type.Integer({ default: 31, minimum: 1, maximum: 3_650 }),
  /** Milliseconds between two looks for files that are to be deleted. */
  fileDeletionMs: Type.Integer({ default: 2_000, minimum: 10 }),
  /** Seconds that files outlive their task or model: SDKs that delete them themselves report what they do not find. */
  fileDeletionDelaySeconds: Type.Integer({ default: 10, minimum: 0 }),
  /** Milliseconds that a query with a pattern may take. */
  patternTimeoutMs: Type.Integer({ default: 5_000, minimum: 10 }),
});
export type TrackingConfig = Static<typeof trackingConfig>;
