import type { IncomingHttpHeaders } from 'node:http';

export interface Validators {
  /** As in the header: with its quotes. */
  readonly etag: string;
  readonly modified: Date;
}

/** What the preconditions of a request say (RFC 9110, 13.2.2): go on, 304, or 412. */
export function precondition(headers: IncomingHttpHeaders, { etag, modified }: Validators): 'go on' | 304 | 412 {
  const { 'if-match': match, 'if-none-match': noneMatch } = headers;
  const second = Math.floor(modified.getTime() / 1000);
  if (match !== undefined) {
    if (!lists(match, etag, true)) return 412;
  } else if (second > seconds(headers['if-unmodified-since'], Number.POSITIVE_INFINITY)) return 412;
  if (noneMatch !== undefined) return lists(noneMatch, etag, false) ? 304 : 'go on';
  return second <= seconds(headers['if-modified-since'], Number.NEGATIVE_INFINITY) ? 304 : 'go on';
}

/** Whether a Range counts: only for the very content that the client has a part of (RFC 9110, 13.1.5). */
export function rangeCounts(ifRange: string | string[] | undefined, { etag, modified }: Validators): boolean {
  if (ifRange === undefined) return true;
  return ifRange === etag || ifRange === modified.toUTCString();
}

function lists(header: string, etag: string, strong: boolean): boolean {
  if (header.trim() === '*') return true;
  const tags = header.split(',').map((tag) => tag.trim());
  return tags.includes(etag) || (!strong && tags.includes(`W/${etag}`));
}

/** A date that is none of HTTP's counts as absent. */
function seconds(date: string | undefined, absent: number): number {
  const time = /GMT$/.test(date ?? '') ? Date.parse(date ?? '') : Number.NaN;
  return Number.isNaN(time) ? absent : Math.floor(time / 1000);
}
