export type { Counter, CounterType } from './counter.ts';
export {
  brokenRules,
  flagNames,
  outOfRange,
  ruleOf,
  VALUE_FLAG_NAMES,
  VALUE_FLAGS,
  type ValueFlag,
} from './rules.ts';
export { type CounterName, parseCounterName } from './subcounter.ts';
export { COUNTERS } from './table.ts';
