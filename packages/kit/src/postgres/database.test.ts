import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Kysely, sql } from 'kysely';
import pg from 'pg';
import { afterAll, expect, test } from 'vitest';
import { silentLog } from '../log/index.ts';
import { createTestDatabase } from '../testing/index.ts';
import { createEmbeddedPostgres } from './index.ts';

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ranloop-postgres-'));
  folders.push(folder);
  await chmod(folder, 0o755);
  return folder;
}

async function ask(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

test('counts come back as numbers, not as text', async () => {
  const database = await createTestDatabase();
  const { rows } = await database.pool.query('select 9007199254740991::bigint as most, 1.5::numeric as half');
  expect(rows).toEqual([{ most: 9007199254740991, half: 1.5 }]);
  await database.stop();
});

test('two processes that migrate one schema at once both find it at its newest state', async () => {
  const database = await createTestDatabase();
  const steps = {
    '001-thing': {
      up: async (db: Kysely<unknown>) => {
        await sql`create table room.thing (id int primary key)`.execute(db);
      },
    },
  };
  await Promise.all([database.migrate('room', steps), database.migrate('room', steps)]);
  const { rows } = await database.pool.query('select count(*) as n from room.thing');
  expect(rows).toEqual([{ n: 0 }]);
  await database.stop();
});

test('what was committed is there after the server was killed and started again, also by a new owner', async () => {
  const folder = await temporaryFolder();
  const first = createEmbeddedPostgres(folder, silentLog());
  await first.start();
  await ask(first.url, 'create table kept (value int)');
  await ask(first.url, 'insert into kept values (42)');
  // The first owner is gone without stopping its server, as after kill -9; the second one must take over.
  const second = createEmbeddedPostgres(folder, silentLog());
  await second.start();
  expect(await ask(second.url, 'select value from kept')).toEqual([{ value: 42 }]);
  await second.stop();
  await expect(ask(second.url, 'select 1')).rejects.toThrow();
});

test('the password of the embedded server is kept with mode 600 and is asked for', async () => {
  const folder = await temporaryFolder();
  const server = createEmbeddedPostgres(folder, silentLog());
  await server.start();
  const file = path.join(folder, 'postgres.password');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(server.url).toContain((await readFile(file, 'utf8')).trim());
  const wrong = new URL(server.url);
  wrong.password = 'wrong';
  await expect(ask(wrong.href, 'select 1')).rejects.toThrow(/password authentication failed/);
  await server.stop();
});

test('a data folder that the account of PostgreSQL cannot reach is no obstacle', async () => {
  const folder = await temporaryFolder();
  await chmod(folder, 0o700);
  const server = createEmbeddedPostgres(path.join(folder, 'inner'), silentLog());
  await server.start();
  expect(await ask(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  await server.stop();
  folders.push(server.data);
});
