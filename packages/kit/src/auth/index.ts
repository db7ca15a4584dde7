export {
  type Authenticator,
  type AuthenticatorConfig,
  createAuthenticator,
  type Identity,
  type KeyRecord,
} from './authenticator.ts';
export { hashSecret, newKey, newSecret, verifySecret } from './secrets.ts';
