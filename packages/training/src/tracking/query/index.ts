export type { Entity, Resolved, Sql } from './entity.ts';
export { jsonPath } from './entity.ts';
export { type Document, documentById, queryDocuments, toDocument, wireDate } from './run.ts';
export { parseDate } from './values.ts';
