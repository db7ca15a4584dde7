import { RanloopError } from '@ranloop/contracts/errors';

/** What a session sends to say who it is. */
export interface Credentials {
  /** The Authorization header for the next request; undefined when a cookie says it. */
  authorization(): Promise<string | undefined>;
  /** Called after a 401: true when a new login was made and the request may be repeated once. */
  renew(refused: string | undefined): Promise<boolean>;
}

/** ClearML's own clients renew a token when less than this remains. */
const RENEW_BEFORE_MS = 360_000;

/** Logs in with `auth.login` when a token is first needed, and again shortly before it ends; one login at a time. */
export function keyCredentials(login: () => Promise<string>, first?: string): Credentials {
  let token = first;
  let ends = first === undefined ? 0 : tokenEnd(first);
  let underWay: Promise<string> | undefined;
  const renewed = () => {
    underWay ??= login()
      .then((fresh) => {
        token = fresh;
        ends = tokenEnd(fresh);
        return fresh;
      })
      .finally(() => {
        underWay = undefined;
      });
    return underWay;
  };
  return {
    async authorization() {
      const valid = token !== undefined && Date.now() < ends - RENEW_BEFORE_MS;
      return `Bearer ${valid ? token : await renewed()}`;
    },
    async renew(refused) {
      // Another call may have renewed the token while this one was under way.
      if (token === undefined || refused === `Bearer ${token}`) await renewed();
      return true;
    },
  };
}

export function tokenCredentials(token: string): Credentials {
  return { authorization: async () => `Bearer ${token}`, renew: async () => false };
}

/** Same-origin mode: the browser sends the cookie that `auth.login` set. */
export function cookieCredentials(): Credentials {
  return { authorization: async () => undefined, renew: async () => false };
}

export function basic(key: string, secret: string): string {
  const bytes = new TextEncoder().encode(`${key}:${secret}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}

/** Reads `exp` without checking the signature, as ClearML's clients do; a token without it does not end. */
function tokenEnd(token: string): number {
  try {
    const payload = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
    const { exp } = JSON.parse(atob(payload)) as { exp?: unknown };
    return typeof exp === 'number' ? exp * 1000 : Number.POSITIVE_INFINITY;
  } catch (cause) {
    throw new RanloopError('RL_UPSTREAM', 'auth.login answered a token that is not a JWT', { cause });
  }
}
