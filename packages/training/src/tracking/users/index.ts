import {
  NoParameters,
  type Query,
  Query as QuerySchema,
  SetPreferences,
  TRACKING_VERSIONS,
  UserId,
} from '@ranloop/contracts/tracking';
import type { Identity } from '@ranloop/kit/auth';
import { sql } from 'kysely';
import Type from 'typebox';
import { COMPANY, type Core } from '../core.ts';
import { documentById, type Entity, queryDocuments } from '../query/index.ts';
import { type Endpoint, endpoint } from '../wire/endpoint.ts';
import { ApiError } from '../wire/errors.ts';

const USERS: Entity = {
  table: 'users',
  columns: {
    id: { kind: 'text', sql: 'e.id' },
    name: { kind: 'text', sql: 'e.name' },
    role: { kind: 'text', sql: 'e.role' },
    created: { kind: 'date', sql: 'e.created' },
  },
  nested: {},
  references: {},
  patterns: ['name'],
  texts: ['e.name', 'e.id'],
  hiddenTag: undefined,
  output: {
    id: 'e.id',
    name: 'e.name',
    given_name: `split_part(e.name, ' ', 1)`,
    family_name: `substr(e.name, length(split_part(e.name, ' ', 1)) + 2)`,
    role: 'e.role',
    company: `'${COMPANY.id}'`,
    created: 'e.created',
  },
};

/** Keeps a row for everyone who calls, so that tasks can show the names of their owners. */
export function createUserBook(core: Core): (identity: Identity) => Promise<void> {
  const seen = new Map<string, string>();
  const MOST = 10_000;
  return async ({ user, name, role }) => {
    if (user === '' || seen.get(user) === `${name}\0${role}`) return;
    await sql`insert into tracking.users (id, name, role, created) values (${user}, ${name}, ${role}, now())
      on conflict (id) do update set name = excluded.name, role = excluded.role`.execute(core.db);
    if (seen.size >= MOST) seen.clear();
    seen.set(user, `${name}\0${role}`);
  };
}

export function userEndpoints(core: Core): Endpoint[] {
  const users = async (request: Query) => {
    const { documents } = await queryDocuments(core, { entity: USERS, request });
    return { users: documents };
  };
  const preferences = async (user: string) => {
    const row = await core.db.selectFrom('users').select('preferences').where('id', '=', user).executeTakeFirst();
    return row?.preferences ?? {};
  };
  return [
    endpoint({
      name: 'users.get_current_user',
      body: NoParameters,
      run: async (_body, { identity }) => ({
        user: {
          id: identity.user,
          name: identity.name,
          given_name: identity.name.split(' ')[0] ?? '',
          family_name: identity.name.split(' ').slice(1).join(' '),
          role: identity.role,
          company: COMPANY,
          preferences: await preferences(identity.user),
          server_version: TRACKING_VERSIONS.server,
        },
        getting_started: {},
        settings: { max_download_items: '10000' },
      }),
    }),
    endpoint({ name: 'users.get_all', body: QuerySchema, run: (body) => users(body as Query) }),
    endpoint({ name: 'users.get_all_ex', body: QuerySchema, run: (body) => users(body as Query) }),
    endpoint({
      name: 'users.get_by_id',
      body: UserId,
      run: async ({ user }) => {
        const found = await documentById(core.db, USERS, user);
        if (!found) throw new ApiError('invalidUserId', { id: user });
        return { user: found };
      },
    }),
    endpoint({
      name: 'users.get_preferences',
      body: Type.Object({}),
      run: async (_body, { identity }) => ({ preferences: await preferences(identity.user) }),
    }),
    endpoint({
      name: 'users.set_preferences',
      body: SetPreferences,
      run: async ({ preferences: given, return_updated }, { identity }) => {
        const merged = { ...(await preferences(identity.user)), ...given };
        await core.db
          .updateTable('users')
          .set({ preferences: JSON.stringify(merged) })
          .where('id', '=', identity.user)
          .execute();
        return { updated: 1, ...(return_updated === false ? {} : { fields: { preferences: merged } }) };
      },
    }),
  ];
}
