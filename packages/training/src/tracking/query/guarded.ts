import { type RawBuilder, sql } from 'kysely';
import type { Core } from '../core.ts';

/** Runs a query; one that matches a client's pattern is given up after a while. */
export async function guarded<Row>(core: Core, slow: boolean, statement: RawBuilder<unknown>): Promise<Row[]> {
  if (!slow) return (await statement.execute(core.db)).rows as Row[];
  return core.db.transaction().execute(async (trx) => {
    await sql`set local statement_timeout = ${sql.lit(core.config.patternTimeoutMs)}`.execute(trx);
    return (await statement.execute(trx)).rows as Row[];
  });
}
