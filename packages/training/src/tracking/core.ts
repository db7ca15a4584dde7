import type { Authenticator } from '@ranloop/kit/auth';
import type { Log } from '@ranloop/kit/log';
import type { Metrics } from '@ranloop/kit/metrics';
import type { Kysely, Transaction } from 'kysely';
import type { Changes } from './changes.ts';
import type { FileRemoval } from './cleanup/port.ts';
import type { TrackingConfig } from './config.ts';
import type { Tables } from './store/tables.ts';

/** What every group of endpoints works on. */
export interface Core {
  readonly db: Kysely<Tables>;
  readonly changes: Changes;
  readonly config: TrackingConfig;
  readonly auth: Authenticator;
  readonly log: Log;
  /** Counts the events that were written. */
  readonly events: ReturnType<Metrics['counter']>;
  /** Undefined where nobody keeps files for this installation: they are then left alone. */
  readonly files: FileRemoval | undefined;
}

/** A connection: inside a transaction or not. */
export type Db = Kysely<Tables> | Transaction<Tables>;

export const COMPANY = { id: 'ranloop', name: 'ranloop' } as const;

const DEADLOCK_OR_RACE = new Set(['40P01', '40001']);
const ATTEMPTS = 4;

/** A transaction that is run anew when PostgreSQL ended it to resolve a deadlock: nothing of it has happened then. */
export async function transaction<T>(core: Core, run: (trx: Transaction<Tables>) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await core.db.transaction().execute(run);
    } catch (error) {
      const code = (error as { code?: string }).code ?? '';
      if (attempt >= ATTEMPTS || !DEADLOCK_OR_RACE.has(code)) throw error;
    }
  }
}
