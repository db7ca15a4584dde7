import { sql } from 'kysely';
import type { Db } from '../core.ts';
import { ApiError } from '../wire/errors.ts';

const OPERATOR = '__$';

/** Tags as they are kept: each once. One that looks like an operator of a filter could never be asked for. */
export function tagList(tags: readonly string[]): string[] {
  const odd = tags.filter((tag) => tag.startsWith(OPERATOR));
  if (odd.length > 0) throw new ApiError('badValue', { values: odd.slice(0, 10) }, 'unsupported prefix of a tag');
  return [...new Set(tags)];
}

/** SQL of tags in the order in which they go on the wire: that of their code points. */
export function sorted(column: string): string {
  return `array(select t from unnest(${column}) t order by t collate "C")`;
}

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
