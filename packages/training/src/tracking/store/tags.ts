import { sql } from 'kysely';
import type { Db } from '../core.ts';

interface TagChange {
  readonly table: 'tasks' | 'models';
  readonly column: 'tags' | 'system_tags';
  readonly ids: readonly string[];
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

/** Adds and removes tags in one statement, so that two who tag at once both count. */
export async function setTags(db: Db, { table, column, ids, add, remove }: TagChange): Promise<{ updated: number }> {
  const name = sql.raw(column);
  const { numAffectedRows } = await sql`update ${sql.raw(`tracking.${table}`)} set
      ${name} = (select coalesce(array_agg(tag order by place), '{}') from (
        select tag, min(place) as place from unnest(${name} || ${[...add]}::text[]) with ordinality given (tag, place)
        where not tag = any(${[...remove]}::text[]) group by tag) kept),
      last_update = now(), last_change = now()
    where id = any(${[...ids]}::text[])`.execute(db);
  return { updated: Number(numAffectedRows ?? 0n) };
}
