import { describe, expect, test } from 'vitest';
import { createTestAuthenticator, TEST_BASIC, TEST_IDENTITY, TEST_KEY } from '../testing/index.ts';
import { createAuthenticator, hashSecret, verifySecret } from './index.ts';

const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;

describe('the authenticator', () => {
  test('knows a key by Basic, a token by Bearer and by cookie', async () => {
    const auth = await createTestAuthenticator();
    const token = await auth.issueToken(TEST_IDENTITY, { seconds: 60 });
    expect(await auth.identify({ authorization: TEST_BASIC })).toEqual(TEST_IDENTITY);
    expect(await auth.identify({ authorization: `bearer ${token}` })).toEqual(TEST_IDENTITY);
    expect(await auth.identify({ cookie: `x=1; clearml_token_basic=${token}` })).toEqual(TEST_IDENTITY);
  });

  test.each([
    ['no header', undefined],
    ['a wrong secret', basic(`${TEST_KEY}:wrong`)],
    ['an unknown key', basic('nobody:x')],
    ['no colon', basic('nobody')],
    ['a broken token', 'Bearer abc.def.ghi'],
    ['another scheme', 'Digest abc'],
    ['an empty header', ''],
  ])('knows nobody by %s', async (_title, authorization) => {
    const auth = await createTestAuthenticator();
    expect(await auth.identify({ authorization })).toBeUndefined();
  });

  test('does not know a token that has ended, or that another installation signed', async () => {
    const auth = await createTestAuthenticator();
    const other = createAuthenticator({ tokenSecret: 'another secret', cookie: 'c', keys: async () => undefined });
    const ended = await auth.issueToken(TEST_IDENTITY, { seconds: -10 });
    const foreign = await other.issueToken(TEST_IDENTITY, { seconds: 60 });
    expect(await auth.identify({ authorization: `Bearer ${ended}` })).toBeUndefined();
    expect(await auth.identify({ authorization: `Bearer ${foreign}` })).toBeUndefined();
  });

  test('does not know the token of a user who was deleted', async () => {
    const removed = new Set<string>();
    const auth = createAuthenticator({
      tokenSecret: 'x',
      cookie: 'c',
      keys: async () => undefined,
      removed: async (user) => removed.has(user),
    });
    const authorization = `Bearer ${await auth.issueToken(TEST_IDENTITY, { seconds: 60 })}`;
    expect(await auth.identify({ authorization })).toEqual(TEST_IDENTITY);
    removed.add(TEST_IDENTITY.user);
    expect(await auth.identify({ authorization })).toBeUndefined();
  });

  test('the header wins over the cookie', async () => {
    const auth = await createTestAuthenticator();
    const token = await auth.issueToken(TEST_IDENTITY, { seconds: 60 });
    const cookie = `clearml_token_basic=${token}`;
    expect(await auth.identify({ authorization: 'Bearer broken', cookie })).toBeUndefined();
  });

  test('a secret that was replaced is refused although it was right a moment ago', async () => {
    let hash = await hashSecret('old');
    const auth = createAuthenticator({
      tokenSecret: 'x',
      cookie: 'c',
      keys: async () => ({ hash, identity: TEST_IDENTITY }),
    });
    expect(await auth.verifyKey('key', 'old')).toEqual(TEST_IDENTITY);
    hash = await hashSecret('new');
    expect(await auth.verifyKey('key', 'old')).toBeUndefined();
    expect(await auth.verifyKey('key', 'new')).toEqual(TEST_IDENTITY);
  });
});

test('a secret may hold colons and any script, and two hashes of one secret differ', async () => {
  const hash = await hashSecret('a:b:ключ');
  expect(await verifySecret('a:b:ключ', hash)).toBe(true);
  expect(await verifySecret('a:b', hash)).toBe(false);
  expect(await verifySecret('a:b:ключ', 'plain$a$b')).toBe(false);
  expect(await hashSecret('a:b:ключ')).not.toBe(hash);
});
