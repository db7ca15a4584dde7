import { isDeepStrictEqual } from 'node:util';
import { type Core, transaction } from '../core.ts';
import { ApiError } from '../wire/errors.ts';
import { isObject } from '../wire/parameters.ts';

type Preferences = Record<string, unknown>;

const MOST_BYTES = 1_048_576;

export async function readPreferences(core: Core, user: string): Promise<Preferences> {
  const row = await core.db.selectFrom('users').select('preferences').where('id', '=', user).executeTakeFirst();
  return row?.preferences ?? {};
}

/**
 * Each key that is given replaces the one that was there, with all below it; null is a value. Under the lock of the user,
 * so that of two pages that save at once neither loses its part.
 */
export async function mergePreferences(
  core: Core,
  user: string,
  changes: Preferences,
): Promise<{ updated: 0 | 1; preferences: Preferences }> {
  refuseKeys(changes);
  return transaction(core, async (trx) => {
    const row = await trx
      .selectFrom('users')
      .select('preferences')
      .where('id', '=', user)
      .forUpdate()
      .executeTakeFirst();
    if (!row) throw new ApiError('invalidUserId', { id: user });
    // fromEntries defines the keys, so "__proto__" stays one.
    const merged = Object.fromEntries([...Object.entries(row.preferences), ...Object.entries(changes)]);
    if (isDeepStrictEqual(merged, row.preferences)) return { updated: 0, preferences: row.preferences };
    const text = JSON.stringify(merged);
    if (Buffer.byteLength(text) > MOST_BYTES)
      throw new ApiError('dataValidation', { bytes: Buffer.byteLength(text), most: MOST_BYTES }, 'too large');
    await trx.updateTable('users').set({ preferences: text }).where('id', '=', user).execute();
    return { updated: 1, preferences: merged };
  });
}

/** Pages address a preference by a dotted path, so a dot inside a key could never be found again. */
function refuseKeys(value: unknown): void {
  if (Array.isArray(value)) value.forEach(refuseKeys);
  else if (isObject(value))
    for (const [key, item] of Object.entries(value)) {
      if (key.startsWith('$') || key.includes('.'))
        throw new ApiError('badValue', { key }, 'a key must not begin with $ nor hold a dot');
      refuseKeys(item);
    }
}
