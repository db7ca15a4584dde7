import { TRACKING_VERSIONS } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import { COMPANY, type Core, transaction } from '../core.ts';
import { ApiError } from '../wire/errors.ts';

export interface NewUser {
  readonly id: string;
  readonly name: string;
  readonly company: string;
  readonly role?: string | undefined;
  readonly email?: string | undefined;
  readonly given_name?: string | undefined;
  readonly family_name?: string | undefined;
  readonly avatar?: string | undefined;
}

/** A user who was deleted may be made again; what still bears the id is theirs again. */
export async function createUser(core: Core, user: NewUser): Promise<void> {
  if (user.company !== COMPANY.id) throw new ApiError('invalidId', { company: user.company }, 'there is one company');
  await transaction(core, async (trx) => {
    const row = await trx
      .insertInto('users')
      .values({
        id: user.id,
        name: user.name,
        role: user.role ?? 'user',
        preferences: '{}',
        created: new Date(),
        email: user.email ?? null,
        given_name: user.given_name ?? null,
        family_name: user.family_name ?? null,
        avatar: user.avatar ?? null,
        created_in_version: TRACKING_VERSIONS.server,
      })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .returning('id')
      .executeTakeFirst();
    if (!row) throw new ApiError('userExists', { id: user.id });
    await sql`delete from tracking.removed_users where id = ${user.id}`.execute(trx);
  });
}

/**
 * Their keys and workers go with them, and tokens that are still good are refused from now on. Tasks, models and
 * projects are the company's: they stay, and keep the id of who made them.
 */
export async function deleteUser(core: Core, user: string): Promise<void> {
  await transaction(core, async (trx) => {
    const { numDeletedRows } = await trx.deleteFrom('users').where('id', '=', user).executeTakeFirst();
    if (numDeletedRows === 0n) throw new ApiError('invalidUserId', { id: user });
    await trx.deleteFrom('credentials').where('user_id', '=', user).execute();
    await trx.deleteFrom('workers').where('user_id', '=', user).execute();
    await sql`insert into tracking.removed_users (id, removed) values (${user}, now())
      on conflict (id) do update set removed = excluded.removed`.execute(trx);
  });
}

/** Sets what is given; gives what is set now, or undefined when nothing changed. */
export async function updateUser(
  core: Core,
  user: string,
  given: object,
): Promise<Record<string, unknown> | undefined> {
  const fields = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const known = await core.db.selectFrom('users').selectAll().where('id', '=', user).executeTakeFirst();
  if (!known) throw new ApiError('invalidUserId', { id: user });
  const same = Object.entries(fields).every(([key, value]) => known[key as keyof typeof known] === value);
  if (same) return undefined;
  await core.db.updateTable('users').set(fields).where('id', '=', user).execute();
  return fields;
}
