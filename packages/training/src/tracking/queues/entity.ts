import { COMPANY } from '../core.ts';
import { type Entity, jsonPath } from '../query/index.ts';

export const QUEUES: Entity = {
  table: 'queues',
  columns: {
    id: { kind: 'text', sql: 'e.id' },
    name: { kind: 'text', sql: 'e.name' },
    display_name: { kind: 'text', sql: 'e.display_name' },
    user: { kind: 'text', sql: 'e.user_id' },
    tags: { kind: 'array', sql: 'e.tags' },
    system_tags: { kind: 'array', sql: 'e.system_tags' },
    created: { kind: 'date', sql: 'e.created' },
    last_update: { kind: 'date', sql: 'e.last_update' },
  },
  nested: { metadata: (segments) => jsonPath('e.metadata', segments) },
  references: { user: { column: 'user_id', table: 'users', fields: ['name'] } },
  patterns: ['name', 'display_name'],
  texts: ['e.name', 'e.id'],
  hiddenTag: 'k8s-glue',
  output: {
    id: 'e.id',
    name: 'e.name',
    display_name: 'e.display_name',
    user: 'e.user_id',
    company: `'${COMPANY.id}'`,
    created: 'e.created',
    last_update: 'e.last_update',
    tags: 'e.tags',
    system_tags: 'e.system_tags',
    metadata: 'e.metadata',
    entries: `coalesce((select jsonb_agg(jsonb_build_object('task', q.task,
      'added', to_char(q.added at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US+00:00')) order by q.position)
      from tracking.queue_entries q where q.queue = e.id), '[]')`,
  },
};
