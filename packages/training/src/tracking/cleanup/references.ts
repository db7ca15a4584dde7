import { sql } from 'kysely';
import type { Db } from '../core.ts';
import { md5 } from '../store/ids.ts';

/** Which of the URLs tasks, models or events still refer to. */
export async function referredTo(db: Db, urls: readonly string[]): Promise<Set<string>> {
  if (urls.length === 0) return new Set();
  const given = sql`${[...urls]}::text[]`;
  // The indexes hold hashes: names have no limit, keys of an index have.
  const hashes = sql`${urls.map((url) => md5(url))}::text[]`;
  const { rows } = await sql<{ url: string }>`
    select a ->> 'uri' as url from tracking.tasks t, jsonb_array_elements(t.artifacts) a
      where t.artifacts <> '[]' and tracking.artifact_hashes(t.artifacts) && ${hashes} and a ->> 'uri' = any(${given})
    union select asset from tracking.tasks t, unnest(t.report_assets) asset
      where t.report_assets <> '{}' and tracking.md5_of_each(t.report_assets) && ${hashes} and asset = any(${given})
    union select m.uri from tracking.models m where m.uri = any(${given})
    union select url from tracking.samples s, unnest(s.urls) url
      where s.urls <> '{}' and tracking.md5_of_each(s.urls) && ${hashes} and url = any(${given})`.execute(db);
  return new Set(rows.map(({ url }) => url));
}
