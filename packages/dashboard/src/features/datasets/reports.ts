/** `description.json` of a dataset: times in microseconds since 1970. */
export interface Description {
  schema: string;
  periodSeconds: number;
  from: number;
  to: number;
  lines: number;
  columns: {
    counter: string;
    unit: string;
    statistics: { count: number; missing: number; mean: number; deviation: number; minimum: number; maximum: number };
  }[];
  objects: string[];
  snssais: string[];
}

/** `quality.json` of a dataset. */
export interface QualityReport {
  counters: {
    counter: string;
    unit: string;
    expectedUnit: string;
    series: number;
    samples: number;
    missing: number;
    gaps: number;
    /** In periods. */
    longestGap: number;
    duplicates: number;
    suspect: number;
    outOfRange: number;
  }[];
  problems: string[];
}

const LISTS: Record<string, readonly string[]> = {
  'description.json': ['columns', 'objects', 'snssais'],
  'quality.json': ['counters', 'problems'],
};

/** A report among the files. Others write files of these names too: undefined when it is not in our form. */
export function jsonIn<T>(files: ReadonlyMap<string, Uint8Array> | undefined, path: string): T | undefined {
  const bytes = files?.get(path);
  if (!bytes) return undefined;
  try {
    const found = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown> | null;
    return (LISTS[path] ?? []).every((key) => Array.isArray(found?.[key])) ? (found as T) : undefined;
  } catch {
    return undefined;
  }
}
