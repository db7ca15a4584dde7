import { CreateCredentials, EditCredentials, NoParameters, RevokeCredentials } from '@ranloop/contracts/tracking';
import { hashSecret, type KeyRecord, newKey, newSecret } from '@ranloop/kit/auth';
import { COMPANY, type Core } from '../core.ts';
import { toDocument } from '../query/index.ts';
import { type Endpoint, endpoint } from '../wire/endpoint.ts';
import { ApiError } from '../wire/errors.ts';

const MOST_CREDENTIALS = 1_000;

/** Every call is about the caller's own keys; whoever acts as somebody else sees to theirs. */
export function credentialEndpoints(core: Core): Endpoint[] {
  const own = (user: string) => core.db.selectFrom('credentials').where('user_id', '=', user);
  return [
    endpoint({
      name: 'auth.create_credentials',
      body: CreateCredentials,
      run: async ({ label }, { identity }) => {
        const rows = await own(identity.user).select('access_key').limit(MOST_CREDENTIALS).execute();
        if (rows.length >= MOST_CREDENTIALS) throw new ApiError('dataValidation', {}, 'too many credentials');
        const credentials = {
          access_key: newKey(),
          secret_key: newSecret(),
          ...(label === undefined ? {} : { label }),
        };
        await core.db
          .insertInto('credentials')
          .values({
            access_key: credentials.access_key,
            hash: await hashSecret(credentials.secret_key),
            user_id: identity.user,
            label: label ?? null,
            created: new Date(),
            last_used: null,
            last_used_from: null,
          })
          .execute();
        return { credentials };
      },
    }),
    endpoint({
      name: 'auth.get_credentials',
      body: NoParameters,
      run: async (_body, { identity }) => {
        const rows = await own(identity.user)
          .select(['access_key', 'label', 'last_used', 'last_used_from'])
          .orderBy('created')
          .orderBy('access_key')
          .execute();
        return { credentials: rows.map(toDocument) };
      },
    }),
    endpoint({
      name: 'auth.edit_credentials',
      since: '2.19',
      body: EditCredentials,
      run: async ({ access_key, label }, { identity }) => {
        const { numUpdatedRows } = await core.db
          .updateTable('credentials')
          .set({ label: label ?? null })
          .where('access_key', '=', access_key)
          .where('user_id', '=', identity.user)
          .executeTakeFirst();
        if (numUpdatedRows === 0n) throw new ApiError('invalidAccessKey', { access_key });
        return { updated: 1 };
      },
    }),
    endpoint({
      name: 'auth.revoke_credentials',
      body: RevokeCredentials,
      run: async ({ access_key }, { identity }) => {
        const { numDeletedRows } = await core.db
          .deleteFrom('credentials')
          .where('access_key', '=', access_key)
          .where('user_id', '=', identity.user)
          .executeTakeFirst();
        if (numDeletedRows === 0n) throw new ApiError('invalidUser', { access_key }, 'no such key of this user');
        return { revoked: 1 };
      },
    }),
  ];
}

/** The record of a key that auth.create_credentials made. */
export async function findKey(core: Core, key: string): Promise<KeyRecord | undefined> {
  const row = await core.db
    .selectFrom('credentials as c')
    .innerJoin('users as u', 'u.id', 'c.user_id')
    .select(['c.hash', 'u.id', 'u.name', 'u.role'])
    .where('c.access_key', '=', key)
    .executeTakeFirst();
  return row && { hash: row.hash, identity: { user: row.id, name: row.name, role: row.role, company: COMPANY.id } };
}
