import { Readable } from 'node:stream';
import { checker } from '@ranloop/contracts/schema';
import { PrepareDownload, type Query } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import type { Core } from '../core.ts';
import { listModels } from '../models/readers.ts';
import { newId } from '../store/ids.ts';
import { listTasks } from '../tasks/index.ts';
import type { Call } from '../wire/endpoint.ts';
import { ApiError } from '../wire/errors.ts';
import { RawAnswer } from '../wire/raw.ts';
import { columnsOf, csvLine, csvRow, keyText } from './csv.ts';

/** Seconds for which a prepared download may be fetched. */
const KEPT = 300;
const MOST_BYTES = 1_048_576;
const MOST_ROWS = 50_000;
const ROWS_AT_ONCE = 100;
const LONGEST_PROJECT_NAME = 60;
const UTF8_SIGNATURE = '\uFEFF';

const check = checker(PrepareDownload);

/** Keeps a get_all_ex request until it is fetched as a file. What is wrong with it is said now. */
export async function prepareDownload(core: Core, body: Query, call: Call): Promise<{ prepare_id: string }> {
  const { field_mappings } = check(body, 'organization.prepare_download_for_get_all');
  refuseTwice(
    field_mappings.map(({ name, field }) => name || field),
    'name',
  );
  for (const { values = [] } of field_mappings)
    refuseTwice(
      values.map(({ key }) => keyText(key)),
      'value key',
    );
  const text = JSON.stringify(body);
  if (Buffer.byteLength(text) > MOST_BYTES) throw new ApiError('badValue', {}, 'the request is too large to be kept');
  await readRows(core, body, { call, page: 0, page_size: 1 });
  const id = newId();
  await sql`delete from tracking.prepared_downloads where created < now() - make_interval(secs => ${KEPT})`.execute(
    core.db,
  );
  await sql`insert into tracking.prepared_downloads (id, request, created) values (${id}, ${text}::jsonb, now())`.execute(
    core.db,
  );
  return { prepare_id: id };
}

function refuseTwice(names: readonly string[], what: string): void {
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new ApiError('validation', { [what]: twice }, 'appears twice in field_mappings');
}

export async function download(core: Core, prepare_id: string, call: Call): Promise<RawAnswer> {
  const { rows } = await sql<{ request: Query }>`select request from tracking.prepared_downloads
    where id = ${prepare_id} and created >= now() - make_interval(secs => ${KEPT})`.execute(core.db);
  const request = rows[0]?.request;
  if (!request) throw new ApiError('invalidId', { prepare_id }, 'not prepared, or too long ago');
  const { entity_type } = check(request, 'prepared download');
  const project = await projectLabel(core, request['project']);
  const filename = ['clearml', project, `${entity_type}s.csv`].filter((part) => part !== undefined).join('-');
  return new RawAnswer(Readable.from(lines(core, request, call)), { filename, type: 'text/csv; charset=utf-8' });
}

async function* lines(core: Core, request: Query, call: Call): AsyncGenerator<string> {
  const columns = columnsOf(check(request, 'prepared download').field_mappings);
  yield UTF8_SIGNATURE + csvLine(columns.map(({ name }) => name));
  for (let page = 0; page * ROWS_AT_ONCE < MOST_ROWS; page += 1) {
    const rows = await readRows(core, request, { call, page, page_size: ROWS_AT_ONCE });
    if (rows.length > 0) yield rows.map((row) => csvRow(row, columns)).join('');
    if (rows.length < ROWS_AT_ONCE) return;
  }
}

async function readRows(core: Core, body: Query, { call, ...paging }: { call: Call; page: number; page_size: number }) {
  const { scroll_id: _scroll, size: _size, refresh_scroll: _refresh, ...rest } = body;
  const request = { ...rest, ...paging } as Query;
  if (body['entity_type'] === 'model') return (await listModels(core, request, true)).documents;
  return (await listTasks(core, request, { joined: true, call })).tasks;
}

/** The one project that was asked for, for the name of the file. */
async function projectLabel(core: Core, given: unknown): Promise<string | undefined> {
  const projects = [given].flat();
  if (projects.length !== 1 || given === undefined) return undefined;
  if (projects[0] === null) return 'root';
  const found = await core.db
    .selectFrom('projects')
    .select('basename')
    .where('id', '=', String(projects[0]))
    .executeTakeFirst();
  return found && [...found.basename].slice(0, LONGEST_PROJECT_NAME).join('');
}
