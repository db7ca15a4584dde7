export type Scheme = 'light' | 'dark';

/** Eight hues that stay apart under the three common colour deficiencies, each over 3 to 1 on the surface of its scheme. */
const PALETTE: Record<Scheme, readonly string[]> = {
  light: ['#0b69b7', '#c2500a', '#007a5a', '#a8408f', '#7d6200', '#2a8a9e', '#6c46b0', '#5b6673'],
  dark: ['#5cb3f2', '#f0904a', '#37c89b', '#e58fcb', '#e3c54b', '#5fd0e0', '#b79cf5', '#a4afbc'],
};

/** Names with a meaning of their own on every page. */
const FIXED: Record<string, number> = {
  none: 7,
  static: 1,
  reactive: 3,
  loop: 0,
  oracle: 2,
  live: 0,
  twin: 1,
  eMBB: 0,
  URLLC: 1,
  mIoT: 2,
  train: 0,
  validation: 1,
  test: 2,
  model: 0,
  truth: 0,
  median: 1,
  persistence: 1,
};

/** The same name has the same colour on every page and in every session. */
export function seriesColor(name: string, scheme: Scheme): string {
  const palette = PALETTE[scheme];
  return palette[seriesIndex(name)] ?? '#888888';
}

function seriesIndex(name: string): number {
  const fixed = FIXED[name];
  if (fixed !== undefined) return fixed;
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at += 1) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  return (hash >>> 0) % PALETTE.light.length;
}

/** Colours of the names of one figure in which dashes cannot be drawn: a name whose colour is taken gets the next free one. */
export function distinctColors(names: readonly string[], scheme: Scheme): string[] {
  const palette = PALETTE[scheme];
  const taken = new Set<number>();
  return names.map((name) => {
    let index = seriesIndex(name);
    for (let tries = 0; taken.has(index) && tries < palette.length; tries += 1) index = (index + 1) % palette.length;
    taken.add(index);
    return palette[index] ?? '#888888';
  });
}

/** Names that share a colour in one chart are told apart by their dashes. */
export function seriesDashes(names: readonly string[]): (number[] | undefined)[] {
  const used = new Map<number, number>();
  const dashes: (number[] | undefined)[] = [undefined, [7, 4], [2, 3], [9, 3, 2, 3]];
  return names.map((name) => {
    const index = seriesIndex(name);
    const seen = used.get(index) ?? 0;
    used.set(index, seen + 1);
    return dashes[seen % dashes.length];
  });
}
