import { RanloopError } from '@ranloop/contracts/errors';

/** Reads a time that a person or a program wrote: ISO 8601, or microseconds since 1970. RL_INVALID names the parameter. */
export function readTime(text: string, parameter: string): number {
  const trimmed = text.trim();
  // Date.parse alone would take "5" or "-5" for a date.
  const date = /^\d{4}-\d{2}-\d{2}/.test(trimmed) ? Date.parse(trimmed) * 1_000 : Number.NaN;
  const micros = /^\d{1,16}$/.test(trimmed) ? Number(trimmed) : date;
  if (Number.isSafeInteger(micros) && micros >= 0) return micros;
  const problem = 'must be a time: ISO 8601, or microseconds since 1970';
  throw new RanloopError('RL_INVALID', `${parameter} ${problem}, not "${trimmed.slice(0, 100)}"`, {
    fields: [{ path: `/${parameter}`, problem }],
  });
}
