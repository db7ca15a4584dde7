import { createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const deriveKey = promisify(scrypt) as (secret: string, salt: Buffer, length: number) => Promise<Buffer>;
const KEY_BYTES = 32;

/** A secret of 256 random bits, safe in URLs and headers. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** An access key: short enough to read aloud, in the alphabet that ClearML's own keys use. */
export function newKey(): string {
  return randomBytes(10).toString('hex').toUpperCase();
}

/** `scrypt$<salt>$<hash>`, both base64url; scrypt with Node's defaults (N=16384, r=8, p=1). */
export async function hashSecret(secret: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await deriveKey(secret, salt, KEY_BYTES);
  return `scrypt$${salt.toString('base64url')}$${hash.toString('base64url')}`;
}

export async function verifySecret(secret: string, stored: string): Promise<boolean> {
  const [scheme, salt, hash] = stored.split('$');
  if (scheme !== 'scrypt' || !salt || !hash) return false;
  const expected = Buffer.from(hash, 'base64url');
  const actual = await deriveKey(secret, Buffer.from(salt, 'base64url'), KEY_BYTES);
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

/** A digest under which a verified pair may be remembered without keeping the secret. */
export function pairDigest(key: string, secret: string): string {
  return createHash('sha256').update(key).update('\0').update(secret).digest('base64url');
}
