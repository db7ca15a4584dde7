import { CONTROL_COUNTERS } from './control.ts';
import type { Counter } from './counter.ts';
import { RADIO_COUNTERS } from './radio.ts';
import { TRAFFIC_COUNTERS } from './traffic.ts';

/** TS 28.552 counters (clause 5) and E2SM-KPM additions that we know, by name. */
export const COUNTERS: ReadonlyMap<string, Counter> = new Map(
  [...RADIO_COUNTERS, ...TRAFFIC_COUNTERS, ...CONTROL_COUNTERS].map((known) => [known.name, known]),
);
