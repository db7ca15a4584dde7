import { sql } from 'kysely';
import type { Db } from '../core.ts';

export interface Setting {
  readonly value: Record<string, unknown>;
  readonly updated: Date;
}

export async function readSetting(db: Db, key: string): Promise<Setting | undefined> {
  const { rows } = await sql<Setting>`select value, updated from tracking.settings where key = ${key}`.execute(db);
  return rows[0];
}

/** Sets the named parts of a setting and leaves its others as they are. */
export async function mergeSetting(db: Db, key: string, parts: Record<string, unknown>): Promise<void> {
  await sql`insert into tracking.settings (key, value, updated) values (${key}, ${JSON.stringify(parts)}::jsonb, now())
    on conflict (key) do update set value = settings.value || excluded.value, updated = excluded.updated`.execute(db);
}

/** Takes parts out of a setting; false when there is no such setting. */
export async function cutSetting(db: Db, key: string, parts: readonly string[]): Promise<boolean> {
  const { numAffectedRows } = await sql`update tracking.settings set value = value - ${[...parts]}::text[],
    updated = now() where key = ${key}`.execute(db);
  return (numAffectedRows ?? 0n) > 0n;
}
