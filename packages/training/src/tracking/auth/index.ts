import {
  CreateCredentials,
  EditCredentials,
  FEATURE_SET,
  GetTokenForUser,
  Login,
  NoParameters,
  RevokeCredentials,
  TOKEN_COOKIE,
  TRACKING_VERSIONS,
  ValidateToken,
} from '@ranloop/contracts/tracking';
import { hashSecret, type Identity, type KeyRecord, newKey, newSecret } from '@ranloop/kit/auth';
import { COMPANY, type Core } from '../core.ts';
import { toDocument } from '../query/index.ts';
import { newId } from '../store/ids.ts';
import { type Call, type Endpoint, endpoint } from '../wire/endpoint.ts';
import { ApiError } from '../wire/errors.ts';

const LONGEST_TOKEN_SECONDS = 31_536_000;
const MAY_IMPERSONATE = new Set(['system', 'root', 'admin']);

export function authEndpoints(core: Core): Endpoint[] {
  return [...tokenEndpoints(core), ...credentialEndpoints(core)];
}

function tokenEndpoints(core: Core): Endpoint[] {
  const logout = (_body: object, call: Call) => {
    call.setHeader('set-cookie', `${TOKEN_COOKIE}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0`);
    return {};
  };
  return [
    endpoint({
      name: 'auth.login',
      body: Login,
      run: async ({ expiration_sec }, call) => {
        const seconds = tokenSeconds(core, expiration_sec);
        const token = await issue(core, await impersonated(core, call), seconds);
        call.setHeader('set-cookie', `${TOKEN_COOKIE}=${token}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${seconds}`);
        return { token };
      },
    }),
    endpoint({
      name: 'auth.get_token_for_user',
      body: GetTokenForUser,
      run: async ({ user, expiration_sec }, { identity }) => {
        if (!MAY_IMPERSONATE.has(identity.role)) throw new ApiError('roleNotAllowed', { role: identity.role });
        return { token: await issue(core, await knownUser(core, user), tokenSeconds(core, expiration_sec)) };
      },
    }),
    endpoint({
      name: 'auth.validate_token',
      body: ValidateToken,
      run: async ({ token }) => {
        const identity = await core.auth.identify({ authorization: `Bearer ${token}` });
        return identity
          ? { valid: true, user: identity.user, company: identity.company, msg: 'OK' }
          : { valid: false, msg: 'bad or expired token' };
      },
    }),
    endpoint({ name: 'auth.logout', since: '2.2', body: NoParameters, run: logout }),
    endpoint({ name: 'login.logout', since: '2.13', body: NoParameters, run: logout }),
    endpoint({
      name: 'auth.fixed_users_mode',
      open: true,
      body: NoParameters,
      run: () => ({ enabled: true, server_errors: {} }),
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

function tokenSeconds(core: Core, asked: number | undefined): number {
  return Math.min(asked ?? core.config.tokenSeconds, LONGEST_TOKEN_SECONDS);
}

function issue(core: Core, identity: Identity, seconds: number): Promise<string> {
  return core.auth.issueToken(identity, {
    seconds,
    claims: {
      auth_type: 'Bearer',
      env: 'ranloop',
      session_id: newId(),
      api_version: TRACKING_VERSIONS.api,
      server_version: TRACKING_VERSIONS.server,
      server_build: TRACKING_VERSIONS.build,
      feature_set: FEATURE_SET,
    },
  });
}

/** The identity that the headers X-*-Impersonate-As (with its role) or X-*-Act-As (with the caller's role) ask for. */
async function impersonated(core: Core, { identity, headers }: Call): Promise<Identity> {
  const named = (suffix: string) => headers[`x-clearml-${suffix}`] ?? headers[`x-trains-${suffix}`];
  const as = named('impersonate-as');
  const actAs = named('act-as');
  if (as === undefined && actAs === undefined) return identity;
  if (as !== undefined && actAs !== undefined) throw new ApiError('badHeaders', {}, 'impersonate-as and act-as');
  if (!MAY_IMPERSONATE.has(identity.role)) throw new ApiError('impersonation', { role: identity.role });
  const found = await knownUser(core, String(as ?? actAs)).catch(() => undefined);
  if (!found) throw new ApiError('impersonation', {}, 'unknown user');
  return as === undefined ? { ...found, role: identity.role } : found;
}

async function knownUser(core: Core, id: string): Promise<Identity> {
  const row = await core.db.selectFrom('users').select(['id', 'name', 'role']).where('id', '=', id).executeTakeFirst();
  if (!row) throw new ApiError('invalidUserId', { id });
  return { user: row.id, name: row.name, role: row.role, company: COMPANY.id };
}

const MOST_CREDENTIALS = 1_000;

function credentialEndpoints(core: Core): Endpoint[] {
  const own = (user: string) => core.db.selectFrom('credentials').where('user_id', '=', user);
  return [
    endpoint({
      name: 'auth.create_credentials',
      body: CreateCredentials,
      run: async ({ label }, { identity }) => {
        const rows = await own(identity.user).select('access_key').limit(MOST_CREDENTIALS).execute();
        if (rows.length >= MOST_CREDENTIALS) throw new ApiError('dataValidation', {}, 'too many credentials');
        const credentials = {
          access_key: newKey(),
          secret_key: newSecret(),
          ...(label === undefined ? {} : { label }),
        };
        await core.db
          .insertInto('credentials')
          .values({
            access_key: credentials.access_key,
            hash: await hashSecret(credentials.secret_key),
            user_id: identity.user,
            label: label ?? null,
            created: new Date(),
            last_used: null,
          })
          .execute();
        return { credentials };
      },
    }),
    endpoint({
      name: 'auth.get_credentials',
      body: NoParameters,
      run: async (_body, { identity }) => {
        const rows = await own(identity.user).select(['access_key', 'label', 'last_used']).orderBy('created').execute();
        return { credentials: rows.map(toDocument) };
      },
    }),
    endpoint({
      name: 'auth.edit_credentials',
      since: '2.19',
      body: EditCredentials,
      run: async ({ access_key, label }, { identity }) => {
        const { numUpdatedRows } = await core.db
          .updateTable('credentials')
          .set({ label: label ?? null })
          .where('access_key', '=', access_key)
          .where('user_id', '=', identity.user)
          .executeTakeFirst();
        if (numUpdatedRows === 0n) throw new ApiError('invalidId', { access_key });
        return { updated: 1 };
      },
    }),
    endpoint({
      name: 'auth.revoke_credentials',
      body: RevokeCredentials,
      run: async ({ access_key }, { identity }) => {
        const { numDeletedRows } = await core.db
          .deleteFrom('credentials')
          .where('access_key', '=', access_key)
          .where('user_id', '=', identity.user)
          .executeTakeFirst();
        return { revoked: Number(numDeletedRows) };
      },
    }),
  ];
}

/** The record of a key that auth.create_credentials made. */
export async function findKey(core: Core, key: string): Promise<KeyRecord | undefined> {
  const row = await core.db
    .selectFrom('credentials as c')
    .innerJoin('users as u', 'u.id', 'c.user_id')
    .select(['c.hash', 'u.id', 'u.name', 'u.role'])
    .where('c.access_key', '=', key)
    .executeTakeFirst();
  return row && { hash: row.hash, identity: { user: row.id, name: row.name, role: row.role, company: COMPANY.id } };
}
