import { ApiError } from '../wire/errors.ts';

/** Scroll ids carry their whole state, so that a server which restarts serves them still, and an idle one costs nothing. */
export function writeCursor(state: object): string {
  return Buffer.from(JSON.stringify(state)).toString('base64url');
}

export function readCursor(text: string): Record<string, unknown> {
  try {
    const state: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (typeof state === 'object' && state !== null && !Array.isArray(state)) return state as Record<string, unknown>;
  } catch {
    // Falls through: whatever it was, we did not write it.
  }
  throw new ApiError('invalidScrollId', { scroll_id: text });
}

/** Numbers of a cursor; refused when they are not what we wrote. */
export function cursorNumbers(state: Record<string, unknown>, key: string, count: number): number[] {
  const value = state[key];
  const valid = Array.isArray(value) && value.length === count && value.every((item) => isWhole(item));
  if (!valid) throw new ApiError('invalidScrollId');
  return value as number[];
}

export function cursorNumber(state: Record<string, unknown>, key: string): number {
  const value = state[key];
  if (!isWhole(value)) throw new ApiError('invalidScrollId');
  return value;
}

export function cursorText(state: Record<string, unknown>, key: string): string {
  const value = state[key];
  if (typeof value !== 'string') throw new ApiError('invalidScrollId');
  return value;
}

/** Iterations reach to 2^53 on either side, one further than what counts as safe. */
function isWhole(value: unknown): value is number {
  return Number.isInteger(value) && Math.abs(value as number) <= 2 ** 53;
}
