import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTracking, type TestServer } from '../testing/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTracking();
});
afterAll(() => server.stop());

const as = (user: string) => ({ 'X-ClearML-Impersonate-As': user });
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const basic = (key: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${key}:${secret}`).toString('base64')}`,
});
async function newUser(fields: object = {}): Promise<string> {
  const body = { name: 'Ada King Lovelace', company: 'ranloop', email: 'ada@example.com', ...fields };
  return (await server.call<{ id: string }>('auth.create_user', body)).id;
}
const tokenOf = async (headers: Record<string, string>) =>
  (await server.call<{ token: string }>('auth.login', {}, headers)).token;
const claims = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

describe('users', () => {
  test('are created with a role, found by id, by name and by only_fields', async () => {
    const id = await newUser({ role: 'superuser', avatar: 'http://a/b.png' });
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    const { user } = await server.call('users.get_by_id', { user: id });
    expect(user).toMatchObject({
      id,
      name: 'Ada King Lovelace',
      given_name: 'Ada',
      family_name: 'King Lovelace',
      email: 'ada@example.com',
      avatar: 'http://a/b.png',
      role: 'superuser',
      company: 'ranloop',
      created_in_version: '2.3.0',
    });
    expect(await server.call('users.get_all', { name: '^Ada', only_fields: ['name'] })).toEqual({
      users: [{ id, name: 'Ada King Lovelace' }],
    });
    expect(await server.call('users.get_all_ex', { id: [id], only_fields: ['role'] })).toEqual({
      users: [{ id, role: 'superuser' }],
    });
    expect(await server.refusal('users.get_by_id', { user: 'nobody' })).toBe('400/301');
  });

  test('are made only by managers, in the one company, with a role that exists', async () => {
    const id = await newUser();
    const body = { name: 'x', company: 'ranloop', email: 'x@y' };
    expect(await server.refusal('auth.create_user', body, as(id))).toBe('403/20');
    expect(await server.refusal('auth.edit_user', { user: id, role: 'admin' }, as(id))).toBe('403/20');
    expect(await server.refusal('users.create', { id: 'b', name: 'b', company: 'ranloop' }, as(id))).toBe('403/20');
    expect(await server.refusal('users.delete', { user: id }, as(id))).toBe('403/20');
    expect(await server.refusal('auth.create_user', { ...body, company: 'other' })).toBe('400/10');
    expect(await server.refusal('auth.create_user', { ...body, role: 'root' })).toBe('400/12');
    expect(await server.refusal('auth.create_user', { name: 'x', company: 'ranloop' })).toBe('400/11');
  });

  test('users.create takes the id that is given, once', async () => {
    const body = { id: 'grace', name: 'Grace Hopper', company: 'ranloop', given_name: 'G.', family_name: 'H.' };
    expect(await server.call('users.create', { ...body, role: 'root' })).toEqual({});
    expect(await server.call('users.get_by_id', { user: 'grace' })).toMatchObject({
      user: { given_name: 'G.', family_name: 'H.', role: 'user' },
    });
    expect(await server.refusal('users.create', body)).toBe('400/302');
  });

  test('update their own entry, others only a manager', async () => {
    const id = await newUser();
    const other = await newUser();
    const change = { user: id, name: 'Ada L.', given_name: 'Ada' };
    expect(await server.call('users.update', change, as(id))).toEqual({
      updated: 1,
      fields: { name: 'Ada L.', given_name: 'Ada' },
    });
    expect(await server.call('users.update', change)).toEqual({ updated: 0, fields: {} });
    expect(await server.refusal('users.update', { user: id, name: 'x' }, as(other))).toBe('403/20');
    expect(await server.refusal('users.update', { user: 'nobody', name: 'x' })).toBe('400/301');
    expect(await server.call('users.get_current_user', {}, as(id))).toMatchObject({
      user: { id, name: 'Ada L.', role: 'user', company: { id: 'ranloop', name: 'ranloop' }, preferences: {} },
    });
  });

  test('a role that is edited counts for tokens that were issued before', async () => {
    const id = await newUser();
    const token = await tokenOf(as(id));
    expect(claims(token).identity).toMatchObject({ user: id, role: 'user' });
    expect(await server.refusal('auth.edit_user', { user: id, role: 'user' }, bearer(token))).toBe('403/20');
    const promoted = { updated: 1, fields: { role: 'admin' } };
    expect(await server.call('auth.edit_user', { user: id, role: 'admin' })).toEqual(promoted);
    expect(await server.call('auth.edit_user', { user: id, role: 'admin' })).toEqual({ ...promoted, updated: 0 });
    const demoted = { updated: 1, fields: { role: 'annotator' } };
    expect(await server.call('auth.edit_user', { user: id, role: 'annotator' }, bearer(token))).toEqual(demoted);
    expect(await server.refusal('auth.edit_user', { user: id, role: 'admin' }, bearer(token))).toBe('403/20');
    expect(await server.refusal('auth.edit_user', { user: 'nobody', role: 'admin' })).toBe('400/301');
  });

  test('who is deleted is refused by key and by token, and what they made stays', async () => {
    const id = await newUser();
    const { credentials } = await server.call<{ credentials: { access_key: string; secret_key: string } }>(
      'auth.create_credentials',
      {},
      as(id),
    );
    const key = basic(credentials.access_key, credentials.secret_key);
    const token = await tokenOf(key);
    await server.call('workers.register', { worker: 'theirs' }, bearer(token));
    const { id: task } = await server.call('tasks.create', { name: 'theirs', type: 'training' }, bearer(token));
    expect(await server.refusal('users.delete', { user: 'admin' })).toBe('400/16');
    expect(await server.call('users.delete', { user: id })).toEqual({});
    expect(await server.refusal('users.delete', { user: id })).toBe('400/301');
    expect(await server.refusal('tasks.get_all', {}, key)).toBe('401/22');
    expect(await server.refusal('tasks.get_all', {}, bearer(token))).toBe('401/30');
    expect(await server.refusal('users.get_current_user', {}, as(id))).toBe('400/6');
    expect((await server.send('/ranloop/v1/stream', { headers: bearer(token) })).status).toBe(401);
    expect(await server.call('auth.validate_token', { token })).toMatchObject({ valid: false });
    expect(await server.call('login.supported_modes', {}, bearer(token))).toMatchObject({ authenticated: false });
    expect(await server.call('workers.get_all', { worker_pattern: 'theirs' })).toEqual({ workers: [] });
    expect(await server.call('tasks.get_by_id', { task })).toMatchObject({ task: { user: id, name: 'theirs' } });
    expect(await server.call('users.get_all', { id: [id] })).toEqual({ users: [] });
    await server.call('users.create', { id, name: 'back', company: 'ranloop' });
    expect(await server.call('users.get_current_user', {}, bearer(token))).toMatchObject({ user: { name: 'back' } });
  });

  test('are active where they made a task or a model', async () => {
    const [idle, modeller, trainer] = [await newUser(), await newUser(), await newUser()];
    const { id: project } = await server.call<{ id: string }>('projects.create', { name: 'active users/below' });
    const { project: below } = await server.call<{ project: { parent: string } }>('projects.get_by_id', { project });
    await server.call('models.create', { name: 'test', uri: 'file:///a', labels: {} }, as(modeller));
    await server.call('tasks.create', { name: 'test', type: 'testing', project }, as(trainer));
    const active = async (query: object) => {
      const { users } = await server.call<{ users: { id: string }[] }>('users.get_all_ex', {
        id: [idle, modeller, trainer],
        ...query,
      });
      return new Set(users.map(({ id }) => id));
    };
    expect(await active({})).toEqual(new Set([idle, modeller, trainer]));
    expect(await active({ active_in_projects: [] })).toEqual(new Set([modeller, trainer]));
    expect(await active({ active_in_projects: [project] })).toEqual(new Set([trainer]));
    expect(await active({ active_in_projects: [below.parent] })).toEqual(new Set([trainer]));
    expect(await active({ active_in_projects: ['nothing'] })).toEqual(new Set());
  });
});

describe('preferences', () => {
  test('each key replaces what was there, and null is a value', async () => {
    const mine = as(await newUser());
    const set = (preferences: object) => server.call('users.set_preferences', { preferences }, mine);
    const get = async () => (await server.call('users.get_preferences', {}, mine))['preferences'];
    expect(await get()).toEqual({});
    expect(await set({ a: 0 })).toEqual({ updated: 1, fields: { preferences: { a: 0 } } });
    await set({ section: { a: 2, b: 1 } });
    expect(await get()).toEqual({ a: 0, section: { a: 2, b: 1 } });
    await set({ section: { a: null } });
    expect(await get()).toEqual({ a: 0, section: { a: null } });
    await set({ section: null });
    expect(await get()).toEqual({ a: 0, section: null });
    expect(await set({ section: null })).toEqual({ updated: 0, fields: {} });
    expect(await server.call('users.set_preferences', { preferences: { z: 1 }, return_updated: false }, mine)).toEqual({
      updated: 1,
    });
  });

  test('refuse keys that no path can name, keep __proto__ and NUL, and have a size', async () => {
    const mine = as(await newUser());
    const refusal = (preferences: object) => server.refusal('users.set_preferences', { preferences }, mine);
    expect(await refusal({ 'a.b': 1 })).toBe('400/16');
    expect(await refusal({ a: [{ $b: 1 }] })).toBe('400/16');
    expect(await refusal({ a: 'x'.repeat(1_100_000) })).toBe('400/800');
    await server.send('/users.set_preferences', {
      raw: '{"preferences":{"__proto__":{"x":1},"nul\\u0000":"\\u0000"}}',
      headers: mine,
    });
    const { text } = await server.send('/users.get_preferences', { headers: mine });
    expect(text).toContain('{"nul\uFFFD":"\uFFFD","__proto__":{"x":1}}');
  });

  test('of pages that save at once none loses its part', async () => {
    const mine = as(await newUser());
    const keys = Array.from({ length: 20 }, (_, at) => `k${at}`);
    await Promise.all(keys.map((key) => server.call('users.set_preferences', { preferences: { [key]: key } }, mine)));
    const { preferences } = await server.call<{ preferences: object }>('users.get_preferences', {}, mine);
    expect(Object.keys(preferences).toSorted()).toEqual(keys.toSorted());
  });
});

describe('impersonation', () => {
  test('gives the identity, and the role of either', async () => {
    const id = await newUser();
    const whoAmI = async (headers: Record<string, string>) =>
      (await server.call<{ user: { id: string; role: string } }>('users.get_current_user', {}, headers)).user;
    for (const prefix of ['X-ClearML', 'X-Trains']) {
      expect(await whoAmI({ [`${prefix}-Impersonate-As`]: id })).toMatchObject({ id, role: 'user' });
      expect(await whoAmI({ [`${prefix}-Act-As`]: id })).toMatchObject({ id, role: 'admin' });
    }
    expect(await whoAmI({ 'X-ClearML-Act-As': '' })).toMatchObject({ id: 'admin' });
    // The role that was lent for one call does not end up in a token.
    expect(claims(await tokenOf({ 'X-ClearML-Act-As': id })).identity).toMatchObject({ user: id, role: 'user' });
  });

  test('is refused to others than managers, for unknown users, and by both headers at once', async () => {
    const id = await newUser();
    const theirs = bearer(await tokenOf(as(id)));
    const refusal = (headers: Record<string, string>) => server.refusal('users.get_current_user', {}, headers);
    expect(await refusal({ ...theirs, ...as('admin') })).toBe('400/6');
    expect(await refusal(as('nobody'))).toBe('400/6');
    expect(await refusal({ ...as(id), 'X-Trains-Act-As': id })).toBe('400/5');
  });
});

describe('credentials', () => {
  test('belong to one user, tell when and where they were used, and are of no use once revoked', async () => {
    const mine = as(await newUser());
    const other = as(await newUser());
    const { credentials } = await server.call<{ credentials: { access_key: string; secret_key: string } }>(
      'auth.create_credentials',
      { label: 'first' },
      mine,
    );
    const { access_key } = credentials;
    const key = basic(access_key, credentials.secret_key);
    expect(await server.call('auth.get_credentials', {}, mine)).toEqual({
      credentials: [{ access_key, label: 'first' }],
    });
    expect(await server.call('auth.get_credentials', {}, other)).toEqual({ credentials: [] });
    await server.call('users.get_current_user', {}, { ...key, 'X-ClearML-Worker': 'host-1' });
    expect(await server.call('auth.get_credentials', {}, mine)).toMatchObject({
      credentials: [{ last_used: expect.stringMatching(/^\d{4}-\d\d-\d\dT/), last_used_from: 'host-1' }],
    });
    expect(await server.call('auth.edit_credentials', { access_key, label: 'second' }, mine)).toEqual({ updated: 1 });
    expect(await server.refusal('auth.edit_credentials', { access_key, label: 'x' }, other)).toBe('400/75');
    expect(await server.refusal('auth.revoke_credentials', { access_key }, other)).toBe('400/300');
    expect(await server.call('auth.get_credentials', {}, mine)).toMatchObject({ credentials: [{ label: 'second' }] });
    expect(await server.call('auth.revoke_credentials', { access_key }, mine)).toEqual({ revoked: 1 });
    expect(await server.refusal('auth.revoke_credentials', { access_key }, mine)).toBe('400/300');
    expect(await server.refusal('users.get_current_user', {}, key)).toBe('401/22');
  });

  test('a token for a user is for managers and for oneself', async () => {
    const id = await newUser();
    const { token } = await server.call<{ token: string }>('auth.get_token_for_user', {
      user: id,
      company: 'ranloop',
      expiration_sec: 120,
    });
    expect(claims(token)).toMatchObject({ identity: { user: id, role: 'user' }, api_version: '2.34' });
    expect(claims(token).exp - claims(token).iat).toBe(120);
    expect(await server.call('auth.validate_token', { token })).toMatchObject({
      valid: true,
      user: id,
      company: 'ranloop',
    });
    expect(await server.call('auth.validate_token', { token: 'x' })).toMatchObject({ valid: false });
    await server.call('auth.get_token_for_user', { user: id }, bearer(token));
    expect(await server.refusal('auth.get_token_for_user', { user: 'admin' }, bearer(token))).toBe('400/301');
    expect(await server.refusal('auth.get_token_for_user', { user: 'nobody' })).toBe('400/301');
    expect(await server.refusal('auth.get_token_for_user', { user: id, company: 'other' })).toBe('400/10');
  });

  test('logging out takes the cookie away, by either name', async () => {
    for (const path of ['/auth.logout', '/v2.13/login.logout']) {
      const { headers } = await server.send(path);
      expect([headers['set-cookie']].flat()[0]).toMatch(/^clearml_token_basic=; .*Max-Age=0/);
    }
    expect((await server.send('/v2.1/auth.logout')).status).toBe(404);
  });

  test('strangers are told how to log in', async () => {
    const open = async (path: string) =>
      JSON.parse((await server.send(path, { headers: { authorization: 'Bearer x' } })).text).data;
    expect(await open('/auth.fixed_users_mode')).toEqual({
      enabled: true,
      guest: { enabled: false },
      server_errors: {},
    });
    expect(await open('/v2.9/login.supported_modes')).toMatchObject({
      authenticated: false,
      basic: { enabled: true, guest: { enabled: false } },
      sso: {},
      sso_providers: [],
    });
    expect(await server.call('login.supported_modes')).toMatchObject({ authenticated: true });
  });
});
