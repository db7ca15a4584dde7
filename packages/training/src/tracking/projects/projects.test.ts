import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Tables } from '../store/tables.ts';
import { startTracking, type TestServer } from '../testing/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTracking();
});
afterAll(() => server.stop());

type Row = Record<string, unknown> & { id: string; name: string };
const create = async (name: string, fields: object = {}) =>
  (await server.call<{ id: string }>('projects.create', { name, description: '', ...fields })).id;
const get = async (project: string) => (await server.call<{ project: Row }>('projects.get_by_id', { project })).project;
const list = async (body: object) => (await server.call<{ projects: Row[] }>('projects.get_all_ex', body)).projects;
const names = async (body: object) => (await list(body)).map(({ name }) => name).sort();
const task = (project: string, fields: object = {}) => server.newTask({ project, type: 'testing', ...fields });
const model = async (project: string, fields: object = {}) =>
  (await server.call<{ id: string }>('models.create', { name: 'net', uri: 'file:///a', project, ...fields })).id;

describe('the tree', () => {
  test('a rename keeps the place and takes those below along; a move changes the place', async () => {
    const top = await create('Root1/Pr1');
    const child = await create('Root1/Pr1/Pr2');
    expect(await server.refusal('projects.create', { name: '/' })).toBe('400/407');
    expect(await server.refusal('projects.create', { name: 'Root1/Pr1/Pr2' })).toBe('400/801');
    expect(await server.refusal('projects.update', { project: top, name: 'Root2/Pr2' })).toBe('400/408');
    expect(await server.call('projects.update', { project: top, name: 'Root1/Pr2' })).toMatchObject({ updated: 1 });
    expect(await get(top)).toMatchObject({ basename: 'Pr2' });
    expect(await get(child)).toMatchObject({ name: 'Root1/Pr2/Pr2', basename: 'Pr2' });
    expect(await server.call('projects.move', { project: top, new_location: 'Root2' })).toEqual({ moved: 2 });
    expect(await get(child)).toMatchObject({ name: 'Root2/Pr2/Pr2', basename: 'Pr2', parent: top });
    expect(await server.refusal('projects.move', { project: top, new_location: 'Root2' })).toBe('400/410');
    expect(await server.refusal('projects.move', { project: top, new_location: 'Root2/Pr2' })).toBe('400/411');
    expect(await server.refusal('projects.move', { project: top, new_location: 'Root2/Pr2/Pr2/new' })).toBe('400/411');
    expect(await names({ name: '^Root2/Pr2/Pr2/new' })).toEqual([]);
    expect(await server.refusal('projects.move', { project: 'nobody', new_location: 'Root2' })).toBe('400/401');
    expect(await server.call('projects.move', { project: top, new_location: '' })).toEqual({ moved: 2 });
    expect(await get(child)).toMatchObject({ name: 'Pr2/Pr2' });
    expect((await get(top))['parent']).toBeNull();
  });

  test('a merge moves what is in a project and below it, at every level, and removes the project', async () => {
    const source = await create('Merge/src');
    const deep = await create('Merge/src/a/b');
    const destination = await create('Into/here');
    const [own, archived] = [await task(source), await task(source, { system_tags: ['archived'] })];
    const net = await model(source);
    expect(await server.refusal('projects.merge', { project: source, destination_project: source })).toBe('400/410');
    expect(await server.refusal('projects.merge', { project: source, destination_project: deep })).toBe('400/412');
    expect(await server.call('projects.merge', { project: source, destination_project: destination })).toEqual({
      moved_entities: 3,
      moved_projects: 1,
    });
    expect(await server.refusal('projects.get_by_id', { project: source })).toBe('400/401');
    expect(await get(deep)).toMatchObject({ name: 'Into/here/a/b' });
    expect(await names({ parent: [destination] })).toEqual(['Into/here/a', 'Into/here/a/b']);
    const { tasks } = await server.call<{ tasks: Row[] }>('tasks.get_all', { project: [destination] });
    expect(tasks.map(({ id }) => id).sort()).toEqual([own, archived].sort());
    expect(await server.call('models.get_by_id', { model: net })).toMatchObject({ model: { project: destination } });
  });

  test('a merge into the root may give the name of the project to the one below it', async () => {
    const source = await create('same');
    await create('same/same');
    const inner = await create('same/same/same');
    await server.call('projects.merge', { project: source });
    expect(await get(inner)).toMatchObject({ name: 'same/same' });
    expect(await names({ name: '^same' })).toEqual(['same', 'same/same']);
  });

  test('a name that is taken at the destination refuses the whole move or merge', async () => {
    const [a, b] = [await create('Clash1'), await create('Clash2')];
    const [inA, inB] = [await create('Clash1/x y'), await create('Clash2/x y')];
    expect(await server.refusal('projects.merge', { project: a, destination_project: b })).toBe('400/801');
    expect(await server.refusal('projects.move', { project: inA, new_location: 'Clash2' })).toBe('400/801');
    expect([(await get(inA)).name, (await get(inB)).name]).toEqual(['Clash1/x y', 'Clash2/x y']);
  });

  test('ten levels are the deepest, whichever way a project gets there', async () => {
    const ten = Array.from({ length: 10 }, (_, level) => `level${level}`).join('/');
    await create(ten);
    expect(await server.refusal('projects.create', { name: `${ten}/more` })).toBe('400/409');
    const pair = await create('Pair');
    await create('Pair/child');
    const nine = ten.split('/').slice(0, 9).join('/');
    expect(await server.refusal('projects.move', { project: pair, new_location: nine })).toBe('400/409');
    const [found] = await list({ name: `^${nine}$` });
    const twins = await create('Twins');
    await create('Twins/a/b');
    expect(await server.refusal('projects.merge', { project: twins, destination_project: found?.id })).toBe('400/409');
  });

  test('names hold any character: slashes divide, spaces around parts go, the rest stays', async () => {
    for (const name of ['a.b*c[x]$', 'ünïcödé 🚀 名前', 'per%20cent%', 'quo\'te"', 'back\\slash', '.datasets']) {
      const id = await create(` Odd / ${name} /`);
      expect((await get(id)).name).toBe(`Odd/${name}`);
      const escaped = `Odd/${name}`.replace(/[^\w\s/]/gu, (char) => (/[!-~]/.test(char) ? `\\${char}` : char));
      expect((await list({ name: `^${escaped}$` })).map((one) => one.id)).toEqual([id]);
      const renamed = await server.call('projects.update', { project: id, name: `Odd/${name}2` });
      expect(renamed).toMatchObject({ updated: 1 });
    }
    const long = 'x'.repeat(1_990);
    const id = await create(long);
    expect(await server.refusal('projects.move', { project: id, new_location: 'A long location' })).toBe('400/407');
  });

  test('creations, renames, moves and merges at once leave a tree without holes', async () => {
    const root = await create('Busy');
    const [left, right] = [await create('Busy/left'), await create('Busy/right')];
    const calls = Array.from({ length: 24 }, (_, index) => {
      if (index % 4 === 0) return server.envelope('projects.update', { project: left, name: `Busy/left ${index}` });
      if (index % 4 === 1) return server.envelope('projects.create', { name: `Busy/right/at ${index}/inner` });
      if (index % 4 === 2)
        return server.envelope('projects.move', { project: right, new_location: index % 8 === 2 ? '' : 'Busy' });
      return server.envelope('projects.create', { name: `Busy/left/at ${index}` });
    });
    const codes = (await Promise.all(calls)).map(({ meta }) => meta.result_code);
    expect(codes.filter((code) => code !== 200 && code !== 400)).toEqual([]);
    const all = await list({ search_hidden: true, page: 0, page_size: 500 });
    const byId = new Map(all.map((one) => [one.id, one]));
    for (const { name, parent } of all) {
      const above = (parent as { id: string } | undefined)?.id;
      expect(name.split('/').slice(0, -1).join('/')).toBe(above ? byId.get(above)?.name : '');
    }
    expect(byId.has(root)).toBe(true);
  });
});

describe('public projects', () => {
  test('are read but not changed, until they are private again', async () => {
    const project = await create('Test public');
    expect(await server.refusal('projects.make_private', { ids: [project] })).toBe('400/401');
    expect(await server.call('projects.make_public', { ids: [project] })).toEqual({ updated: 1 });
    expect(await get(project)).toMatchObject({ company: '' });
    expect(await server.refusal('projects.update', { project, name: 'Test public 1' })).toBe('403/21');
    expect(await server.refusal('projects.delete', { project })).toBe('403/21');
    expect(await server.refusal('projects.create', { name: 'Test public' })).toBe('400/414');
    expect(await server.refusal('projects.create', { name: 'Test public/below' })).toBe('400/414');
    expect((await list({ id: [project], allow_public: false })).length).toBe(0);
    expect((await list({ id: [project], non_public: true })).length).toBe(0);
    expect((await list({ id: [project] })).length).toBe(1);
    const other = await create('Test private');
    expect(await server.refusal('projects.make_public', { ids: [other, project] })).toBe('400/401');
    expect(await get(other)).toMatchObject({ company: 'ranloop' });
    expect(await server.call('projects.make_private', { ids: [project] })).toEqual({ updated: 1 });
    await server.call('projects.update', { project, name: 'Test public 2' });
  });
});

describe('deletion', () => {
  test('waits until tasks, models, datasets and pipelines are archived or gone, or is forced', async () => {
    const project = await create('Filled');
    const inside = await task(project);
    expect(await server.call('projects.validate_delete', { project })).toMatchObject({
      tasks: 1,
      non_archived_tasks: 1,
      models: 0,
      reports: 0,
      pipelines: 0,
      datasets: 0,
    });
    expect(await server.refusal('projects.delete', { project })).toBe('400/402');
    await server.call('tasks.delete', { task: inside, force: true });
    const net = await model(project);
    expect(await server.refusal('projects.delete', { project })).toBe('400/405');
    await server.call('models.archive_many', { ids: [net] });
    const dataset = await create('Filled/.datasets/ds', { system_tags: ['dataset'] });
    const version = await task(dataset, { type: 'data_processing', system_tags: ['dataset'] });
    expect(await server.call('projects.validate_delete', { project })).toMatchObject({
      datasets: 1,
      tasks: 0,
      models: 1,
      non_archived_models: 0,
    });
    expect(await server.refusal('projects.delete', { project })).toBe('400/406');
    await server.call('tasks.delete', { task: version, force: true });
    const pipeline = await create('Filled/.pipelines/pipe', { system_tags: ['pipeline'] });
    const run = await task(pipeline, { type: 'controller', system_tags: ['pipeline'] });
    expect(await server.refusal('projects.delete', { project })).toBe('400/413');
    await server.call('tasks.edit', { task: run, system_tags: ['archived'], force: true });
    expect(await server.call('projects.delete', { project })).toMatchObject({ deleted: 5, disassociated_tasks: 1 });
    expect((await server.call<{ task: Row }>('tasks.get_by_id', { task: run })).task['project']).toBeUndefined();
    expect(await server.refusal('projects.get_by_id', { project: pipeline })).toBe('400/401');
  });

  test('with its contents deletes them, names their files, and frees what refers to them from elsewhere', async () => {
    const [project, elsewhere] = [await create('Going'), await create('Staying')];
    const going = await task(project, { execution: { artifacts: [{ key: 'a', type: 'x', uri: 'http://files/a' }] } });
    const net = await model(project, { uri: 'http://files/net', task: going });
    const child = await task(elsewhere, { parent: going, models: { input: [{ name: 'in', model: net }] } });
    const output = await model(elsewhere, { task: going });
    await server.batch([
      {
        type: 'training_debug_image',
        task: going,
        iter: 1,
        metric: 'm',
        variant: 'v',
        key: 'k',
        url: 'http://files/i',
      },
    ]);
    const answer = await server.call('projects.delete', { project, force: true, delete_contents: true });
    expect(answer).toMatchObject({
      deleted: 1,
      deleted_tasks: 1,
      deleted_models: 1,
      urls: { model_urls: ['http://files/net'], artifact_urls: ['http://files/a'], event_urls: ['http://files/i'] },
    });
    expect(await server.refusal('tasks.get_by_id', { task: going })).toBe('400/101');
    const { task: kept } = await server.call<{ task: Row }>('tasks.get_by_id', { task: child });
    expect(kept['parent']).toBeUndefined();
    expect(kept['models']).toMatchObject({ input: [{ model: '__DELETED__' }] });
    const { model: made } = await server.call<{ model: Row }>('models.get_by_id', { model: output });
    expect(made['task']).toBeUndefined();
  });

  test('of ten thousand tasks takes a handful of statements, and readers meanwhile see all or nothing', async () => {
    const project = await create('Ten thousand');
    const first = await task(project);
    await sql`insert into tracking.tasks (id, name, type, status, user_id, project, comment, tags, system_tags, created,
         status_changed, last_update, last_change, last_changed_by, started, completed, parent, hyperparams)
       select md5(n::text), 'task ' || n, 'training', 'completed', 'admin', ${project}, '', '{}', '{}', now(), now(), now(), now(),
         'admin', now() - interval '10 seconds', now(), ${first},
         jsonb_build_object('Args', jsonb_build_object('n', jsonb_build_object('name', 'n', 'value', (n % 50)::text)))
       from generate_series(1, 10000) n`.execute(server.database.room<Tables>('tracking'));
    const [card] = await list({ id: [project], include_stats: true, check_own_contents: true });
    expect(card).toMatchObject({
      own_tasks: 10_001,
      stats: { active: { total_tasks: 10_001, total_runtime: 100_000, completed_tasks_24h: 10_000 } },
    });
    const values = { projects: [project], section: 'Args', name: 'n' };
    const { values: found } = await server.call<{ values: string[] }>('projects.get_hyperparam_values', values);
    expect(found).toEqual(Array.from({ length: 50 }, (_, n) => String(n)));
    expect(await server.call('projects.get_task_parents', { projects: [project] })).toMatchObject({
      parents: [{ id: first, name: 'a task', project: { id: project, name: 'Ten thousand' } }],
    });
    const reads: Promise<number>[] = [];
    const count = async () => {
      const [found] = await list({ id: [project], check_own_contents: true });
      return Number(found?.['own_tasks'] ?? 0);
    };
    const removal = server.call('projects.delete', { project, force: true, delete_contents: true });
    for (let at = 0; at < 20; at += 1) reads.push(count());
    expect(await removal).toMatchObject({ deleted_tasks: 10_001 });
    expect(new Set([...(await Promise.all(reads)), 0, 10_001])).toEqual(new Set([0, 10_001]));
  }, 60_000);
});
