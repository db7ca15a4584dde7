import { createTestDatabase } from '@ranloop/kit/testing';
import { expect, test } from 'vitest';

test('a fresh database answers', async () => {
  const db = await createTestDatabase();
  const { rows } = await db.pool.query('select 1::bigint as one');
  expect(rows).toEqual([{ one: 1 }]);
  await db.stop();
});
