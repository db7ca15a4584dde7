import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Tables } from '../store/tables.ts';
import { startTracking, type TestServer } from '../testing/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTracking();
});
afterAll(() => server.stop());

interface Counts {
  total_tasks: number;
  total_runtime: number;
  completed_tasks_24h: number;
  status_count: Record<string, number>;
}
type Row = Record<string, unknown> & {
  id: string;
  name: string;
  basename: string;
  stats: { active: Counts; archived?: Counts; datasets: { count: number; tags: string[] } };
};
const project = async (name: string, fields: object = {}) =>
  (await server.call<{ id: string }>('projects.create', { name, ...fields })).id;
const task = (own: string, fields: object = {}) => server.newTask({ project: own, type: 'testing', ...fields });
const list = async (body: object) => (await server.call<{ projects: Row[] }>('projects.get_all_ex', body)).projects;
const setUser = (table: 'tasks' | 'projects' | 'models', id: string, user: string) =>
  sql`update ${sql.raw(`tracking.${table}`)} set user_id = ${user} where id = ${id}`.execute(
    server.database.room<Tables>('tracking'),
  );

describe('projects by what they hold', () => {
  test('reports of certain tags: any, all, none, by either way of asking', async () => {
    const root = await project('Children tags');
    const [one, two] = [await project('Children tags/project1'), await project('Children tags/project2')];
    await server.call('reports.create', { name: 'r', project: one });
    await server.call('reports.create', { name: 'r', project: two, tags: ['test1', 'test2'] });
    await server.call('reports.create', { name: 'r', project: two, tags: ['test1'] });
    const found = async (filter: object) => {
      const options = { children_type: 'report', shallow_search: true, include_stats: true, check_own_contents: true };
      const rows = await list({ parent: [root], ...options, ...filter });
      return Object.fromEntries(rows.map(({ basename, stats }) => [basename, stats.active.total_tasks]));
    };
    expect(await found({})).toEqual({ project1: 1, project2: 2 });
    expect(await found({ children_tags: ['test1', 'test2'] })).toEqual({ project2: 2 });
    expect(await found({ children_tags_filter: { any: { include: ['test1', 'test2'] } } })).toEqual({ project2: 2 });
    expect(await found({ children_tags: ['__$all', 'test1', 'test2'] })).toEqual({ project2: 1 });
    expect(await found({ children_tags_filter: { all: { include: ['test1', 'test2'] } } })).toEqual({ project2: 1 });
    expect(await found({ children_tags: ['-test1', '-test2'] })).toEqual({ project1: 1 });
    expect(await found({ children_tags: ['__$any', '__$not', 'test1', 'test2'] })).toEqual({
      project1: 1,
      project2: 1,
    });
    expect(await found({ children_tags_filter: { all: { exclude: ['test1', 'test2'] } } })).toEqual({ project1: 1 });
    expect(
      await server.refusal('projects.get_all_ex', { children_type: 'report', children_tags_filter: { x: [] } }),
    ).toBe('400/12');
  });

  test('datasets, pipelines and reports, each counted as what they are', async () => {
    const root = await project('Children');
    const dataset = await project('Children/Project1/Dataset', { system_tags: ['dataset'], tags: ['world', 'hello'] });
    await task(dataset, { type: 'data_processing', system_tags: ['dataset'] });
    await task(dataset);
    const pipeline = await project('Children/Project2/Pipeline', { system_tags: ['pipeline'] });
    await task(pipeline, { type: 'controller', system_tags: ['pipeline'] });
    await task(pipeline);
    const plain = await project('Children/Project3');
    await server.call('reports.create', { name: 'r', project: plain });
    await task(plain);
    const within = { parent: [root], shallow_search: true, include_stats: true };
    const all = await list(within);
    expect(Object.fromEntries(all.map(({ basename, stats }) => [basename, stats.active.total_tasks]))).toEqual({
      Project1: 2,
      Project2: 2,
      Project3: 1,
    });
    const byType = (children_type: string) => list({ ...within, children_type, check_own_contents: true });
    const [datasets, pipelines, reports] = [await byType('dataset'), await byType('pipeline'), await byType('report')];
    expect(datasets).toMatchObject([
      { basename: 'Project1', own_datasets: 1, stats: { datasets: { count: 1, tags: ['hello', 'world'] } } },
    ]);
    expect(datasets[0]).not.toHaveProperty('own_tasks');
    expect(pipelines).toMatchObject([{ basename: 'Project2', own_tasks: 0, stats: { active: { total_tasks: 1 } } }]);
    expect(reports).toMatchObject([{ basename: 'Project3', own_tasks: 0, stats: { active: { total_tasks: 1 } } }]);
    expect(reports[0]).not.toHaveProperty('own_datasets');
    expect(await list({ ...within, children_type: 'dataset', children_tags: ['other'] })).toEqual([]);
  });

  test('the size of a dataset is that of its newest version', async () => {
    const own = await project('Sized', { system_tags: ['dataset'] });
    const sizes = async () => (await list({ id: [own], include_dataset_stats: true }))[0]?.['dataset_stats'];
    const old = await task(own);
    expect(await sizes()).toBeNull();
    await server.call('tasks.edit', { task: old, runtime: { ds_file_count: 2, ds_total_size: 1000 } });
    expect(await sizes()).toEqual({ file_count: 2, total_size: 1000 });
    const young = await task(own);
    await server.call('tasks.edit', { task: young, runtime: { ds_file_count: 3, ds_total_size: '?' } });
    expect(await sizes()).toEqual({ file_count: 3, total_size: 0 });
    await server.call('tasks.edit', { task: young, system_tags: ['archived'] });
    expect(await sizes()).toEqual({ file_count: 2, total_size: 1000 });
  });

  test('what certain users made, anywhere below', async () => {
    const child = await project('Aggregation/Pr1');
    const [root] = await list({ name: '^Aggregation$' });
    const top = root?.id ?? '';
    for (const id of [child, top]) await setUser('projects', id, 'somebody');
    const mine = { id: [top], active_users: ['admin'] };
    expect(await list(mine)).toEqual([]);
    for (const action of ['projects.get_user_names', 'projects.get_task_parents', 'models.get_frameworks'])
      expect(Object.values(await server.call(action, { projects: [top] }))).toEqual([[]]);
    const parent = await task(child, { name: 'the parent' });
    await task(child, { parent });
    await setUser('tasks', await task(child), 'somebody');
    expect(await list({ id: [top], include_stats: true })).toMatchObject([{ stats: { active: { total_tasks: 3 } } }]);
    expect(await list({ ...mine, include_stats: true })).toMatchObject([{ stats: { active: { total_tasks: 2 } } }]);
    expect(await server.call('projects.get_user_names', { projects: [top] })).toEqual({
      users: [{ id: 'admin', name: 'admin' }],
    });
    expect(await server.call('projects.get_user_names', { projects: [top], entity: 'model' })).toEqual({ users: [] });
    expect(await server.call('projects.get_user_names', { projects: [top], include_subprojects: false })).toEqual({
      users: [],
    });
    const parents = (body: object) => server.call<{ parents: Row[] }>('projects.get_task_parents', body);
    const expected = { id: parent, name: 'the parent', project: { id: child, name: 'Aggregation/Pr1' } };
    expect(await parents({ projects: [top] })).toEqual({ parents: [expected] });
    expect(await parents({ projects: [top], task_name: 'nobody' })).toEqual({ parents: [] });
    expect(await parents({ projects: [top], task_name: 'PAR' })).toEqual({ parents: [] });
    expect(await parents({ projects: [top], task_name: 'par' })).toEqual({ parents: [expected] });
    expect(await parents({ projects: [top], tasks_state: 'archived' })).toEqual({ parents: [] });
    expect(await parents({ projects: [top], include_subprojects: false })).toEqual({ parents: [] });
    expect(await server.refusal('projects.get_task_parents', { task_name: '(' })).toBe('400/21');
  });
});

describe('statistics', () => {
  test('count by state and status, those below too, and name all below', async () => {
    const ids = [await project('project1/project3/project4'), await project('project1/project3/project5')];
    const hidden = await project('project1/hidden', { system_tags: ['hidden'] });
    await task(hidden);
    const other = await project('project2');
    for (const own of ids) {
      const [active, archived] = [await task(own), await task(own, { system_tags: ['archived'], tags: ['test'] })];
      for (const run of [active, archived]) {
        await server.call('tasks.started', { task: run });
        await server.call('tasks.stopped', { task: run });
        await sql`update tracking.tasks set started = completed - interval '1500 milliseconds' where id = ${run}`.execute(
          server.database.room<Tables>('tracking'),
        );
      }
    }
    const { projects } = await server.call<{ projects: Row[] }>('projects.get_all', { shallow_search: true });
    const top = projects.find(({ name }) => name === 'project1')?.id ?? '';
    expect(projects.map(({ name }) => name)).not.toContain('project1/project3/project4');
    const ask = { id: [top, other], include_stats: true, order_by: ['name'] };
    const [first, second] = await list(ask);
    expect(first?.stats.active).toMatchObject({
      status_count: { created: 0, stopped: 2, in_progress: 0 },
      total_runtime: 2,
      completed_tasks_24h: 2,
      total_tasks: 2,
    });
    expect(first?.stats).not.toHaveProperty('archived');
    expect((first?.['sub_projects'] as Row[] | undefined)?.map(({ name }) => name)).toEqual([
      'project1/project3',
      'project1/project3/project4',
      'project1/project3/project5',
    ]);
    expect(second).toMatchObject({ stats: { active: { total_tasks: 0, total_runtime: 0 } }, sub_projects: [] });
    expect(second?.stats.active.status_count).toMatchObject({ created: 0, completed: 0, queued: 0, failed: 0 });
    const [both] = await list({ ...ask, stats_for_state: null });
    expect(both?.stats.archived).toMatchObject({ total_tasks: 2, status_count: { stopped: 2 } });
    const [archived] = await list({ ...ask, stats_for_state: 'archived' });
    expect(Object.keys(archived?.stats ?? {})).toEqual(['archived']);
    const [seen] = await list({ ...ask, search_hidden: true });
    expect(seen?.stats.active.total_tasks).toBe(3);
    const [alone] = await list({ ...ask, stats_with_children: false });
    expect(alone).toMatchObject({ stats: { active: { total_tasks: 0 } }, sub_projects: [] });
    const filtered = await list({ ...ask, include_stats_filter: { type: ['training'], tags: ['x'] } });
    expect(filtered[0]?.stats.active.total_tasks).toBe(0);
    const excluded = await list({ ...ask, include_stats_filter: { type: { all: { exclude: ['training'] } } } });
    expect(excluded[0]?.stats.active.total_tasks).toBe(2);
    expect(await server.refusal('projects.get_all_ex', { ...ask, include_stats_filter: { type: [] } })).toBe('400/12');
  });

  test('what a project holds itself', async () => {
    const [own, outer] = [await project('project1x'), await project('project2x')];
    await task(own);
    await task(own, { system_tags: ['archived'] });
    await task(await project('project2x/project22'));
    await server.call('models.create', { name: 'm', uri: 'u', project: own });
    const contents = async (body: object = {}) =>
      (await list({ id: [own, outer], order_by: ['name'], check_own_contents: true, ...body })).map(
        ({ own_tasks, own_models }) => [own_tasks, own_models],
      );
    expect(await contents()).toEqual([
      [1, 1],
      [0, 0],
    ]);
    expect((await contents({ stats_for_state: null }))[0]).toEqual([2, 1]);
    expect((await contents({ include_stats_filter: { type: ['testing'] } }))[0]).toEqual([1, 0]);
  });
});

describe('the search', () => {
  test('is of one level when it is shallow, and of all below otherwise', async () => {
    const [one, two] = [await project('search1'), await project('search1/search2')];
    await project('search3');
    const ids = async (body: object) => (await list(body)).map(({ id }) => id).sort();
    expect(await ids({ name: 'search1', shallow_search: true })).toEqual([one]);
    expect(await ids({ name: 'search1', parent: [one] })).toEqual([two]);
    expect(await ids({ basename: 'search2', shallow_search: true })).toEqual([]);
    expect(await ids({ name: 'search1' })).toEqual([one, two].sort());
    const deep = await project('search1/search2/search1');
    expect(await ids({ name: 'search1', parent: [two] })).toEqual([deep]);
    expect(await ids({ parent: [one] })).toEqual([two, deep].sort());
    expect(await ids({ parent: [one], shallow_search: true })).toEqual([two]);
    expect(await ids({ basename: 'search2' })).toEqual([two]);
    expect(await ids({ parent: [null], name: '^search', shallow_search: true })).toEqual(
      await ids({ name: '^search[0-9]$' }),
    );
  });

  test('tells hidden projects, and shows the fields that were asked for', async () => {
    const hidden = await project('Hiding/secret', { system_tags: ['hidden'], tags: ['b', 'a'] });
    const [top] = await list({ name: '^Hiding$' });
    expect(
      await list({ name: '^Hiding', search_hidden: true, only_fields: ['name', 'parent.name'], order_by: ['name'] }),
    ).toEqual([
      { id: top?.id, name: 'Hiding' },
      { id: hidden, name: 'Hiding/secret', parent: { id: top?.id, name: 'Hiding' }, hidden: true },
    ]);
    expect((await list({ id: [hidden] }))[0]?.['tags']).toEqual(['a', 'b']);
  });
});
