import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTracking, type TestServer } from '../testing/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTracking();
});
afterAll(() => server.stop());

type Row = Record<string, unknown> & { id: string; name: string; project: { id: string } };
const report = (name: string, fields: object = {}) =>
  server.call<{ id: string; project_id: string }>('reports.create', { name, ...fields });
const shown = async (id: string) =>
  (await server.call<{ tasks: Row[] }>('tasks.get_all_ex', { id: [id] })).tasks[0] as Row;
const tagsOf = ({ system_tags }: Row) => (system_tags as string[]).toSorted();
const projects = async (body: object) => (await server.call<{ projects: Row[] }>('projects.get_all_ex', body)).projects;
const reports = async (body: object = {}) =>
  (await server.call<{ tasks: Row[] }>('reports.get_all_ex', body)).tasks.map(({ id }) => id).sort();
const create = async (name: string, fields: object = {}) =>
  (await server.call<{ id: string }>('projects.create', { name, ...fields })).id;

describe('a report', () => {
  test('is a hidden task in a hidden folder, edited while it is a draft, renamed and tagged later too', async () => {
    const { id: task, project_id } = await report('Rep1', { comment: 'My report', tags: ['hello'], report: 'text' });
    const made = await shown(task);
    expect(made).toMatchObject({ name: 'Rep1', type: 'report', comment: 'My report', tags: ['hello'], report: 'text' });
    expect(tagsOf(made)).toEqual(['hidden', 'reports']);
    expect(made.project.id).toBe(project_id);
    expect(await projects({ name: '^\\.reports$' })).toEqual([]);
    expect(await projects({ name: '^\\.reports$', search_hidden: true })).toMatchObject([
      { id: project_id, system_tags: ['hidden', 'reports'], hidden: true },
    ]);
    expect(await server.call('reports.get_tags')).toEqual({ tags: ['hello'] });
    const update = {
      task,
      comment: 'new',
      tags: [],
      report_assets: ['file://test.jpg'],
      report: `long ${'x'.repeat(200)}`,
    };
    const { updated, fields } = await server.call<{ updated: number; fields: { report: string } }>(
      'reports.update',
      update,
    );
    expect([updated, fields.report.length]).toEqual([1, 100]);
    expect(await shown(task)).toMatchObject({ comment: 'new', tags: [], report_assets: ['file://test.jpg'] });
    expect(await server.call('reports.get_tags')).toEqual({ tags: [] });
    expect(await server.call('reports.update', { task })).toEqual({ updated: 0 });
    const published = await server.call('reports.publish', { task, comment: 'done' });
    expect(published).toMatchObject({ updated: 1, fields: { status: 'published' } });
    expect(await server.refusal('reports.update', { task, report: 'other' })).toBe('400/110');
    await server.call('reports.update', { task, name: 'new name', tags: ['test'], comment: 'again' });
    expect(await shown(task)).toMatchObject({ name: 'new name', tags: ['test'], status_message: 'done' });
    expect(await server.refusal('reports.delete', { task })).toBe('400/123');
    expect(await server.call('reports.archive', { task, message: 'old' })).toEqual({ archived: 1 });
    expect(tagsOf(await shown(task))).toEqual(['archived', 'hidden', 'reports']);
    expect((await shown(task))['status_message']).toBe('old');
    expect(await server.call('reports.unarchive', { task })).toEqual({ unarchived: 1 });
    expect(tagsOf(await shown(task))).toEqual(['hidden', 'reports']);
    await server.call('reports.archive', { task });
    expect(await server.call('reports.delete', { task })).toEqual({ deleted: 1 });
    expect(await server.refusal('reports.update', { task, name: 'gone' })).toBe('400/101');
    expect(await projects({ id: [project_id] })).toEqual([]);
  });

  test('moves between folders, which are made for it and go when they are empty', async () => {
    const [first, second] = [await report('Rep1'), await report('Rep2')];
    const { project_id } = await server.call<{ project_id: string }>('reports.move', {
      task: first.id,
      project_name: 'Reports Test',
    });
    expect(await projects({ id: [project_id] })).toMatchObject([
      { name: 'Reports Test/.reports', system_tags: ['hidden', 'reports'] },
    ]);
    expect((await projects({ id: [first.project_id] })).length).toBe(1);
    await server.call('reports.move', { task: second.id, project: project_id });
    expect((await projects({ id: [first.project_id] })).length).toBe(0);
    const { tasks } = await server.call<{ tasks: Row[] }>('tasks.get_all_ex', {
      project: [project_id],
      search_hidden: true,
    });
    expect(tasks.map(({ id }) => id).sort()).toEqual([first.id, second.id].sort());
    expect(await server.refusal('reports.move', { task: second.id })).toBe('400/11');
    const top = await server.call<{ project_id: string }>('reports.move', { task: second.id, project: null });
    const [folder] = await projects({ id: [top.project_id] });
    expect(folder?.name).toBe('.reports');
    expect(folder).not.toHaveProperty('parent');
    for (const { id } of [first, second]) await server.call('reports.delete', { task: id });
  });

  test('is the only thing that these calls take', async () => {
    const task = await server.newTask();
    for (const action of ['update', 'publish', 'archive', 'unarchive', 'delete'])
      expect(await server.refusal(`reports.${action}`, { task, name: 'x' })).toBe('400/150');
    expect(await server.refusal('reports.move', { task, project_name: 'abc' })).toBe('400/150');
    expect(await server.refusal('reports.create', { name: 'x', project: 'nobody' })).toBe('400/401');
  });

  test('is found by its text, and by the project whose folder it lies in', async () => {
    const project = await create('Test reports');
    const below = await create('Test reports/below');
    const [root, own, deep] = [
      await report('Rep1'),
      await report('Rep2', { project, report: 'hello world' }),
      await report('Rep3', { project: below }),
    ];
    await server.newTask({ name: 'hello' });
    const search = { _any_: { pattern: 'HELLO', fields: ['name', 'id', 'tags', 'report'] } };
    expect(await reports(search)).toEqual([own.id]);
    expect(await reports({ project })).toEqual([own.id]);
    expect(await reports({ project: [own.project_id] })).toEqual([own.id]);
    expect(await reports({ project, include_subprojects: true })).toEqual([own.id, deep.id].sort());
    expect(await reports({ project: [null] })).toEqual([root.id]);
    expect(await reports({ project: ['nobody'] })).toEqual([]);
    expect(await reports()).toEqual([root.id, own.id, deep.id].sort());
    const options = { children_type: 'report', include_stats: true, check_own_contents: true, search_hidden: true };
    expect(await projects({ name: '^\\.reports$', ...options })).toMatchObject([{ own_tasks: 1 }]);
    expect(await projects({ name: '^Test reports/\\.reports$', ...options })).toMatchObject([{ own_tasks: 1 }]);
  });
});

describe('get_task_data', () => {
  test.each([false, true])(
    'joins tasks, or models (%s), with their plots, images, curves and single values',
    async (ofModels) => {
      const ids: string[] = [];
      for (const name of ['first', 'second']) {
        const body = { name, uri: 'file:///a', ready: false };
        const id = ofModels
          ? (await server.call<{ id: string }>('models.create', body)).id
          : await server.newTask({ name });
        ids.push(id);
      }
      const pairs = [0, 1].flatMap((m) => [0, 1].map((v) => ({ metric: `Metric_${m}`, variant: `Variant_${v}` })));
      const events = ids.flatMap((task) =>
        pairs.flatMap((pair) => {
          const event = { task, iter: 1, ...pair, ...(ofModels ? { model_event: true } : {}) };
          return [
            { ...event, type: 'training_debug_image', url: 'u', key: 'k' },
            { ...event, type: 'plot', plot_str: '{}' },
            { ...event, type: 'training_stats_scalar', value: 5 },
            { ...event, type: 'training_stats_scalar', value: 7, iter: -(2 ** 31) },
          ];
        }),
      );
      expect((await server.batch(events)).data['added']).toBe(events.length);
      const ask = { id: ids, only_fields: ['name'], order_by: ['name'], model_events: ofModels };
      expect(await server.call('reports.get_task_data', ask)).toEqual({
        tasks: [
          { id: ids[0], name: 'first' },
          { id: ids[1], name: 'second' },
        ],
      });
      const answer = await server.call<{
        debug_images: { task: string; iterations: { events: object[] }[] }[];
        plots: Record<string, Record<string, Record<string, Record<string, { name: string; plots: object[] }>>>>;
        scalar_metrics_iter_histogram: Record<string, Record<string, Record<string, object>>>;
        single_value_metrics: { task: string; task_name: string; values: object[] }[];
      }>('reports.get_task_data', {
        ...ask,
        debug_images: { metrics: [] },
        plots: { metrics: [{ metric: 'Metric_1' }] },
        scalar_metrics_iter_histogram: {},
        single_value_metrics: {},
      });
      expect(answer.debug_images.map(({ task }) => task).sort()).toEqual([...ids].sort());
      for (const { iterations } of answer.debug_images) {
        expect(iterations.length).toBe(1);
        expect(iterations[0]?.events.length).toBe(4);
      }
      expect(Object.keys(answer.plots)).toEqual(['Metric_1']);
      const plot = answer.plots['Metric_1']?.['Variant_0'] ?? {};
      expect(Object.keys(plot).sort()).toEqual([...ids].sort());
      expect(plot[ids[0] ?? '']).toMatchObject({
        1: { name: 'first', plots: [{ task: ids[0], variant: 'Variant_0' }] },
      });
      for (const { metric, variant } of pairs)
        expect(answer.scalar_metrics_iter_histogram[metric]?.[variant]?.[ids[1] ?? '']).toMatchObject({
          name: 'second',
          x: [1],
          y: [5],
        });
      expect(answer.single_value_metrics.map(({ task_name }) => task_name).sort()).toEqual(['first', 'second']);
      expect(answer.single_value_metrics[0]?.values.length).toBe(4);
      const some = await server.call<typeof answer>('reports.get_task_data', {
        ...ask,
        debug_images: { metrics: [{ metric: 'Metric_0', variants: ['Variant_1'] }] },
      });
      expect(some.debug_images[0]?.iterations[0]?.events.length).toBe(1);
    },
  );

  test('asks about more tasks than a call about events takes at once', async () => {
    const project = await create('Many tasks');
    const ids = await Promise.all(Array.from({ length: 120 }, () => server.newTask({ project })));
    await server.batch(
      ids.map((task) => ({ type: 'training_stats_scalar', task, iter: 0, metric: 'm', variant: 'v', value: 1 })),
    );
    const body = { project: [project], scalar_metrics_iter_histogram: {}, only_fields: ['id'] };
    const { scalar_metrics_iter_histogram: curves } = await server.call<{
      scalar_metrics_iter_histogram: { m: { v: object } };
    }>('reports.get_task_data', body);
    expect(Object.keys(curves.m.v).length).toBe(120);
  });
});
