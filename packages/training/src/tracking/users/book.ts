import type { Identity } from '@ranloop/kit/auth';
import { sql } from 'kysely';
import { COMPANY, type Core } from '../core.ts';
import { ApiError } from '../wire/errors.ts';
import { isManager } from './roles.ts';

export interface Caller {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The worker or address that is noted with a key that was used. */
  readonly from: string;
}

/** Knows who the callers are now: a token tells who they were when it was issued. */
export interface UserBook {
  /** The identity under which a call runs; refuses deleted users and impersonation by who may not. */
  admit(identity: Identity, caller: Caller): Promise<Identity>;
  /** The identity of a user as it stands, whoever calls. */
  identityOf(user: string): Promise<Identity>;
  /** Whether a user was deleted; who was never seen was not. */
  isRemoved(user: string): Promise<boolean>;
  /** Forgets what is remembered of a user, whose entry was changed. */
  forget(user: string): void;
}

type Entry = { readonly name: string; readonly role: string } | 'removed' | undefined;

const REMEMBERED_MS = 5_000;
const MOST_REMEMBERED = 10_000;
/** A key that is used all the time is noted this often. */
const NOTED_MS = 60_000;

export function createUserBook(core: Core): UserBook {
  const entries = new Map<string, { entry: Entry; until: number }>();
  const noted = new Map<string, number>();

  async function entryOf(user: string): Promise<Entry> {
    const known = entries.get(user);
    if (known && known.until > Date.now()) return known.entry;
    const entry = await readEntry(core, user);
    if (entries.size >= MOST_REMEMBERED) entries.clear();
    entries.set(user, { entry, until: Date.now() + REMEMBERED_MS });
    return entry;
  }

  async function noteKey({ headers, from }: Caller): Promise<void> {
    const key = accessKey(headers);
    if (key === undefined || Date.now() - (noted.get(key) ?? 0) < NOTED_MS) return;
    if (noted.size >= MOST_REMEMBERED) noted.clear();
    noted.set(key, Date.now());
    await sql`update tracking.credentials set last_used = now(), last_used_from = ${from}
      where access_key = ${key}`.execute(core.db);
  }

  /** A key and its secret say what is; a token says what was, and the book what became of it. */
  async function current(identity: Identity, caller: Caller): Promise<Identity> {
    const byKey = accessKey(caller.headers) !== undefined;
    const entry = await entryOf(identity.user);
    if (entry === 'removed') throw new ApiError(byKey ? 'invalidCredentials' : 'badToken', {}, 'the user was deleted');
    if (byKey) await noteKey(caller);
    if (entry && (!byKey || entry.role === identity.role)) return { ...identity, name: entry.name, role: entry.role };
    await sql`insert into tracking.users (id, name, role, created)
      values (${identity.user}, ${identity.name}, ${identity.role}, now())
      on conflict (id) do update set role = excluded.role`.execute(core.db);
    entries.delete(identity.user);
    return identity;
  }

  async function identityOf(user: string): Promise<Identity> {
    const entry = await entryOf(user);
    if (entry === undefined || entry === 'removed') throw new ApiError('invalidUserId', { id: user });
    return { user, name: entry.name, role: entry.role, company: COMPANY.id };
  }

  return {
    identityOf,
    isRemoved: async (user) => (await entryOf(user)) === 'removed',
    async admit(identity, caller) {
      // Calls that need no credentials are made by nobody in particular.
      if (identity.user === '') return identity;
      const who = await current(identity, caller);
      const wanted = impersonated(caller.headers);
      if (!wanted) return who;
      if (!isManager(who)) throw new ApiError('impersonation', { role: who.role }, 'not allowed for the role');
      const other = await identityOf(wanted.user).catch((error: unknown) => {
        throw error instanceof ApiError ? new ApiError('impersonation', { user: wanted.user }, 'unknown user') : error;
      });
      return wanted.ownRole ? { ...other, role: who.role } : other;
    },
    forget: (user) => void entries.delete(user),
  };
}

async function readEntry(core: Core, user: string): Promise<Entry> {
  const { rows } = await sql<{ name: string | null; role: string; removed: boolean }>`
    select u.name, u.role, r.id is not null as removed
    from (select ${user}::text as id) asked
      left join tracking.users u on u.id = asked.id left join tracking.removed_users r on r.id = asked.id`.execute(
    core.db,
  );
  const row = rows[0];
  if (row?.removed) return 'removed';
  return row && row.name !== null ? { name: row.name, role: row.role } : undefined;
}

/** X-*-Impersonate-As takes the user's identity and role, X-*-Act-As the identity with one's own role. */
function impersonated(headers: Caller['headers']): { user: string; ownRole: boolean } | undefined {
  const named = (suffix: string) => String(headers[`x-clearml-${suffix}`] ?? headers[`x-trains-${suffix}`] ?? '');
  const as = named('impersonate-as');
  const actAs = named('act-as');
  if (as !== '' && actAs !== '')
    throw new ApiError('badHeaders', { headers: ['Impersonate-As', 'Act-As'] }, 'only one of them');
  if (as !== '') return { user: as, ownRole: false };
  return actAs === '' ? undefined : { user: actAs, ownRole: true };
}

/** The key of `Authorization: Basic`, which was verified before. */
function accessKey(headers: Caller['headers']): string | undefined {
  const [, encoded] = /^\s*basic\s+(\S+)/i.exec(String(headers['authorization'] ?? '')) ?? [];
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('utf8').split(':', 1)[0];
}
