import { jwtVerify, SignJWT } from 'jose';
import { pairDigest, verifySecret } from './secrets.ts';

/** Who is calling. `role` is one of ClearML's roles: system, root, admin, superuser, user, annotator, guest. */
export interface Identity {
  readonly user: string;
  readonly name: string;
  readonly role: string;
  readonly company: string;
}

export interface KeyRecord {
  readonly hash: string;
  readonly identity: Identity;
}

export interface AuthenticatorConfig {
  /** Signs and checks tokens (HS256); shared by all hosts of one installation. */
  readonly tokenSecret: string;
  /** Finds the hashed secret of an access key or user name. */
  readonly keys: (key: string) => Promise<KeyRecord | undefined>;
  /** The name of the cookie that may carry a token in place of the header. */
  readonly cookie: string;
  /** Whether a user was deleted: their tokens would be good for long after. */
  readonly removed?: (user: string) => Promise<boolean>;
}

export interface Authenticator {
  /** Checks `Authorization: Basic|Bearer` or the token cookie; undefined when absent or wrong. The header wins. */
  identify(headers: { authorization?: string | undefined; cookie?: string | undefined }): Promise<Identity | undefined>;
  /** Checks one key and secret. */
  verifyKey(key: string, secret: string): Promise<Identity | undefined>;
  /** A signed token that carries the identity and any further claims. */
  issueToken(identity: Identity, options: { seconds: number; claims?: Record<string, unknown> }): Promise<string>;
}

const REMEMBERED_PAIRS = 1_000;

export function createAuthenticator(config: AuthenticatorConfig): Authenticator {
  const secret = new TextEncoder().encode(config.tokenSecret);
  // scrypt costs some 50 ms, so pairs that were verified are remembered by digest until the record behind them changes.
  const remembered = new Map<string, string>();

  async function verifyKey(key: string, given: string): Promise<Identity | undefined> {
    const record = await config.keys(key);
    if (!record) return undefined;
    const digest = pairDigest(key, given);
    if (remembered.get(digest) === record.hash) return record.identity;
    if (!(await verifySecret(given, record.hash))) return undefined;
    if (remembered.size >= REMEMBERED_PAIRS) remembered.clear();
    remembered.set(digest, record.hash);
    return record.identity;
  }

  async function verifyToken(token: string): Promise<Identity | undefined> {
    const verified = await jwtVerify(token, secret, { algorithms: ['HS256'] }).catch(() => undefined);
    const identity = identityOf(verified?.payload['identity']);
    return identity && (await config.removed?.(identity.user)) ? undefined : identity;
  }

  return {
    verifyKey,
    async identify({ authorization, cookie }) {
      const [scheme, value] = (authorization ?? '').trim().split(/\s+/, 2);
      if (scheme && value) {
        if (/^bearer$/i.test(scheme)) return verifyToken(value);
        if (!/^basic$/i.test(scheme)) return undefined;
        const pair = splitPair(Buffer.from(value, 'base64').toString('utf8'));
        return pair && verifyKey(pair.key, pair.secret);
      }
      const token = cookieValue(cookie, config.cookie);
      return token ? verifyToken(token) : undefined;
    },
    issueToken: (identity, { seconds, claims = {} }) =>
      new SignJWT({ ...claims, identity: { ...identity } })
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
        .setIssuedAt()
        .setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
        .sign(secret),
  };
}

/** The secret may itself hold colons (RFC 7617): only the first one separates. */
function splitPair(text: string): { key: string; secret: string } | undefined {
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { key: text.slice(0, colon), secret: text.slice(colon + 1) };
}

function cookieValue(header: string | undefined, name: string): string | undefined {
  for (const part of (header ?? '').split(';')) {
    const equals = part.indexOf('=');
    if (equals > 0 && part.slice(0, equals).trim() === name) return part.slice(equals + 1).trim();
  }
  return undefined;
}

function identityOf(claim: unknown): Identity | undefined {
  if (typeof claim !== 'object' || claim === null) return undefined;
  const { user, name, role, company } = claim as Record<string, unknown>;
  const valid = [user, name, role, company].every((field) => typeof field === 'string');
  return valid ? ({ user, name, role, company } as Identity) : undefined;
}
