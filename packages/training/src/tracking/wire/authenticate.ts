import { TOKEN_COOKIE } from '@ranloop/contracts/tracking';
import type { Authenticator, Identity } from '@ranloop/kit/auth';
import { ApiError } from './errors.ts';

export const GUEST: Identity = { user: '', name: '', role: 'guest', company: '' };

interface Headers {
  authorization?: string | undefined;
  cookie?: string | undefined;
}

/** Finds who calls, or refuses with the subcode that says what is wrong with the credentials. */
export async function authenticate(headers: Headers, auth: Authenticator, open: boolean): Promise<Identity> {
  const identity = await auth.identify(headers);
  if (identity) return identity;
  if (open) return GUEST;
  const [scheme = '', value] = (headers.authorization ?? '').trim().split(/\s+/, 2);
  if (scheme === '') {
    const sent = headers.cookie?.includes(`${TOKEN_COOKIE}=`) ?? false;
    throw new ApiError(sent ? 'badToken' : 'noCredentials');
  }
  if (!value || !/^(basic|bearer)$/i.test(scheme)) throw new ApiError('malformedCredentials');
  throw new ApiError(/^basic$/i.test(scheme) ? 'invalidCredentials' : 'badToken');
}
