import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTracking, type TestServer } from './testing/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTracking();
});
afterAll(() => server.stop());

interface TaskAnswer {
  task: Record<string, unknown> & { status: string; status_message: string; last_metrics: Record<string, never> };
}
const getTask = async (task: string) => (await server.call<TaskAnswer>('tasks.get_by_id', { task })).task;

describe('the envelope', () => {
  test('a call by GET with a body answers with the versions asked for and found', async () => {
    const { text, status } = await server.send('/v2.23/tasks.get_all', {
      raw: '{"page":0,"page_size":1,"method":"get"}',
      headers: { 'x-clearml-trx': 'trx-1' },
    });
    const { meta, data } = JSON.parse(text);
    expect(status).toBe(200);
    expect(meta).toMatchObject({
      trx: 'trx-1',
      endpoint: { name: 'tasks.get_all', requested_version: '2.23', actual_version: '2.1' },
      result_code: 200,
      result_subcode: 0,
      result_msg: 'OK',
      error_stack: null,
      error_data: {},
    });
    expect(meta.id).toMatch(/^[0-9a-f]{32}$/);
    expect(data).toEqual({ tasks: [] });
  });

  test('unknown names and too low versions are 404 with subcode 0, a path that does not parse is 400', async () => {
    expect((await server.send('/v2.5/workers.get_runtime_properties')).status).toBe(404);
    expect((await server.send('/v2.3/queues.get_all')).status).toBe(404);
    expect((await server.send('/v2.4/queues.get_all')).status).toBe(200);
    expect((await server.send('/nonsense')).status).toBe(400);
  });

  test('credentials that are absent, wrong or malformed are told apart by subcode', async () => {
    const subcode = async (authorization: string) => {
      const { text } = await server.send('/tasks.get_all', { headers: { authorization } });
      const { meta } = JSON.parse(text);
      return `${meta.result_code}/${meta.result_subcode}`;
    };
    expect(await subcode('')).toBe('401/20');
    expect(await subcode('Basic')).toBe('401/21');
    expect(await subcode('Basic YTpi')).toBe('401/22');
    expect(await subcode('Bearer abc')).toBe('401/30');
  });

  test("a connection of ClearML's SDK, which forks with it open, ends with its answer; others stay", async () => {
    const connection = async (headers: Record<string, string>) =>
      (await server.send('/v2.23/tasks.get_all', { headers })).headers['connection'];
    expect(await connection({ 'x-clearml-client': 'clearml-2.1.12' })).toBe('close');
    expect(await connection({ 'x-trains-client': 'trains-0.16', authorization: '' })).toBe('close');
    expect(await connection({})).toBe('keep-alive');
  });

  test('missing fields are named', async () => {
    const { meta } = await server.envelope('tasks.create', { name: 'x' });
    expect([meta.result_code, meta.result_subcode]).toEqual([400, 11]);
    expect(meta.error_data).toEqual({ fields: ['type'] });
    expect(meta.result_msg).toContain('type');
  });
});

describe('login', () => {
  test('a token carries the claims that SDKs read, works as bearer and as cookie', async () => {
    const { text, headers } = await server.send('/auth.login');
    const { token } = JSON.parse(text).data as { token: string };
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    expect(claims).toMatchObject({
      api_version: '2.34',
      server_version: '2.3.0',
      feature_set: 'basic',
      auth_type: 'Bearer',
    });
    expect(claims.exp - claims.iat).toBe(30 * 86_400);
    const [cookie = ''] = [headers['set-cookie']].flat();
    expect(cookie).toContain(`clearml_token_basic=${token};`);
    expect(cookie).toContain('HttpOnly');
    expect(cookie).toContain('SameSite=Lax');
    const bearer = await server.send('/users.get_current_user', { headers: { authorization: `Bearer ${token}` } });
    expect(bearer.status).toBe(200);
    const byCookie = await server.send('/users.get_current_user', {
      headers: { authorization: '', cookie: `clearml_token_basic=${token}` },
    });
    expect(JSON.parse(byCookie.text).data.user.id).toBe('admin');
  });

  test('the query string asks for a shorter life', async () => {
    const { text } = await server.send('/auth.login?expiration_sec=60');
    const claims = JSON.parse(Buffer.from(JSON.parse(text).data.token.split('.')[1], 'base64url').toString());
    expect(claims.exp - claims.iat).toBe(60);
  });

  test('created credentials are found by key until they are revoked', async () => {
    const { credentials } = await server.call<{ credentials: { access_key: string; secret_key: string } }>(
      'auth.create_credentials',
      { label: 'agent' },
    );
    const { verifySecret } = await import('@ranloop/kit/auth');
    const record = await server.tracking.findKey(credentials.access_key);
    expect(record?.identity).toMatchObject({ user: 'admin', role: 'admin' });
    expect(await verifySecret(credentials.secret_key, record?.hash ?? '')).toBe(true);
    expect(await server.call('auth.get_credentials')).toEqual({
      credentials: [{ access_key: credentials.access_key, label: 'agent' }],
    });
    await server.call('auth.revoke_credentials', { access_key: credentials.access_key });
    expect(await server.tracking.findKey(credentials.access_key)).toBeUndefined();
  });
});

describe('projects', () => {
  test('a path makes its ancestors, and a second one of the same name is refused', async () => {
    const { id } = await server.call('projects.create', { name: ' one / two//three' });
    const found = await server.call('projects.get_all', { name: '^one/two/three$', only_fields: ['id'] });
    expect(found).toEqual({ projects: [{ id }] });
    expect(await server.refusal('projects.create', { name: 'one/two/three' })).toBe('400/801');
    const { projects } = await server.call<{ projects: { name: string }[] }>('projects.get_all', {
      name: '^one',
      order_by: ['name'],
      only_fields: ['name'],
    });
    expect(projects.map(({ name }) => name)).toEqual(['one', 'one/two', 'one/two/three']);
  });

  test('a rename takes the descendants along', async () => {
    const { id } = await server.call<{ id: string }>('projects.create', { name: 'parent/child' });
    const { project } = await server.call<{ project: { parent: string } }>('projects.get_by_id', { project: id });
    await server.call('projects.update', { project: project.parent, name: 'renamed' });
    const { project: after } = await server.call<{ project: object }>('projects.get_by_id', { project: id });
    expect(after).toMatchObject({ name: 'renamed/child', basename: 'child' });
  });
});

describe('a task', () => {
  test('goes through a queue to its end', async () => {
    const { id: project } = await server.call('projects.create', { name: 'life' });
    const task = await server.newTask({ project, system_tags: ['development'] });
    expect(await server.refusal('tasks.completed', { task })).toBe('400/110');
    const { id: queue } = await server.call<{ id: string }>('queues.get_default');
    expect(await server.call('tasks.enqueue', { task, queue })).toMatchObject({ queued: 1, updated: 1 });
    expect(await getTask(task)).toMatchObject({ status: 'queued', system_tags: [], execution: { queue } });
    const { entry } = await server.call<{ entry: { task: string } }>('queues.get_next_task', { queue });
    expect(entry.task).toBe(task);
    expect(await server.call('queues.get_next_task', { queue })).toEqual({});
    expect(await server.call('tasks.dequeue', { task, new_status: 'in_progress' })).toMatchObject({ dequeued: 0 });
    expect(await server.call('tasks.started', { task })).toMatchObject({ started: 1 });
    await server.call('tasks.completed', { task, status_reason: 'done' });
    const done = await getTask(task);
    expect(done).toMatchObject({ status: 'completed', status_reason: 'done', status_message: '' });
    expect(done['completed']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$/);
    await server.call('tasks.completed', { task });
    expect(await server.refusal('tasks.stopped', { task })).toBe('400/110');
    await server.call('tasks.stopped', { task, force: true });
  });

  test('is edited only before it runs, unless by force; whole objects replace, script merges', async () => {
    const task = await server.newTask({ script: { diff: 'd' } });
    await server.call('tasks.edit', { task, hyperparams: { General: { ' lr ': { value: 0.1, type: 'float' } } } });
    await server.call('tasks.edit', {
      task,
      hyperparams: { Args: { 'a.b$c': { value: 'x' } } },
      script: { branch: 'main' },
    });
    expect(await getTask(task)).toMatchObject({
      hyperparams: { Args: { 'a.b$c': { section: 'Args', name: 'a.b$c', value: 'x' } } },
      script: { binary: 'python', diff: 'd', branch: 'main' },
    });
    expect((await getTask(task))['hyperparams']).not.toHaveProperty('General');
    await server.call('tasks.started', { task });
    expect(await server.refusal('tasks.edit', { task, comment: 'x' })).toBe('400/110');
    await server.call('tasks.edit', { task, comment: 'x', force: true });
    expect(await server.refusal('tasks.get_by_id', { task: 'nothing' })).toBe('400/101');
  });
});

describe('events', () => {
  test('scalars become last_metrics under the MD5 of their names', async () => {
    const task = await server.newTask();
    const scalar = (iter: number, value: number) => ({
      type: 'training_stats_scalar',
      task,
      metric: 'loss',
      variant: 'train',
      iter,
      value,
    });
    const { data } = await server.batch([
      scalar(0, 3),
      scalar(2, 1),
      scalar(1, 5),
      { type: 'log', task, msg: 'hello' },
    ]);
    expect(data).toEqual({ added: 4, errors: 0, errors_info: {} });
    await server.batch([scalar(3, 2)]);
    const found = await getTask(task);
    // md5('loss') and md5('train') by the md5sum program.
    expect(found.last_metrics).toEqual({
      '81513effdf5790b79549208838404407': {
        '61b3a8faa9c1091806675c230a9abe64': {
          metric: 'loss',
          variant: 'train',
          value: 2,
          min_value: 1,
          min_value_iteration: 2,
          max_value: 5,
          max_value_iteration: 1,
          first_value: 3,
          first_value_iteration: 0,
          mean_value: 2.75,
          count: 4,
        },
      },
    });
    expect(found['last_iteration']).toBe(3);
  });

  test('what cannot be written is counted, and a batch of nothing but that is refused', async () => {
    const task = await server.newTask();
    const { data } = await server.batch([
      { type: 'log', task, msg: 'kept' },
      { type: 'log', task: 'nobody', msg: 'lost' },
      { type: 'what', task },
      { task },
    ]);
    expect(data).toMatchObject({ added: 1, errors: 3, errors_info: { 'Invalid task id nobody': 1 } });
    const refused = await server.batch([{ type: 'log', task: 'nobody', msg: 'x' }]);
    expect([refused.meta.result_code, refused.meta.result_subcode]).toEqual([400, 131]);
  });
});
