/** `whole`: no range, or one that we may ignore. `outside`: the range has no byte of the file. */
export type Range = 'whole' | 'outside' | { readonly start: number; readonly end: number };

/** A single `bytes` range of RFC 9110 (14.1.2); several ranges at once are answered with the whole file, as it allows. */
export function parseRange(header: string | undefined, size: number): Range {
  const [, from = '', to = ''] = /^\s*bytes\s*=\s*(\d{0,100})\s*-\s*(\d{0,100})\s*$/i.exec(header ?? '') ?? [];
  if (from === '' && to === '') return 'whole';
  if (from === '') {
    const count = Math.min(Number(to), size);
    return count === 0 ? 'outside' : { start: size - count, end: size - 1 };
  }
  const start = Number(from);
  const end = to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (to !== '' && Number(to) < start) return 'whole';
  return start >= size ? 'outside' : { start, end };
}
