import { sql } from 'kysely';
import type { Db } from '../core.ts';

/** Something that was made at an iteration shows how far its task has come. */
export async function raiseIteration(db: Db, task: string, iteration: number): Promise<void> {
  await sql`update tracking.tasks set last_iteration = greatest(last_iteration, ${iteration}::bigint)
    where id = ${task}`.execute(db);
}
