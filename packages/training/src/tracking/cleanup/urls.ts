import { sql } from 'kysely';
import type { Db } from '../core.ts';

/** As the API lists them for clients that delete files themselves (`return_file_urls`). */
export interface FileUrls {
  model_urls: string[];
  event_urls: string[];
  artifact_urls: string[];
}

/** An answer is held in memory; the background deletion has no such limit. */
const MOST = 100_000;

/** The URLs of what tasks wrote, of models, and of what both reported. */
export async function fileUrls(
  db: Db,
  { tasks, models }: { tasks: readonly string[]; models: readonly string[] },
): Promise<FileUrls> {
  const list = async (query: ReturnType<typeof sql<{ url: string }>>) =>
    (await query.execute(db)).rows.map(({ url }) => url);
  const ids = sql`${[...tasks]}::text[]`;
  return {
    model_urls: await list(sql`select distinct uri as url from tracking.models
      where id = any(${[...models]}::text[]) and uri <> '' limit ${MOST}`),
    event_urls: await list(sql`select distinct unnest(urls) as url from tracking.samples
      where owner = any(${[...tasks, ...models]}::text[]) and urls <> '{}' limit ${MOST}`),
    artifact_urls: await list(sql`select a ->> 'uri' as url from tracking.tasks t, jsonb_array_elements(t.artifacts) a
        where t.id = any(${ids}) and coalesce(a ->> 'mode', 'output') = 'output' and a ->> 'uri' <> ''
      union select unnest(t.report_assets) from tracking.tasks t where t.id = any(${ids}) limit ${MOST}`),
  };
}
