import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTracking, type TestServer } from '../testing/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTracking();
});
afterAll(() => server.stop());

type Row = Record<string, unknown> & { id: string };

test.each([
  ['model', 'archived', { name: 'Test tags', uri: 'file:///a/b', labels: {} }],
  ['project', 'public', { name: 'Test tags', description: 'test' }],
  ['task', 'development', { name: 'Test tags', type: 'testing' }],
  ['task', 'Annotation', { name: 'Test tags', type: 'testing' }],
])('a %s has its system tags among its tags for clients before 2.3', async (entity, mark, fields) => {
  const old = async (action: string, body: object) => {
    const { text } = await server.send(`/v2.2/${entity}s.${action}`, { raw: JSON.stringify(body) });
    return (JSON.parse(text) as { data: Record<string, Row & Row[]> & { id: string } }).data;
  };
  const { id } = await old('create', { ...fields, tags: [mark, 'test'] });
  const shown = (await old('get_by_id', { [entity]: id }))[entity];
  expect(new Set(shown?.['tags'] as string[])).toEqual(new Set([mark, 'test']));
  const listed = (await old('get_all', { name: 'Test tags', tags: [`-${mark}`] }))[`${entity}s`] ?? [];
  expect(listed.map((one) => one.id)).not.toContain(id);
  const now = async () => (await server.call<Record<string, Row>>(`${entity}s.get_by_id`, { [entity]: id }))[entity];
  expect(await now()).toMatchObject({ tags: ['test'], system_tags: [mark] });
  await old('update', { [entity]: id, tags: ['test'] });
  expect(await now()).toMatchObject({ tags: ['test'], system_tags: [] });
});
