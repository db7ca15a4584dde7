import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { type Authenticator, createAuthenticator, hashSecret, type Identity } from '../auth/index.ts';
import { createDatabase, type Database } from '../postgres/index.ts';

declare module 'vitest' {
  interface ProvidedContext {
    postgresUrl: string;
  }
}

/** A fresh, empty database on the PostgreSQL of this test run; `stop` drops it. */
export async function createTestDatabase(): Promise<Database & { readonly url: string }> {
  const server = inject('postgresUrl');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await administer(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const database = createDatabase({ url: url.href, connections: 6 });
  return {
    ...database,
    url: url.href,
    async stop() {
      await database.stop();
      await administer(server, `drop database if exists ${name} with (force)`);
    },
  };
}

export const TEST_IDENTITY: Identity = { user: 'admin', name: 'admin', role: 'admin', company: 'ranloop' };
export const TEST_KEY = 'TESTKEY';
export const TEST_SECRET = 'test-secret';
export const TEST_BASIC = `Basic ${Buffer.from(`${TEST_KEY}:${TEST_SECRET}`).toString('base64')}`;

/** An authenticator that knows one key, TEST_KEY with TEST_SECRET. */
export async function createTestAuthenticator(): Promise<Authenticator> {
  const record = { hash: await hashSecret(TEST_SECRET), identity: TEST_IDENTITY };
  return createAuthenticator({
    tokenSecret: 'a-secret-for-the-tokens-of-tests-only',
    cookie: 'clearml_token_basic',
    keys: async (key) => (key === TEST_KEY ? record : undefined),
  });
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
