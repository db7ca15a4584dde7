import { RanloopError } from '@ranloop/contracts/errors';
import { Kysely, type Migration, Migrator, PostgresDialect, sql } from 'kysely';
import pg from 'pg';

export interface DatabaseConfig {
  /** `postgres://user:password@host:port/database`, or with `?host=/socket/folder`. */
  readonly url: string;
  readonly connections: number;
}

/** A pool, and one typed view of it per room: each room has a PostgreSQL schema of its own. */
export interface Database {
  readonly pool: pg.Pool;
  /** A Kysely that sees the room's schema only. */
  room<Tables>(schema: string): Kysely<Tables>;
  /** Brings a room's schema to its newest state; safe when several processes start at once (an advisory lock is held). */
  migrate(schema: string, migrations: Readonly<Record<string, Migration>>): Promise<void>;
  stop(): Promise<void>;
}

const BIGINT_OID = 20;
const NUMERIC_OID = 1700;

export function createDatabase(config: DatabaseConfig): Database {
  // Counts and times fit a double exactly up to 2^53; text for every bigint would be a trap in each room.
  const types: pg.CustomTypesConfig = {
    getTypeParser: (oid: number, format?: 'text' | 'binary') =>
      oid === BIGINT_OID || oid === NUMERIC_OID ? Number : pg.types.getTypeParser(oid, format as 'text'),
  } as pg.CustomTypesConfig;
  const pool = new pg.Pool({ connectionString: config.url, max: config.connections, types });
  // An idle connection that breaks is replaced by the pool; the next query reports trouble if there is any.
  pool.on('error', () => undefined);
  // One that breaks while in use fails the query under way; without a listener it would end the process too.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return {
    pool,
    room: <Tables>(schema: string) => new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) }).withSchema(schema),
    async migrate(schema, migrations) {
      const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
      await sql`create schema if not exists ${sql.id(schema)}`.execute(db).catch(ignoreRace);
      const migrator = new Migrator({
        db,
        provider: { getMigrations: async () => ({ ...migrations }) },
        migrationTableSchema: schema,
      });
      const { error } = await migrator.migrateToLatest();
      if (error) throw new RanloopError('RL_STORE', `schema ${schema} cannot be brought up to date`, { cause: error });
    },
    stop: () => pool.end(),
  };
}

/** `create schema if not exists` still fails when two sessions do it in the same instant; the loser finds it made. */
function ignoreRace(error: { code?: string }): void {
  if (error.code !== '23505' && error.code !== '42P06') throw error;
}
