import { ProjectsTaskParents, ProjectsUserNames, type Query } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import type { Core } from '../core.ts';
import { compileWhere } from '../query/compile.ts';
import { guarded } from '../query/guarded.ts';
import { TASKS } from '../tasks/entity.ts';
import { type Endpoint, endpoint } from '../wire/endpoint.ts';
import { inScope } from './scope.ts';

const MOST = 10_000;

interface Parent {
  id: string;
  name: string;
  project: { id: string; name: string } | null;
}

/** Whom and what a table of tasks may be filtered by: the parents of its tasks, and those who made them. */
export function peopleEndpoints(core: Core): Endpoint[] {
  return [
    endpoint({
      name: 'projects.get_task_parents',
      since: '2.12',
      body: ProjectsTaskParents,
      run: async ({ tasks_state, task_name, ...scope }) => {
        const archived = sql`e.system_tags @> '{archived}'`;
        const state =
          tasks_state === undefined ? sql`true` : tasks_state === 'archived' ? archived : sql`not ${archived}`;
        const named = compileWhere(TASKS, { ...(task_name ? { name: task_name } : {}), search_hidden: true } as Query);
        const rows = await guarded<Parent>(
          core,
          named.slow,
          sql`with parents as materialized (select distinct e.parent as id from tracking.tasks e
              where e.parent is not null and ${inScope(scope)} and ${state})
            select e.id, e.name, case when p.id is not null then jsonb_build_object('id', p.id, 'name', p.name) end as project
            from parents join tracking.tasks e on e.id = parents.id left join tracking.projects p on p.id = e.project
            where ${named.sql} order by e.name collate "C", e.id limit ${MOST}`,
        );
        return { parents: rows.map(({ project, ...parent }) => ({ ...parent, ...(project ? { project } : {}) })) };
      },
    }),
    endpoint({
      name: 'projects.get_user_names',
      body: ProjectsUserNames,
      run: async ({ entity, ...scope }) => {
        const { rows } = await sql<{ id: string; name: string }>`select u.id, u.name from tracking.users u
          where u.id in (select e.user_id from ${sql.raw(`tracking.${entity ?? 'task'}s`)} e where ${inScope(scope)})
          order by u.name collate "C", u.id limit ${MOST}`.execute(core.db);
        return { users: rows };
      },
    }),
  ];
}
