import type { Identity } from '@ranloop/kit/auth';
import { ApiError } from '../wire/errors.ts';

/** What a user may be given. `system` and `root` stand above companies; here is one company, whose admins do their part. */
export const ROLES = ['admin', 'superuser', 'user', 'annotator'] as const;

const MANAGERS: ReadonlySet<string> = new Set(['system', 'root', 'admin']);

export function isManager({ role }: Identity): boolean {
  return MANAGERS.has(role);
}

export function requireManager(identity: Identity): void {
  if (!isManager(identity)) throw new ApiError('roleNotAllowed', { role: identity.role, allowed: [...MANAGERS] });
}
