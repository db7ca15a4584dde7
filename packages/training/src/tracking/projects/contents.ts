import { sql } from 'kysely';
import type { Db } from '../core.ts';
import type { Sql } from '../query/entity.ts';
import { getWritable } from './tree.ts';

/** A project and all below it. Those that hold pipelines or datasets count these rather than tasks. */
export interface Family {
  readonly ids: readonly string[];
  readonly pipelines: readonly string[];
  readonly datasets: readonly string[];
  readonly plain: readonly string[];
}

/** Locked until the end of the transaction: nothing is added to them meanwhile. */
export async function lockFamily(db: Db, project: string): Promise<Family> {
  await getWritable(db, project);
  const { rows } = await sql<{ id: string; pipeline: boolean; dataset: boolean }>`
    select id, system_tags @> '{pipeline}' and basename <> '.pipelines' as pipeline,
      system_tags @> '{dataset}' and basename <> '.datasets' as dataset
    from tracking.projects where id = ${project} or path @> ${[project]}::text[] order by id for update`.execute(db);
  const ids = (of: (row: (typeof rows)[number]) => boolean) => rows.filter(of).map(({ id }) => id);
  return {
    ids: ids(() => true),
    pipelines: ids(({ pipeline }) => pipeline),
    datasets: ids(({ dataset }) => dataset),
    plain: ids(({ pipeline, dataset }) => !pipeline && !dataset),
  };
}

export interface Contents {
  tasks: number;
  non_archived_tasks: number;
  models: number;
  non_archived_models: number;
  reports: number;
  non_archived_reports: number;
  /** Projects with a controller or a version that is not archived. */
  pipelines: number;
  datasets: number;
}

const ACTIVE = sql`not system_tags @> '{archived}'`;
const REPORT = sql`system_tags @> '{reports}'`;

/** What would go with a project. */
export async function countContents(db: Db, { pipelines, datasets, plain }: Family): Promise<Contents> {
  const count = (table: string, ids: readonly string[], condition: Sql) =>
    sql`(select count(*) from ${sql.raw(`tracking.${table}`)} where project = any(${[...ids]}::text[]) and ${condition})`;
  const projects = (ids: readonly string[], condition: Sql) =>
    sql`(select count(distinct project) from tracking.tasks where project = any(${[...ids]}::text[]) and ${ACTIVE} and ${condition})`;
  const { rows } = await sql<Contents>`select
    ${count('tasks', plain, sql`not ${REPORT}`)} as tasks,
    ${count('tasks', plain, sql`not ${REPORT} and ${ACTIVE}`)} as non_archived_tasks,
    ${count('models', plain, sql`true`)} as models,
    ${count('models', plain, ACTIVE)} as non_archived_models,
    ${count('tasks', plain, REPORT)} as reports,
    ${count('tasks', plain, sql`${REPORT} and ${ACTIVE}`)} as non_archived_reports,
    ${projects(pipelines, sql`type = 'controller'`)} as pipelines,
    ${projects(datasets, sql`true`)} as datasets`.execute(db);
  return rows[0] as Contents;
}
