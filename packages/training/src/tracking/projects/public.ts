import { sql } from 'kysely';
import { type Core, transaction } from '../core.ts';
import { ApiError, type Failure } from '../wire/errors.ts';

interface Publicity {
  readonly table: 'projects' | 'models' | 'tasks';
  readonly ids: readonly string[];
  /** Whether they become public or private. */
  readonly enabled: boolean;
  readonly unknown: Failure;
}

/** Makes all of the entities public or private, or none: each must exist and be the other of the two. */
export async function setPublic(core: Core, { table, ids, enabled, unknown }: Publicity): Promise<{ updated: number }> {
  const wanted = [...new Set(ids)].sort();
  return transaction(core, async (trx) => {
    const { rows } = await sql<{ id: string }>`update ${sql.raw(`tracking.${table}`)} set public = ${enabled}
      where id = any(${wanted}::text[]) and public = ${!enabled} returning id`.execute(trx);
    const changed = new Set(rows.map(({ id }) => id));
    const missing = wanted.filter((id) => !changed.has(id));
    if (missing.length > 0) throw new ApiError(unknown, { ids: missing.slice(0, 100) });
    return { updated: rows.length };
  });
}
