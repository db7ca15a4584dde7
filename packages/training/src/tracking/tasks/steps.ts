import { sql } from 'kysely';
import type { Db } from '../core.ts';

/** The steps of those of these tasks that are pipeline controllers: what they started as their children. */
export async function pipelineSteps(db: Db, tasks: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select s.id from tracking.tasks s join tracking.tasks c on c.id = s.parent
    where c.id = any(${[...tasks]}::text[]) and c.type = 'controller' and not s.public and not s.id = any(${[...tasks]}::text[])
    order by s.id`.execute(db);
  return rows.map(({ id }) => id);
}

/** Does the same with the steps of a controller that was asked for with `include_pipeline_steps`. */
export async function withSteps<T>(
  db: Db,
  { task, include }: { task: string; include: boolean | undefined },
  each: (id: string) => Promise<T>,
): Promise<T> {
  // The steps are looked for first: a controller that is deleted leaves them without a parent.
  const steps = include ? await pipelineSteps(db, [task]) : [];
  const answer = await each(task);
  for (const step of steps) await each(step);
  return answer;
}
