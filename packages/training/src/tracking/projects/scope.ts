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
