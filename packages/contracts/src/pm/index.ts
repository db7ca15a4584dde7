export type { Counter, CounterType } from './counter.ts';
export { type CounterName, parseCounterName } from './subcounter.ts';
export { COUNTERS, outOfRange } from './table.ts';
