import type { EntitiesCount } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import type { Core } from '../core.ts';
import { MODELS } from '../models/entity.ts';
import { PROJECTS } from '../projects/entity.ts';
import { belowProjects } from '../projects/index.ts';
import { selectProjects } from '../projects/selection.ts';
import { compileWhere } from '../query/compile.ts';
import type { Entity } from '../query/entity.ts';
import { guarded } from '../query/guarded.ts';
import { TASKS } from '../tasks/entity.ts';
import { asApiError } from '../wire/errors.ts';

interface Group {
  readonly entity: Entity;
  /** The type of the tasks that are counted, wherever below the projects they lie. */
  readonly type?: string;
  /** Whether hidden ones are left out unless asked for. Pipelines, datasets and reports are all hidden. */
  readonly hides?: boolean;
}

const GROUPS = {
  projects: { entity: PROJECTS, hides: true },
  tasks: { entity: TASKS, hides: true },
  models: { entity: MODELS },
  pipelines: { entity: PROJECTS },
  pipeline_runs: { entity: TASKS, type: 'controller' },
  datasets: { entity: PROJECTS },
  dataset_versions: { entity: TASKS, type: 'data_processing' },
  reports: { entity: TASKS, type: 'report' },
} as const satisfies Record<string, Group>;
type Name = keyof typeof GROUPS;

/** How many of each kind pass the criteria. What is wrong with those of one kind does not keep the others from it. */
export async function countEntities(core: Core, body: EntitiesCount) {
  const counts: Record<string, number> = {};
  const errors: Record<string, string> = {};
  for (const name of Object.keys(GROUPS) as Name[]) {
    const criteria = body[name];
    if (criteria === undefined) continue;
    try {
      counts[name] = await countGroup(core, { group: GROUPS[name], criteria, body });
    } catch (thrown) {
      const error = asApiError(thrown);
      if (error.code >= 500) throw thrown;
      errors[name] = error.message;
    }
  }
  return { ...counts, ...(Object.keys(errors).length > 0 ? { errors } : {}) };
}

interface Counting {
  readonly group: Group;
  readonly criteria: Record<string, unknown>;
  readonly body: EntitiesCount;
}

async function countGroup(core: Core, { group, criteria, body }: Counting): Promise<number> {
  const { entity, type, hides = false } = group;
  const { active_users, allow_public = true, search_hidden, limit } = body;
  const { request, also } = belowProjects({
    ...criteria,
    ...(type ? { type: [type], include_subprojects: true } : {}),
  });
  const conditions = [also];
  if (active_users?.length) {
    if (entity === PROJECTS) {
      const within = request['id'] === undefined ? undefined : [request['id']].flat().map(String);
      const chosen = await selectProjects(core, { active_users, allow_public }, within);
      conditions.push(sql`e.id = any(${chosen ?? []}::text[])`);
    } else if (request['user'] === undefined) request['user'] = active_users;
  }
  if (hides && search_hidden !== true) conditions.push(sql`not e.system_tags @> '{hidden}'`);
  if (!allow_public) conditions.push(sql`not e.public`);
  const where = compileWhere(entity, { ...request, search_hidden: true });
  const most = limit ? sql`limit ${limit}` : sql``;
  const [row] = await guarded<{ count: number }>(
    core,
    where.slow,
    sql`select count(*) as count from (select 1 from ${sql.raw(`tracking.${entity.table}`)} e
      where ${where.sql} and ${sql.join(conditions, sql` and `)} ${most}) counted`,
  );
  return row?.count ?? 0;
}
