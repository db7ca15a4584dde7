import { sql } from 'kysely';
import { COMPANY } from '../core.ts';
import type { Entity } from '../query/index.ts';
import { sorted } from '../store/tags.ts';

export const PROJECTS: Entity = {
  table: 'projects',
  columns: {
    id: { kind: 'text', sql: 'e.id' },
    name: { kind: 'text', sql: 'e.name' },
    basename: { kind: 'text', sql: 'e.basename' },
    description: { kind: 'text', sql: 'e.description' },
    user: { kind: 'text', sql: 'e.user_id' },
    tags: { kind: 'array', sql: 'e.tags' },
    system_tags: { kind: 'array', sql: 'e.system_tags' },
    path: { kind: 'array', sql: 'e.path' },
    parent: { kind: 'text', sql: 'e.parent' },
    created: { kind: 'date', sql: 'e.created' },
    last_update: { kind: 'date', sql: 'e.last_update' },
  },
  nested: {},
  references: {
    user: { column: 'user_id', table: 'users', fields: ['name'] },
    parent: { column: 'parent', table: 'projects', fields: ['name'] },
  },
  patterns: ['name', 'basename', 'description'],
  texts: ['e.name', 'e.id', 'e.description'],
  hiddenTag: 'hidden',
  output: {
    id: 'e.id',
    name: 'e.name',
    basename: 'e.basename',
    description: 'e.description',
    user: 'e.user_id',
    company: `case when e.public then '' else '${COMPANY.id}' end`,
    created: 'e.created',
    last_update: 'e.last_update',
    tags: sorted('e.tags'),
    system_tags: sorted('e.system_tags'),
    default_output_destination: 'e.default_output_destination',
    parent: 'e.parent',
  },
};

/** A project or any of its descendants, for `e.project` of tasks and models. */
export const inProjects = (ids: readonly string[]) =>
  sql`e.project in (select p.id from tracking.projects p where p.id = any(${[...ids]}::text[]) or p.path && ${[...ids]}::text[])`;
