interface Labels {
  readonly counter?: string;
  readonly source?: string;
  readonly dn?: string;
  readonly snssai?: string;
  readonly fiveQi?: number;
  readonly plmn?: string;
}

const ORDER = ['counter', 'source', 'dn', 'snssai', 'fiveQi', 'plmn'] as const;

/** The order of answers, the same whatever the store's collation. */
export function byLabels(a: Labels, b: Labels): number {
  for (const label of ORDER) {
    const [left, right] = [a[label] ?? '', b[label] ?? ''];
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}

export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
