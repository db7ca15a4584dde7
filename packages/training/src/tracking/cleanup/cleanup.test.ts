import { createMetrics } from '@ranloop/kit/metrics';
import { createTestDatabase } from '@ranloop/kit/testing';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { Tables } from '../store/tables.ts';
import { startTracking, type TestServer } from '../testing/server.ts';
import type { FileRemoval } from './port.ts';

/** Files by path, with the time at which they were written; `broken` refuse to go so many times. */
const files = new Map<string, Date>();
const broken = new Map<string, number>();
const AT = 'http://files:8081';

const removal: FileRemoval = {
  pathOf: (url) => (url.startsWith(`${AT}/`) ? url.slice(AT.length + 1) : undefined),
  urlsOf: (path) => [`${AT}/${path}`, `http://other-name:8081/${path}`],
  async remove(path, { writtenBefore }) {
    const tries = broken.get(path) ?? 0;
    if (tries > 0) {
      broken.set(path, tries - 1);
      throw new Error('the disk is away');
    }
    const written = files.get(path);
    if (!written || (writtenBefore && written > writtenBefore)) return 'nothing';
    files.delete(path);
    return 'removed';
  },
};

const FAST = { fileDeletionMs: 20, fileDeletionDelaySeconds: 0 };
const metrics = createMetrics();
let server: TestServer;
beforeAll(async () => {
  server = await startTracking(FAST, { files: removal, metrics });
});
afterAll(() => server.stop());
beforeEach(() => {
  files.clear();
  broken.clear();
});

function write(...paths: string[]): string[] {
  for (const path of paths) files.set(path, new Date(Date.now() - 1_000));
  return paths.map((path) => `${AT}/${path}`);
}

const db = () => server.database.room<Tables>('tracking');

interface Noted {
  url: string;
  state: string;
  reason: string | null;
  attempts: number;
}

async function noted(part: string): Promise<Noted[]> {
  const { rows } = await sql<Noted>`select url, state, reason, attempts from tracking.files_to_delete
    where url like ${`%${part}%`} order by url`.execute(db());
  return rows;
}

const settled = (part: string) =>
  vi.waitFor(async () => expect((await noted(part)).filter(({ state }) => state === 'waiting')).toEqual([]), 10_000);

const left = () => [...files.keys()].sort();

interface Written {
  artifacts?: { key: string; uri?: string; mode?: string }[];
  images?: string[];
  plots?: string[];
}

async function report(task: string, { artifacts = [], images = [], plots = [] }: Written): Promise<void> {
  if (artifacts.length > 0) {
    const list = artifacts.map((one) => ({ type: 'custom', ...one }));
    await server.call('tasks.add_or_update_artifacts', { task, artifacts: list });
  }
  const event = (type: string, iter: number, more: object) => ({
    type,
    task,
    iter,
    metric: 'm',
    variant: 'v',
    ...more,
  });
  const events = [
    ...images.map((url, iter) => event('training_debug_image', iter, { key: 'k', url })),
    ...plots.map((plot_str, iter) => event('plot', iter, { plot_str })),
  ];
  if (events.length > 0) await server.batch(events);
}

test('a deleted task takes its artifacts, images, figures and models along, and nothing else', async () => {
  const task = await server.newTask();
  const [result = '', input = '', image = '', figure = '', model = ''] = write(
    'all/result',
    'all/input',
    'all/im.png',
    'all/fig "1".png',
    'all/net.pt',
  );
  write('all/other');
  const plot = JSON.stringify({
    layout: { images: [{ source: figure }, { source: 'data:image/png;base64,AAAA' }] },
  });
  await report(task, {
    artifacts: [
      { key: 'out', uri: result },
      { key: 'in', uri: input, mode: 'input' },
    ],
    images: [image],
    plots: [plot, 'no json "source": "'],
  });
  await server.call('models.create', { name: 'net', uri: model, task, ready: false });
  const { urls } = await server.call('tasks.delete', { task, force: true, return_file_urls: true });
  const { event_urls, ...others } = urls as { event_urls: string[] };
  expect(others).toEqual({ model_urls: [model], artifact_urls: [result] });
  expect(event_urls.sort()).toEqual([figure, image].sort());
  await settled('all/');
  expect(left()).toEqual(['all/input', 'all/other']);
  expect(await noted('all/')).toEqual([]);
});

test('a caller that deletes the files itself is let alone', async () => {
  const task = await server.newTask();
  const [result = '', kept = ''] = write('own/result', 'own/model');
  await report(task, { artifacts: [{ key: 'out', uri: result }] });
  const { id: model } = await server.call('models.create', { name: 'net', uri: kept });
  await server.call('tasks.delete', { task, force: true, delete_external_artifacts: false });
  await server.call('models.delete', { model, delete_external_artifacts: false, force: true });
  expect(await noted('own/')).toEqual([]);
  expect(left()).toEqual(['own/model', 'own/result']);
});

test('a file that another task uses stays until that one goes too', async () => {
  const task = await server.newTask();
  const [shared = '', lone = ''] = write('shared/data', 'shared/lone');
  await report(task, {
    artifacts: [
      { key: 'a', uri: shared },
      { key: 'b', uri: lone },
    ],
  });
  const other = await server.newTask({
    execution: { artifacts: [{ key: 'in', uri: shared, type: 'x', mode: 'input' }] },
  });
  await server.call('tasks.delete', { task, force: true });
  await settled('shared/');
  expect(left()).toEqual(['shared/data']);
  expect(await noted('shared/')).toMatchObject([{ state: 'shared', reason: 'something else refers to it' }]);
  await server.call('tasks.delete', { task: other, force: true });
  await settled('shared/');
  expect(left()).toEqual([]);
});

test.each([
  ['a model', async (url: string) => void (await server.call('models.create', { name: 'net', uri: url }))],
  [
    'a figure of another task',
    async (url: string) =>
      report(await server.newTask(), { plots: [JSON.stringify({ layout: { images: [{ source: url }] } })] }),
  ],
  ['an image of another task', async (url: string) => report(await server.newTask(), { images: [url] })],
  [
    'another name of the file server',
    async (url: string) => report(await server.newTask(), { images: [url.replace(AT, 'http://other-name:8081')] }),
  ],
])('a file that is known to %s stays', async (name, refer) => {
  const path = `known/${name.replaceAll(' ', '-')}`;
  const [url = ''] = write(path);
  const task = await server.newTask();
  await report(task, { artifacts: [{ key: 'a', uri: url }] });
  await refer(url);
  await server.call('tasks.delete', { task, force: true });
  await settled(path);
  expect(left()).toEqual([path]);
});

test('what lies elsewhere is left, and told why', async () => {
  const task = await server.newTask();
  const uris = ['s3://bucket/elsewhere', 'http://somewhere/elsewhere', 'file:///tmp/elsewhere'];
  await report(task, { artifacts: uris.map((uri, index) => ({ key: String(index), uri })) });
  await server.call('tasks.delete', { task, force: true });
  await settled('elsewhere');
  const found = await noted('elsewhere');
  expect(found.map(({ url }) => url).sort()).toEqual([...uris].sort());
  for (const one of found) expect(one).toMatchObject({ state: 'elsewhere', reason: 'not on this file server' });
  expect(await metrics.total('tracking_files_deleted_total', { outcome: 'elsewhere' })).toBe(3);
});

test('a task that is reset loses what it wrote; what it writes again under the same URL stays', async () => {
  const task = await server.newTask();
  const urls = write('reset/old', 'reset/again');
  await report(task, { images: urls });
  await server.call('tasks.reset', { task });
  await settled('reset/');
  expect(left()).toEqual([]);

  const [again = ''] = write('reset/again', 'reset/later');
  await report(task, { images: [again] });
  await server.call('tasks.started', { task });
  await server.call('tasks.stopped', { task });
  await server.call('tasks.reset', { task });
  // The next run has begun: its files come before the events that name them.
  await server.call('tasks.started', { task });
  files.set('reset/again', new Date(Date.now() + 1_000));
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(left()).toEqual(['reset/again', 'reset/later']);
  await report(task, { images: [again] });
  await server.call('tasks.completed', { task });
  await sql`update tracking.files_to_delete set due = now()`.execute(db());
  await settled('reset/');
  expect(left()).toEqual(['reset/again', 'reset/later']);

  await server.call('tasks.delete', { task, force: true });
  await settled('reset/');
  expect(left()).toEqual(['reset/later']);
  expect(await noted('reset/')).toEqual([]);
});

test('a project takes the files of its tasks and models along; one whose contents live on leaves them', async () => {
  const make = async (name: string) => {
    const { id: project } = await server.call<{ id: string }>('projects.create', { name });
    const task = await server.newTask({ project });
    const [artifact = '', model = ''] = write(`${name}/artifact`, `${name}/model`);
    await report(task, { artifacts: [{ key: 'a', uri: artifact }] });
    await server.call('models.create', { name: 'm', uri: model, project, task });
    return project;
  };
  await server.call('projects.delete', { project: await make('project-kept'), force: true });
  expect(await noted('project-kept')).toEqual([]);
  await server.call('projects.delete', { project: await make('project-gone'), force: true, delete_contents: true });
  await settled('project-');
  expect(left()).toEqual(['project-kept/artifact', 'project-kept/model']);
});

test('models take their file along, one by one and many at once', async () => {
  const [one = '', two = '', three = ''] = write('models/1', 'models/2', 'models/3');
  const ids: string[] = [];
  for (const uri of [one, two, three])
    ids.push((await server.call<{ id: string }>('models.create', { name: 'm', uri })).id);
  await server.call('models.delete', { model: ids[0], force: true });
  await server.call('models.delete_many', { ids: ids.slice(1), force: true });
  await settled('models/');
  expect(left()).toEqual([]);
});

test('a file that cannot be deleted now is tried again, later and later, and given up at last', async () => {
  const task = await server.newTask();
  const urls = write('broken/once', 'broken/ever');
  broken.set('broken/once', 1).set('broken/ever', 1_000);
  await report(task, { images: urls });
  await server.call('tasks.delete', { task, force: true });
  await vi.waitFor(
    async () => expect((await noted('broken/')).map(({ attempts }) => attempts)).toEqual([1, 1]),
    10_000,
  );
  expect(await noted('broken/once')).toMatchObject([{ state: 'waiting', reason: 'the disk is away' }]);
  for (let round = 2; round <= 12; round += 1) {
    await sql`update tracking.files_to_delete set due = now() where state = 'waiting'`.execute(db());
    await vi.waitFor(async () => expect((await noted('broken/ever'))[0]?.attempts).toBe(round), 10_000);
  }
  expect(left()).toEqual(['broken/ever']);
  expect(await noted('broken/')).toMatchObject([{ state: 'failed', attempts: 12 }]);
});

test('many files go in bounded batches', async () => {
  const task = await server.newTask();
  const urls = write(...Array.from({ length: 450 }, (_, index) => `batch/${index}`));
  await report(task, { images: urls });
  await server.call('tasks.delete', { task, force: true });
  await settled('batch/');
  expect(left()).toEqual([]);
});

test('what was noted survives the end of the server, and refused deletions note nothing', async () => {
  const database = await createTestDatabase();
  const slow = await startTracking(
    { fileDeletionMs: 20, fileDeletionDelaySeconds: 3_600 },
    { files: removal, database },
  );
  const task = await slow.newTask();
  const [url = ''] = write('restart/x');
  await slow.call('tasks.add_or_update_artifacts', { task, artifacts: [{ key: 'a', type: 't', uri: url }] });
  await slow.call('tasks.started', { task });
  expect(await slow.refusal('tasks.delete', { task })).toMatch(/^400/);
  const rows = async () =>
    (await sql`select url from tracking.files_to_delete`.execute(database.room<Tables>('tracking'))).rows;
  expect(await rows()).toEqual([]);
  await slow.call('tasks.delete', { task, force: true });
  expect(await rows()).toEqual([{ url }]);
  await slow.stop();
  expect(left()).toEqual(['restart/x']);
  // To another file something else referred a day ago, and nothing does now.
  write('restart/let-go');
  await sql`insert into tracking.files_to_delete (url, recorded, due, state)
    values (${`${AT}/restart/let-go`}, now(), now() - interval '25 hours', 'shared')`.execute(
    database.room<Tables>('tracking'),
  );

  await sql`update tracking.files_to_delete set due = now() where state = 'waiting'`.execute(
    database.room<Tables>('tracking'),
  );
  const next = await startTracking(FAST, { files: removal, database });
  await vi.waitFor(async () => expect(await rows()).toEqual([]), 10_000);
  expect(left()).toEqual([]);
  await next.stop();
  await database.stop();
});
