import { sql } from 'kysely';
import type { Core, Db } from '../core.ts';

interface Leaving {
  readonly tasks?: readonly string[];
  readonly models?: readonly string[];
  /** A task that is reset lives on under the same URLs: its files wait while it runs, and what it writes anew stays. */
  readonly reset?: boolean;
}

/**
 * Notes the files of tasks and models that are about to be deleted or reset, in the transaction that does it: what the
 * tasks wrote (artifacts, debug images, images of plots) and where the models are. To be called before the rows go.
 */
export async function recordFiles(core: Core, db: Db, { tasks = [], models = [], reset = false }: Leaving) {
  if (!core.files) return;
  const [ids, owners] = [sql`${[...tasks]}::text[]`, sql`${[...tasks, ...models]}::text[]`];
  const due = new Date(Date.now() + core.config.fileDeletionDelaySeconds * 1000);
  const now = new Date();
  // What is noted already comes due anew: what others also referred to was left, and these may have been the others. Rows
  // that are being worked off are not waited for, since removing a file may take as long as its store likes.
  await sql`with written as materialized (
      select a ->> 'uri' as url, t.id as task from tracking.tasks t, jsonb_array_elements(t.artifacts) a
        where t.id = any(${ids}) and coalesce(a ->> 'mode', 'output') = 'output'
      union select unnest(t.report_assets), t.id from tracking.tasks t where t.id = any(${ids}) and not ${reset}
      union select unnest(s.urls), s.owner from tracking.samples s where s.owner = any(${owners}) and s.urls <> '{}'
      union select m.uri, m.id from tracking.models m where m.id = any(${[...models]}::text[])),
    noted as (
      select f.id from tracking.files_to_delete f where f.state in ('waiting', 'shared') and f.url in (
        select url from written
        union select a ->> 'uri' from tracking.tasks t, jsonb_array_elements(t.artifacts) a where t.id = any(${ids}))
      for update skip locked),
    again as (
      update tracking.files_to_delete f set state = 'waiting', reason = null, recorded = ${now}, due = ${due},
        task = case when ${reset} or not f.task = any(${ids}) then f.task end
      from noted where f.id = noted.id returning f.url)
    insert into tracking.files_to_delete (url, task, recorded, due)
      select w.url, case when ${reset} and w.task = any(${ids}) then w.task end, ${now}, ${due}
      from written w where w.url <> '' and not exists (select from again where again.url = w.url)`.execute(db);
}
