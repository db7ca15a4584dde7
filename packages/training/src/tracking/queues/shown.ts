import type { Document } from '../query/index.ts';
import type { Call } from '../wire/endpoint.ts';
import { atLeast } from '../wire/path.ts';

/** Until here metadata was a list of another form, which clients of that time expect and can do without. */
const METADATA_IS_A_MAP = [2, 17] as const;

/** A queue as the caller's version of the API has it: tags in order, at most so many entries. */
export function shownTo({ version }: Call, document: Document, most?: unknown): Document {
  const { tags, system_tags, entries, metadata } = document;
  return {
    ...document,
    ...(Array.isArray(tags) ? { tags: tags.toSorted() } : {}),
    ...(Array.isArray(system_tags) ? { system_tags: system_tags.toSorted() } : {}),
    ...(Array.isArray(entries) ? { entries: atMost(entries, most) } : {}),
    ...(metadata !== undefined && !atLeast(version, METADATA_IS_A_MAP) ? { metadata: [] } : {}),
  };
}

/** A negative number counts from the end; none and 0 mean all. */
function atMost(entries: unknown[], most: unknown): unknown[] {
  if (typeof most !== 'number' || most === 0) return entries;
  return most > 0 ? entries.slice(0, most) : entries.slice(most);
}
