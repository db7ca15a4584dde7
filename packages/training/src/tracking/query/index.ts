export type { Entity, Resolved } from './entity.ts';
export { jsonPath } from './entity.ts';
export { escapeKey, unescapeKey } from './paths.ts';
export { type Document, documentById, type QueryOptions, queryDocuments, toDocument, wireDate } from './run.ts';
export { parseDate } from './values.ts';
