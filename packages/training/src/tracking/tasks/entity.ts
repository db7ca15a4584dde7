import { sql } from 'kysely';
import { COMPANY } from '../core.ts';
import { lastMetricsOf, lastMetricsOutput, lastMetricsPath } from '../events/last-metrics.ts';
import { type Entity, jsonPath, type Resolved } from '../query/index.ts';
import { md5 } from '../store/ids.ts';

/** Characters of a value that its indexes hold. */
const INDEXED = 200;

/** `hyperparams.<section>.<name>[.value|type|description]`: values are asked of the side table, which has indexes. */
function hyperparam(segments: readonly string[]): Resolved | undefined {
  const [section, name, part = 'value'] = segments;
  if (section === undefined || segments.length > 3) return undefined;
  if (name === undefined || part !== 'value') return jsonPath('e.hyperparams', segments);
  return {
    kind: 'text',
    value: sql.raw('p.value'),
    order: [sql.raw('p.rank'), sql.raw('p.start')],
    side: {
      from: 'tracking.task_params p',
      owner: 'p.task',
      match: sql`p.key_hash = ${md5(`${section}\u0001${name}`)}`,
      isOneOf,
    },
  };
}

/** By the index, which holds the start of a value; a value that fills it is compared whole. */
function isOneOf(values: readonly string[]) {
  const starts = values.map(startOf);
  const byStart = sql`p.start = any(${starts}::text[])`;
  const whole = starts.every((start) => start.length < INDEXED);
  return whole ? byStart : sql`${byStart} and p.value = any(${[...values]}::text[])`;
}

/** PostgreSQL counts code points where JavaScript counts halves of pairs. */
const startOf = (text: string) => (text.length <= INDEXED ? text : [...text].slice(0, INDEXED).join(''));

/** `models.input.model` and `.name`: a list, since a task has several. */
function taskModels(segments: readonly string[]): Resolved | undefined {
  const [direction, part] = segments;
  if (direction !== 'input' && direction !== 'output') return undefined;
  if (part !== 'model' && part !== 'name') return undefined;
  return {
    kind: 'array',
    value: sql.raw(`(select array_agg(m ->> '${part}') from jsonb_array_elements(e.models -> '${direction}') m)`),
  };
}

const json = (column: string) => (segments: readonly string[]) => jsonPath(column, segments);

export const TASKS: Entity = {
  table: 'tasks',
  columns: {
    id: { kind: 'text', sql: 'e.id', required: true },
    name: { kind: 'text', sql: 'e.name', required: true, order: ['left(e.name, 200)'] },
    type: { kind: 'text', sql: 'e.type', required: true },
    status: { kind: 'text', sql: 'e.status', required: true },
    user: { kind: 'text', sql: 'e.user_id', required: true },
    project: { kind: 'text', sql: 'e.project' },
    parent: { kind: 'text', sql: 'e.parent' },
    comment: { kind: 'text', sql: 'e.comment', order: [`nullif(e.comment, '')`] },
    report: { kind: 'text', sql: 'e.report' },
    tags: { kind: 'array', sql: 'e.tags', order: [`nullif(e.tags, '{}')`] },
    system_tags: {
      kind: 'array',
      sql: 'e.system_tags',
      order: [`nullif(e.system_tags, '{}')`],
      members: { hidden: 'e.hidden', archived: 'e.archived' },
    },
    created: { kind: 'date', sql: 'e.created', required: true },
    started: { kind: 'date', sql: 'e.started' },
    completed: { kind: 'date', sql: 'e.completed' },
    published: { kind: 'date', sql: 'e.published' },
    status_changed: { kind: 'date', sql: 'e.status_changed', required: true },
    last_update: { kind: 'date', sql: 'e.last_update', required: true },
    last_change: { kind: 'date', sql: 'e.last_change', required: true },
    last_worker_report: { kind: 'date', sql: 'e.last_worker_report' },
    last_worker: { kind: 'text', sql: 'e.last_worker' },
    status_reason: { kind: 'text', sql: 'e.status_reason', order: [`nullif(e.status_reason, '')`] },
    status_message: { kind: 'text', sql: 'e.status_message', order: [`nullif(e.status_message, '')`] },
    last_iteration: { kind: 'number', sql: 'e.last_iteration', required: true },
    active_duration: { kind: 'number', sql: 'e.active_duration' },
  },
  nested: {
    hyperparams: hyperparam,
    models: taskModels,
    last_metrics: lastMetricsPath,
    runtime: json('e.runtime'),
    script: json('e.script'),
    execution: json('e.execution'),
    output: json('e.output'),
    container: json('e.container'),
    configuration: json('e.configuration'),
  },
  references: {
    project: { column: 'project', table: 'projects', fields: ['name', 'basename'] },
    user: { column: 'user_id', table: 'users', fields: ['name'] },
    parent: { column: 'parent', table: 'tasks', fields: ['name', 'status', 'project'] },
  },
  patterns: ['name', 'comment', 'report'],
  texts: ['e.name', 'e.id', 'e.comment'],
  hiddenTag: 'hidden',
  output: {
    id: 'e.id',
    name: 'e.name',
    type: 'e.type',
    status: 'e.status',
    user: 'e.user_id',
    company: `case when e.public then '' else '${COMPANY.id}' end`,
    project: 'e.project',
    parent: 'e.parent',
    comment: 'e.comment',
    report: 'e.report',
    report_assets: `case when e.report is not null then e.report_assets end`,
    tags: 'e.tags',
    system_tags: 'e.system_tags',
    created: 'e.created',
    started: 'e.started',
    completed: 'e.completed',
    published: 'e.published',
    status_changed: 'e.status_changed',
    status_reason: 'e.status_reason',
    status_message: 'e.status_message',
    last_update: 'e.last_update',
    last_change: 'e.last_change',
    last_changed_by: 'e.last_changed_by',
    last_worker: 'e.last_worker',
    last_worker_report: 'e.last_worker_report',
    last_iteration: 'e.last_iteration',
    active_duration: 'e.active_duration',
    script: 'e.script',
    // Clients read the list of artifacts without asking whether there is one.
    execution: `e.execution || jsonb_build_object('artifacts', e.artifacts)`,
    output: 'e.output',
    container: 'e.container',
    hyperparams: 'e.hyperparams',
    configuration: 'e.configuration',
    runtime: 'e.runtime',
    models: 'e.models',
    last_metrics: lastMetricsOutput('e.id'),
  },
  narrow: { last_metrics: (metrics) => lastMetricsOf('e.id', metrics) },
};
