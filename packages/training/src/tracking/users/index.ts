import {
  NoParameters,
  type Query,
  Query as QuerySchema,
  SetPreferences,
  TRACKING_VERSIONS,
  UserId,
  UsersCreate,
  UsersQuery,
  UsersUpdate,
} from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import { COMPANY, type Core } from '../core.ts';
import { documentById, queryDocuments } from '../query/index.ts';
import { type Endpoint, endpoint } from '../wire/endpoint.ts';
import { ApiError } from '../wire/errors.ts';
import { createUser, deleteUser, updateUser } from './accounts.ts';
import type { UserBook } from './book.ts';
import { USERS } from './entity.ts';
import { mergePreferences, readPreferences } from './preferences.ts';
import { requireManager } from './roles.ts';

/** How many rows a prepared download holds at most, as the pages are told. */
const MOST_DOWNLOADED = '10000';

export function userEndpoints(core: Core, book: UserBook): Endpoint[] {
  return [...readers(core), ...writers(core, book), ...preferences(core)];
}

/** Users who made a task or a model, in one of the projects or below it; in any when none is named. */
function activeIn(projects: readonly string[]) {
  const within =
    projects.length === 0
      ? sql`true`
      : sql`o.project in (select p.id from tracking.projects p
          where p.id = any(${[...projects]}::text[]) or p.path && ${[...projects]}::text[])`;
  return sql`(exists (select 1 from tracking.tasks o where o.user_id = e.id and ${within})
    or exists (select 1 from tracking.models o where o.user_id = e.id and ${within}))`;
}

function readers(core: Core): Endpoint[] {
  const list = async (request: Query, projects?: readonly string[]) => {
    const options = projects === undefined ? {} : { also: activeIn(projects) };
    const { documents, ...rest } = await queryDocuments(core, { entity: USERS, request, options });
    return { users: documents, ...rest };
  };
  const whole = async (user: string) => {
    const found = await documentById(core.db, USERS, user);
    if (!found) throw new ApiError('invalidUserId', { id: user });
    return found;
  };
  return [
    endpoint({
      name: 'users.get_current_user',
      body: NoParameters,
      run: async (_body, { identity }) => ({
        user: {
          ...(await whole(identity.user)),
          role: identity.role,
          company: COMPANY,
          preferences: await readPreferences(core, identity.user),
          server_version: TRACKING_VERSIONS.server,
        },
        getting_started: {},
        settings: { max_download_items: MOST_DOWNLOADED },
      }),
    }),
    endpoint({ name: 'users.get_all', body: QuerySchema, run: (body) => list(body as Query) }),
    endpoint({ name: 'users.get_all_ex', body: QuerySchema, run: (body) => list(body as Query) }),
    endpoint({
      name: 'users.get_all_ex',
      since: '2.8',
      body: UsersQuery,
      run: ({ active_in_projects, ...body }) => list(body as Query, active_in_projects),
    }),
    endpoint({ name: 'users.get_by_id', body: UserId, run: async ({ user }) => ({ user: await whole(user) }) }),
  ];
}

function writers(core: Core, book: UserBook): Endpoint[] {
  return [
    endpoint({
      name: 'users.create',
      body: UsersCreate,
      run: async ({ id, name, company, given_name, family_name, avatar }, { identity }) => {
        requireManager(identity);
        await createUser(core, { id, name, company, given_name, family_name, avatar });
        book.forget(id);
        return {};
      },
    }),
    endpoint({
      name: 'users.delete',
      body: UserId,
      run: async ({ user }, { identity }) => {
        requireManager(identity);
        if (user === identity.user) throw new ApiError('badValue', { user }, 'nobody can delete themselves');
        await deleteUser(core, user);
        book.forget(user);
        return {};
      },
    }),
    endpoint({
      name: 'users.update',
      body: UsersUpdate,
      run: async ({ user, name, given_name, family_name, avatar }, { identity }) => {
        if (user !== identity.user) requireManager(identity);
        const fields = await updateUser(core, user, { name, given_name, family_name, avatar });
        book.forget(user);
        return { updated: fields ? 1 : 0, fields: fields ?? {} };
      },
    }),
  ];
}

function preferences(core: Core): Endpoint[] {
  return [
    endpoint({
      name: 'users.get_preferences',
      body: NoParameters,
      run: async (_body, { identity }) => ({ preferences: await readPreferences(core, identity.user) }),
    }),
    endpoint({
      name: 'users.set_preferences',
      body: SetPreferences,
      run: async ({ preferences: given, return_updated }, { identity }) => {
        const { updated, preferences: merged } = await mergePreferences(core, identity.user, given);
        if (return_updated === false) return { updated };
        return { updated, fields: updated ? { preferences: merged } : {} };
      },
    }),
  ];
}
