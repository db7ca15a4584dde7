import type { Identity } from '@ranloop/kit/auth';
import { ApiError } from '../wire/errors.ts';

/** `system` and `root` stand above companies; here is one company, whose admins do their part. */
const MANAGERS: ReadonlySet<string> = new Set(['system', 'root', 'admin']);

export function isManager({ role }: Identity): boolean {
  return MANAGERS.has(role);
}

export function requireManager(identity: Identity): void {
  if (!isManager(identity)) throw new ApiError('roleNotAllowed', { role: identity.role, allowed: [...MANAGERS] });
}
