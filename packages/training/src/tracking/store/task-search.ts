import { type Kysely, type Migration, sql } from 'kysely';

/** What finds and orders a hundred thousand tasks by index; and tasks that everybody may read and nobody may change. */
export const taskSearch: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

const STATEMENTS = [
  // Tables of tasks leave out what is hidden or archived: as columns, these stand in an index, which the list of tags may be too long for.
  `alter table tracking.tasks add column public boolean not null default false,
    add column hidden boolean not null generated always as (system_tags @> array['hidden']) stored,
    add column archived boolean not null generated always as (system_tags @> array['archived']) stored`,
  // The rows of tasks are wide: joins that order by a metric look here whether a task passes.
  `create index tasks_narrow on tracking.tasks (id) include (project, status, type, user_id, hidden, archived)`,
  // Names have no limit; their start is enough for an order.
  `create index tasks_name_order on tracking.tasks (left(name, 200), id)`,
  `drop index tracking.tasks_status`,
  `create index tasks_status on tracking.tasks (status, id)`,
  // Orders by the value of a metric and of a hyperparameter, as tasks/entity.ts spells them.
  `drop index if exists tracking.series_value`,
  `create index series_order on tracking.series (metric_hash, variant_hash, value, owner) where value is not null`,
  // Columns rather than expressions, so that the indexes alone answer: texts that are no numbers come after the numbers,
  // and of a long value the start.
  `alter table tracking.task_params
    add column rank double precision not null generated always as (coalesce(number, 'Infinity'::float8)) stored,
    add column start text not null generated always as (left(value, 200)) stored`,
  `drop index tracking.task_params_number`,
  `drop index tracking.task_params_value`,
  `create index task_params_order on tracking.task_params (key_hash, rank, start, task)`,
  `create index task_params_value on tracking.task_params (key_hash, start, task)`,
];

/** A model that another task starts from outlives the task that made it. */
export const inputModels: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`create index tasks_input_models on tracking.tasks using gin ((models -> 'input') jsonb_path_ops)
      where models -> 'input' <> '[]'`.execute(db);
  },
};
