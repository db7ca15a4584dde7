import { AuthCreateUser, AuthEditUser, NoParameters } from '@ranloop/contracts/tracking';
import type { Core } from '../core.ts';
import { newId } from '../store/ids.ts';
import { createUser, updateUser } from '../users/accounts.ts';
import type { UserBook } from '../users/book.ts';
import { requireManager } from '../users/roles.ts';
import { type Endpoint, endpoint } from '../wire/endpoint.ts';
import { credentialEndpoints } from './credentials.ts';
import { tokenEndpoints } from './tokens.ts';

export { findKey } from './credentials.ts';

export function authEndpoints(core: Core, book: UserBook): Endpoint[] {
  return [...tokenEndpoints(core, book), ...credentialEndpoints(core), ...accounts(core, book), ...modes()];
}

function accounts(core: Core, book: UserBook): Endpoint[] {
  return [
    endpoint({
      name: 'auth.create_user',
      body: AuthCreateUser,
      run: async (body, { identity }) => {
        requireManager(identity);
        const id = newId();
        await createUser(core, { ...body, id });
        return { id };
      },
    }),
    endpoint({
      name: 'auth.edit_user',
      body: AuthEditUser,
      run: async ({ user, role }, { identity }) => {
        requireManager(identity);
        const fields = await updateUser(core, user, { role });
        book.forget(user);
        return { updated: fields ? 1 : 0, fields: role === undefined ? {} : { role } };
      },
    }),
  ];
}

/** Users and passwords are what there is: no guests, and nobody else who could vouch for a user. */
function modes(): Endpoint[] {
  return [
    endpoint({
      name: 'auth.fixed_users_mode',
      open: true,
      body: NoParameters,
      run: () => ({ enabled: true, guest: { enabled: false }, server_errors: {} }),
    }),
    endpoint({
      name: 'login.supported_modes',
      since: '2.9',
      open: true,
      body: NoParameters,
      run: (_body, { identity }) => ({
        authenticated: identity.user !== '',
        basic: { enabled: true, guest: { enabled: false } },
        sso: {},
        sso_providers: [],
        server_errors: { missed_es_upgrade: false, es_connection_error: false },
      }),
    }),
  ];
}
