import type { Query } from '@ranloop/contracts/tracking';
import { ApiError } from '../wire/errors.ts';

export interface Page {
  readonly limit: number;
  readonly offset: number;
  /** Given back when the caller scrolls: where the next part begins. */
  next(returned: number): string | undefined;
}

const LARGEST = 500;

/** Pages by `page` and `page_size`, or scrolls by `scroll_id` and `size`. A scroll id carries all of its state. */
export function parsePage({ page, page_size, size, scroll_id, refresh_scroll }: Query): Page {
  if (scroll_id !== undefined || (size !== undefined && page === undefined)) {
    const limit = Math.min(size ?? page_size ?? LARGEST, LARGEST);
    const at = scroll_id ? readScrollId(scroll_id) : 0;
    const offset = refresh_scroll ? 0 : at;
    const most = refresh_scroll ? Math.min(Math.max(at, limit), 20 * LARGEST) : limit;
    return { limit: most, offset, next: (returned) => writeScrollId(offset + returned) };
  }
  if (page !== undefined && page_size === undefined)
    throw new ApiError('missingFields', { fields: ['page_size'] }, 'page goes with page_size');
  const limit = Math.min(page_size ?? LARGEST, LARGEST);
  const offset = (page ?? 0) * limit;
  if (!Number.isSafeInteger(offset)) throw new ApiError('badValue', { field: 'page' });
  return { limit, offset, next: () => undefined };
}

function writeScrollId(offset: number): string {
  return Buffer.from(JSON.stringify({ offset })).toString('base64url');
}

/** Anything that we did not write begins a new scroll: clients send any text to start one. */
function readScrollId(text: string): number {
  try {
    const { offset } = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as { offset?: unknown };
    return typeof offset === 'number' && Number.isSafeInteger(offset) && offset >= 0 ? offset : 0;
  } catch {
    return 0;
  }
}
