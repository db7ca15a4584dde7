import type { Counter } from './counter.ts';

/** Why a value is doubted, by the bit that stands for it where samples are stored. The bits never change their meaning. */
export const VALUE_FLAGS = {
  /** Its source says so. */
  source: 1,
  'below-min': 2,
  'above-max': 4,
  /** A count of things that is not whole. */
  'not-integer': 8,
  /** Doubted by a release that did not note why. */
  unrecorded: 16,
} as const;
export type ValueFlag = keyof typeof VALUE_FLAGS;

export const VALUE_FLAG_NAMES = Object.keys(VALUE_FLAGS) as readonly ValueFlag[];

/** The rules of the table that a value of the counter breaks, as bits; `counter` is the one measured, `known` its entry. */
export function brokenRules(known: Counter, value: number, counter = known.name): number {
  let bits = 0;
  if (value < known.min) bits |= VALUE_FLAGS['below-min'];
  if (known.max !== undefined && value > known.max) bits |= VALUE_FLAGS['above-max'];
  // What a sender derives from a count (a mean, a rate) and names after it need not be whole.
  const counts = known.unit === 'count' && (known.name === counter || known.type === 'histogram');
  if (counts && !Number.isInteger(value)) bits |= VALUE_FLAGS['not-integer'];
  return bits;
}

export function flagNames(bits: number): ValueFlag[] {
  return VALUE_FLAG_NAMES.filter((name) => (bits & VALUE_FLAGS[name]) !== 0);
}

/** The rule that a flag stands for, in words. */
export function ruleOf(flag: ValueFlag, known: Counter | undefined): string {
  if (flag === 'source') return 'its source marks it as suspect';
  if (flag === 'unrecorded' || !known) return 'marked as suspect, the rule was not recorded';
  if (flag === 'not-integer') return `${known.name} is a whole number`;
  return flag === 'below-min'
    ? `${known.name} is at least ${known.min} ${known.unit}`
    : `${known.name} is at most ${known.max} ${known.unit}`;
}

/** Names the bound that a value breaks, or undefined when it is within the counter's range. */
export function outOfRange(known: Counter, value: number): string | undefined {
  const bound = flagNames(brokenRules(known, value)).find((flag) => flag !== 'not-integer');
  return bound && ruleOf(bound, known);
}
