import { RanloopError } from '@ranloop/contracts/errors';

/** Reads a time that a person or a program wrote: ISO 8601, or microseconds since 1970. RL_INVALID names the parameter. */
export function readTime(text: string, parameter: string): number {
  const trimmed = text.trim();
  const micros = /^\d{1,16}$/.test(trimmed) ? Number(trimmed) : Date.parse(trimmed) * 1_000;
  if (Number.isSafeInteger(micros) && micros >= 0) return micros;
  const problem = 'must be a time: ISO 8601, or microseconds since 1970';
  throw new RanloopError('RL_INVALID', `${parameter} ${problem}, not "${trimmed.slice(0, 100)}"`, {
    fields: [{ path: `/${parameter}`, problem }],
  });
}
