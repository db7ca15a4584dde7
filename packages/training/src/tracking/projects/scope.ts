import type { Query } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import type { Sql } from '../query/entity.ts';
import { inProjects } from './entity.ts';

interface Scope {
  readonly projects?: readonly (string | null)[] | undefined;
  readonly include_subprojects?: boolean | undefined;
}

/** Tasks or models `e` of some projects, null being the root. Without projects those of all, or of the root alone. */
export function inScope({ projects, include_subprojects = true }: Scope): Sql {
  if (!projects?.length) return include_subprojects || projects ? sql`true` : sql`e.project is null`;
  const ids = projects.filter((id): id is string => id !== null);
  const own = include_subprojects ? inProjects(ids) : sql`e.project = any(${ids}::text[])`;
  return ids.length < projects.length ? sql`(${own} or e.project is null)` : own;
}

/** Takes `include_subprojects` out of a request of the query language: its projects become a condition that knows those below. */
export function belowProjects({ include_subprojects, ...request }: Query): { request: Query; also: Sql } {
  const projects = [request['project']].flat();
  const named = projects.every(
    (id): id is string | null => id === null || (typeof id === 'string' && !/^(-|__\$)/.test(id)),
  );
  if (include_subprojects !== true || !named) return { request, also: sql`true` };
  const { project: _project, ...rest } = request;
  return { request: rest as Query, also: inScope({ projects }) };
}
