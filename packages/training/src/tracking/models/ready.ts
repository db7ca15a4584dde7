import type { Db } from '../core.ts';

/** A ready model is published: its contents stay as they are. */
export async function markReady(db: Db, model: string): Promise<void> {
  const now = new Date();
  await db
    .updateTable('models')
    .set({ ready: true, last_update: now, last_change: now })
    .where('id', '=', model)
    .execute();
}
