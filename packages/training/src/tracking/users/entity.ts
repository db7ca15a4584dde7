import { COMPANY } from '../core.ts';
import type { Entity } from '../query/index.ts';

/** Where nobody gave them, the two names are the parts of the whole one before and after its first space. */
export const USERS: Entity = {
  table: 'users',
  columns: {
    id: { kind: 'text', sql: 'e.id' },
    name: { kind: 'text', sql: 'e.name' },
    email: { kind: 'text', sql: 'e.email' },
    role: { kind: 'text', sql: 'e.role' },
    created: { kind: 'date', sql: 'e.created' },
  },
  nested: {},
  references: {},
  patterns: ['name'],
  texts: ['e.name', 'e.id'],
  hiddenTag: undefined,
  output: {
    id: 'e.id',
    name: 'e.name',
    given_name: `coalesce(e.given_name, split_part(e.name, ' ', 1))`,
    family_name: `coalesce(e.family_name, substr(e.name, length(split_part(e.name, ' ', 1)) + 2))`,
    avatar: 'e.avatar',
    email: 'e.email',
    role: 'e.role',
    company: `'${COMPANY.id}'`,
    created: 'e.created',
    created_in_version: 'e.created_in_version',
  },
};
