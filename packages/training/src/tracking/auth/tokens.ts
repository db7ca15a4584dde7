import {
  FEATURE_SET,
  GetTokenForUser,
  Login,
  NoParameters,
  TOKEN_COOKIE,
  TRACKING_VERSIONS,
  ValidateToken,
} from '@ranloop/contracts/tracking';
import type { Identity } from '@ranloop/kit/auth';
import { COMPANY, type Core } from '../core.ts';
import { newId } from '../store/ids.ts';
import type { UserBook } from '../users/book.ts';
import { isManager } from '../users/roles.ts';
import { type Call, type Endpoint, endpoint } from '../wire/endpoint.ts';
import { ApiError } from '../wire/errors.ts';

const LONGEST_TOKEN_SECONDS = 31_536_000;

export function tokenEndpoints(core: Core, book: UserBook): Endpoint[] {
  return [
    endpoint({
      name: 'auth.login',
      body: Login,
      run: async ({ expiration_sec }, call) => {
        const seconds = tokenSeconds(core, expiration_sec);
        // A token is good for long after the call that acted with another's role: it carries the user's own.
        const token = await issue(core, await book.identityOf(call.identity.user), seconds);
        call.setHeader('set-cookie', `${TOKEN_COOKIE}=${token}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${seconds}`);
        return { token };
      },
    }),
    endpoint({
      name: 'auth.get_token_for_user',
      body: GetTokenForUser,
      run: async ({ user, company, expiration_sec }, { identity }) => {
        if (!isManager(identity) && user !== identity.user)
          throw new ApiError('invalidUserId', { user }, 'a token for another user');
        if (company !== undefined && company !== COMPANY.id)
          throw new ApiError('invalidId', { company }, 'there is one company');
        return { token: await issue(core, await book.identityOf(user), tokenSeconds(core, expiration_sec)) };
      },
    }),
    endpoint({
      name: 'auth.validate_token',
      body: ValidateToken,
      run: async ({ token }) => {
        const told = await core.auth.identify({ authorization: `Bearer ${token}` });
        if (!told) return { valid: false, msg: 'bad or expired token' };
        try {
          const { user, company } = await book.admit(told, { headers: {}, from: '' });
          return { valid: true, user, company, msg: 'OK' };
        } catch (error) {
          if (!(error instanceof ApiError)) throw error;
          return { valid: false, msg: error.message };
        }
      },
    }),
    endpoint({ name: 'auth.logout', since: '2.2', body: NoParameters, run: logout }),
    endpoint({ name: 'login.logout', since: '2.13', body: NoParameters, run: logout }),
  ];
}

function logout(_body: object, call: Call) {
  call.setHeader('set-cookie', `${TOKEN_COOKIE}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0`);
  return {};
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
