import { type Authenticator, createAuthenticator, type Identity, type KeyRecord } from '@ranloop/kit/auth';
import type { DataFolder } from './data-folder.ts';

const ADMIN: Identity = { user: 'admin', name: 'admin', role: 'admin', company: 'ranloop' };

/** What the tracking room knows of users; it comes after the authenticator. */
export interface Accounts {
  findKey?: (key: string) => Promise<KeyRecord | undefined>;
  isRemoved?: (user: string) => Promise<boolean>;
}

/** Knows the generated user and key, and then whatever keys the tracking room has handed out. */
export function createInstallationAuthenticator(data: DataFolder, accounts: Accounts): Authenticator {
  const { credentials, secrets } = data;
  return createAuthenticator({
    tokenSecret: secrets.tokenSecret,
    cookie: 'clearml_token_basic',
    keys: async (key) => {
      if (key === credentials.username) return { hash: secrets.passwordHash, identity: ADMIN };
      if (key === credentials.accessKey) return { hash: secrets.secretKeyHash, identity: ADMIN };
      return accounts.findKey?.(key);
    },
    removed: async (user) => (await accounts.isRemoved?.(user)) ?? false,
  });
}

const TOKEN_SECONDS = 3_600;
const RENEW_BEFORE_SECONDS = 300;

/** The header with which rooms of this process call each other; a signed token, made again before it ends. */
export function ownAuthorization(auth: Authenticator): () => Promise<string> {
  let header = '';
  let renewAt = 0;
  return async () => {
    const now = Date.now() / 1000;
    if (now >= renewAt) {
      header = `Bearer ${await auth.issueToken(ADMIN, { seconds: TOKEN_SECONDS })}`;
      renewAt = now + TOKEN_SECONDS - RENEW_BEFORE_SECONDS;
    }
    return header;
  };
}
