import { once } from 'node:events';
import { connect } from 'node:net';
import { TEST_BASIC } from '@ranloop/kit/testing';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startTracking, type TestServer } from '../testing/server.ts';

let server: TestServer;
let made = 0;
beforeAll(async () => {
  server = await startTracking({ lostTaskSeconds: 60, watchdogSeconds: 1 });
});
afterAll(() => server.stop());

interface QueueDocument {
  id: string;
  tags: string[];
  entries: { task: string; added: string }[];
}

async function newQueue(fields: object = {}): Promise<string> {
  made += 1;
  return (await server.call<{ id: string }>('queues.create', { name: `queue number ${made}`, ...fields })).id;
}
async function queued(queue: string, count: number): Promise<string[]> {
  const tasks: string[] = [];
  for (let at = 0; at < count; at += 1) {
    const task = await server.newTask({ name: `queued ${at}` });
    await server.call('tasks.enqueue', { task, queue });
    tasks.push(task);
  }
  return tasks;
}
const queueOf = async (queue: string, fields: object = {}) =>
  (await server.call<{ queue: QueueDocument }>('queues.get_by_id', { queue, ...fields })).queue;
const tasksIn = async (queue: string) => (await queueOf(queue)).entries.map(({ task }) => task);
const statusOf = async (task: string) =>
  (await server.call<{ task: { status: string; execution: { queue?: string } } }>('tasks.get_by_id', { task })).task;

describe('queues', () => {
  test('are created, changed and deleted; a name is unique', async () => {
    const queue = await newQueue({ name: 'TempTest', display_name: 'Temp', tags: ['world', 'hello', 'hello'] });
    expect(await queueOf(queue)).toMatchObject({ display_name: 'Temp', tags: ['hello', 'world'], entries: [] });
    expect(await server.call('queues.update', { queue, tags: ['test'] })).toEqual({
      updated: 1,
      fields: { tags: ['test'] },
    });
    expect(await server.refusal('queues.create', { name: 'TempTest' })).toBe('400/801');
    expect(await server.refusal('queues.update', { queue, name: 'default' })).toBe('400/801');
    expect(await server.refusal('queues.update', { queue, tags: ['__$all'] })).toBe('400/16');
    expect(await server.refusal('queues.create', { name: ' ab ' })).toBe('400/12');
    expect(await server.refusal('queues.update', { queue: 'nothing', tags: [] })).toBe('400/701');
    expect(await server.call('queues.delete', { queue })).toEqual({ deleted: 1 });
    expect(await server.refusal('queues.get_by_id', { queue })).toBe('400/701');
    expect(await server.refusal('queues.delete', { queue })).toBe('400/701');
  });

  test('tagged k8s-glue are hidden unless they are asked for', async () => {
    const name = 'TestHiddenQueue';
    const hidden = await newQueue({ name, system_tags: ['k8s-glue'] });
    const shown = await newQueue();
    const found = async (query: object) =>
      (await server.call<{ queues: { id: string }[] }>('queues.get_all_ex', query)).queues.map(({ id }) => id);
    expect(await found({})).toContain(shown);
    expect(await found({})).not.toContain(hidden);
    expect(await found({ search_hidden: true })).toEqual(expect.arrayContaining([hidden, shown]));
    expect(await found({ name: `^${name}$` })).toEqual([hidden]);
    expect(await found({ id: [hidden] })).toEqual([hidden]);
    expect(await found({ id: [hidden], system_tags: ['-k8s-glue'] })).toEqual([]);
  });

  test('there is one default, and two are an error that names them', async () => {
    const { id } = await server.call<{ id: string }>('queues.get_default');
    expect(await server.call('queues.get_all', { system_tags: ['default'], only_fields: ['name'] })).toEqual({
      queues: [{ id, name: 'default' }],
    });
    const second = await newQueue({ system_tags: ['default'] });
    expect(await server.refusal('queues.get_default')).toBe('400/708');
    const task = await server.newTask();
    expect(await server.refusal('tasks.enqueue', { task })).toBe('400/708');
    await server.call('queues.update', { queue: second, system_tags: [] });
    await server.call('queues.update', { queue: id, system_tags: [] });
    expect(await server.refusal('queues.get_default')).toBe('400/707');
    await server.call('queues.update', { queue: id, system_tags: ['default'] });
    await server.call('tasks.enqueue', { task });
    expect(await tasksIn(id)).toEqual([task]);
  });

  test('entries are counted, peeked at, and cut to the number asked for', async () => {
    const queue = await newQueue();
    expect(await server.call('queues.peek_task', { queue })).toEqual({ task: null });
    const tasks = await queued(queue, 3);
    expect(await server.call('queues.get_num_entries', { queue })).toEqual({ num: 3 });
    expect(await server.call('queues.peek_task', { queue })).toEqual({ task: tasks[0] });
    expect(await server.call('queues.get_num_entries', { queue })).toEqual({ num: 3 });
    const cut = async (action: string, most?: number) => {
      const query = { id: [queue], ...(most === undefined ? {} : { max_task_entries: most }) };
      const { queues } = await server.call<{ queues: { entries: { task: unknown }[] }[] }>(action, query);
      return queues[0]?.entries.map(({ task }) => task);
    };
    expect(await cut('queues.get_all')).toEqual(tasks);
    expect(await cut('queues.get_all', 2)).toEqual(tasks.slice(0, 2));
    expect(await cut('queues.get_all', -1)).toEqual(tasks.slice(-1));
    expect(await cut('queues.get_all', 0)).toEqual(tasks);
    expect(await cut('queues.get_all_ex', 2)).toEqual([
      { id: tasks[0], name: 'queued 0' },
      { id: tasks[1], name: 'queued 1' },
    ]);
    expect((await queueOf(queue, { max_task_entries: 1 })).entries).toHaveLength(1);
    for (const action of ['queues.peek_task', 'queues.get_num_entries'])
      expect(await server.refusal(action, { queue: 'nothing' })).toBe('400/701');
  });

  test('are shown with the names of their tasks and the workers that serve them', async () => {
    const queue = await newQueue({ name: 'TestTempQueue1', display_name: 'Shown', tags: ['b', 'a'] });
    const [task] = await queued(queue, 1);
    const running = await server.newTask({ name: 'runs' });
    await server.call('tasks.started', { task: running });
    await server.call('workers.register', { worker: 'w one', queues: [queue] });
    await server.call('workers.status_report', { worker: 'w one', timestamp: Date.now(), task: running });
    const { queues } = await server.call('queues.get_all_ex', { name: 'TestTempQueue*' });
    expect(queues).toMatchObject([
      {
        id: queue,
        display_name: 'Shown',
        tags: ['a', 'b'],
        entries: [{ task: { id: task, name: 'queued 0' } }],
        workers: [
          {
            name: 'w one',
            ip: '127.0.0.1',
            key: 'worker_ranloop_admin_w one',
            task: { id: running, name: 'runs' },
          },
        ],
      },
    ]);
  });
});

describe('metadata', () => {
  test('comes by key or as a list, is added to, replaced and cut', async () => {
    const first = { test_key: { key: 'test_key', type: 'str', value: 'test_value' } };
    const queue = await newQueue({ metadata: first });
    const metadata = async () =>
      (await server.call<{ queues: { metadata: object }[] }>('queues.get_all_ex', { id: [queue] })).queues[0]?.metadata;
    expect(await metadata()).toEqual(first);
    await server.call('queues.update', {
      queue,
      metadata: [
        { key: 'a.b', type: 'str', value: '1' },
        { key: '$c', value: 2 },
      ],
    });
    expect(await metadata()).toEqual({ 'a.b': { key: 'a.b', type: 'str', value: '1' }, $c: { key: '$c', value: '2' } });
    const items = [{ key: 'a.b', type: 'int', value: '10' }, { key: 'd' }];
    expect(await server.call('queues.add_or_update_metadata', { queue, metadata: items })).toEqual({ updated: 1 });
    expect(await metadata()).toEqual({
      'a.b': { key: 'a.b', type: 'int', value: '10' },
      $c: { key: '$c', value: '2' },
      d: { key: 'd' },
    });
    expect(await server.call('queues.delete_metadata', { queue, keys: ['a.b', 'd', 'none'] })).toEqual({ updated: 1 });
    expect(await metadata()).toEqual({ $c: { key: '$c', value: '2' } });
    const only = { queue, metadata: [{ key: 'only' }], replace_metadata: true };
    await server.call('queues.add_or_update_metadata', only);
    expect(await metadata()).toEqual({ only: { key: 'only' } });
    const { queues } = await server.call<{ queues: object[] }>('queues.get_all', { 'metadata.only.key': ['only'] });
    expect(queues).toMatchObject([{ id: queue }]);
    expect(await server.refusal('queues.delete_metadata', { queue: 'nothing', keys: [] })).toBe('400/701');
    expect(await server.refusal('queues.add_or_update_metadata', { queue, metadata: [{ value: 1 }] })).toBe('400/11');
  });

  test('is an empty list for clients of the API before 2.17', async () => {
    const queue = await newQueue({ metadata: { k: { key: 'k', value: 'v' } } });
    const raw = JSON.stringify({ queue });
    const old = await server.send('/v2.16/queues.get_by_id', { raw });
    expect(JSON.parse(old.text).data.queue.metadata).toEqual([]);
    const young = await server.send('/v2.17/queues.get_by_id', { raw });
    expect(JSON.parse(young.text).data.queue.metadata).toEqual({ k: { key: 'k', value: 'v' } });
  });
});

describe('tasks in queues', () => {
  test('are taken out with and without their status, put into others, and cleared', async () => {
    const [one, two] = [await newQueue(), await newQueue()];
    const tasks = await queued(one, 2);
    const [first = '', second = ''] = tasks;
    expect(await server.call('queues.remove_task', { task: first, queue: one })).toEqual({ removed: 1 });
    expect(await statusOf(first)).toMatchObject({ status: 'queued', execution: { queue: one } });
    const out = { task: second, queue: one, update_task_status: true };
    expect(await server.refusal('queues.remove_task', { ...out, queue: two })).toBe('400/703');
    expect(await tasksIn(one)).toEqual([second]);
    expect(await server.call('queues.remove_task', out)).toEqual({ removed: 1 });
    expect(await statusOf(second)).toMatchObject({ status: 'created' });
    expect(await tasksIn(one)).toEqual([]);
    expect(await server.refusal('queues.remove_task', out)).toBe('400/703');
    expect(await server.refusal('queues.remove_task', { ...out, task: 'nothing' })).toBe('400/703');

    expect(await server.call('queues.add_task', { queue: two, task: first })).toEqual({ added: 1 });
    expect(await statusOf(first)).toMatchObject({ status: 'queued', execution: { queue: two } });
    expect(await tasksIn(two)).toEqual([first]);
    expect(await server.refusal('queues.add_task', { queue: two, task: first })).toBe('400/706');
    expect(await server.refusal('queues.add_task', { queue: 'nothing', task: first })).toBe('400/701');
    expect(await server.refusal('queues.add_task', { queue: two, task: 'nothing' })).toBe('400/101');

    expect(await server.call('v2.31/queues.clear_queue', { queue: one })).toEqual({ removed_tasks: [] });
    expect(await server.call('v2.31/queues.clear_queue', { queue: two })).toEqual({ removed_tasks: [first] });
    expect(await statusOf(first)).toMatchObject({ status: 'created' });
    expect(await tasksIn(two)).toEqual([]);
    expect(await server.refusal('v2.31/queues.clear_queue', { queue: 'nothing' })).toBe('400/701');
  });

  test('a worker puts a running task back without touching its status or the queue it names', async () => {
    const queue = await newQueue();
    const task = await server.newTask();
    await server.call('tasks.started', { task });
    await server.call('queues.add_task', { queue, task, update_execution_queue: false });
    expect(await statusOf(task)).toMatchObject({ status: 'in_progress' });
    expect((await statusOf(task)).execution).not.toHaveProperty('queue');
    expect(await server.call('queues.get_next_task', { queue })).toMatchObject({ entry: { task } });
  });

  test('get their status back when the queue is deleted by force', async () => {
    const queue = await newQueue();
    const [task = ''] = await queued(queue, 1);
    expect(await server.refusal('queues.delete', { queue })).toBe('400/702');
    await server.call('queues.delete', { queue, force: true });
    expect(await statusOf(task)).toMatchObject({ status: 'created', status_reason: `Queue ${queue} was deleted` });
  });

  test('move to the place asked for, and no further than the ends', async () => {
    const queue = await newQueue();
    const [a = '', b = '', c = '', d = ''] = await queued(queue, 4);
    const move = async (how: string, fields: object = {}) => {
      const { position } = await server.call(`queues.move_task_${how}`, { queue, task: a, ...fields });
      return [position, ...(await tasksIn(queue))];
    };
    expect(await move('to_front')).toEqual([0, a, b, c, d]);
    expect(await move('backward', { count: 2 })).toEqual([2, b, c, a, d]);
    expect(await move('backward', { count: 100 })).toEqual([3, b, c, d, a]);
    expect(await move('forward', { count: 2 })).toEqual([1, b, a, c, d]);
    expect(await move('forward')).toEqual([0, a, b, c, d]);
    expect(await move('forward', { count: 100 })).toEqual([0, a, b, c, d]);
    expect(await move('to_back')).toEqual([3, b, c, d, a]);
    expect(await move('to_front')).toEqual([0, a, b, c, d]);
    const later = await queued(queue, 1);
    expect(await tasksIn(queue)).toEqual([a, b, c, d, ...later]);
    expect(await server.refusal('queues.move_task_to_back', { queue, task: 'nothing' })).toBe('400/703');
    expect(await server.refusal('queues.move_task_forward', { queue: 'nothing', task: a })).toBe('400/703');
    expect(await server.refusal('queues.move_task_forward', { queue, task: a, count: 0 })).toBe('400/12');
  });

  test('come in order, with the owner when asked, and only the one that is named', async () => {
    const queue = await newQueue();
    const [a, b] = await queued(queue, 2);
    expect(await server.call('queues.get_next_task', { queue, task: b })).toEqual({});
    expect(await server.call('queues.get_next_task', { queue, task: a, get_task_info: true })).toEqual({
      entry: { task: a, added: expect.stringMatching(/^\d{4}-.*\+00:00$/) },
      task_info: { company: 'ranloop', user: 'admin' },
    });
    expect(await server.call('queues.get_next_task', { queue })).toMatchObject({ entry: { task: b } });
    expect(await server.call('queues.get_next_task', { queue })).toEqual({});
    expect(await server.refusal('queues.get_next_task', { queue: 'nothing' })).toBe('400/701');
  });

  test('that were stopped while they waited count as queued when a worker takes them', async () => {
    const queue = await newQueue();
    const [task = ''] = await queued(queue, 1);
    await server.database.pool.query(`update tracking.tasks set status = 'stopped' where id = $1`, [task]);
    await server.call('queues.get_next_task', { queue });
    expect(await statusOf(task)).toMatchObject({ status: 'queued' });
  });

  test('go to one worker each, however many ask at once', async () => {
    const queue = await newQueue();
    const tasks = await queued(queue, 30);
    const taken = await Promise.all(
      Array.from({ length: 60 }, () => server.call<{ entry?: { task: string } }>('queues.get_next_task', { queue })),
    );
    const got = taken.flatMap(({ entry }) => (entry ? [entry.task] : []));
    expect(got.toSorted()).toEqual(tasks.toSorted());
    expect(await tasksIn(queue)).toEqual([]);
  });

  test('stay a whole queue when many move, take and add at once', async () => {
    const queue = await newQueue();
    const tasks = await queued(queue, 12);
    const fresh = await Promise.all(Array.from({ length: 6 }, () => server.newTask()));
    const calls = [
      ...tasks.map((task) => server.envelope('queues.move_task_to_front', { queue, task })),
      ...tasks.map((task) => server.envelope('queues.move_task_backward', { queue, task, count: 3 })),
      ...fresh.map((task) => server.envelope('tasks.enqueue', { task, queue })),
      ...Array.from({ length: 6 }, () => server.envelope('queues.get_next_task', { queue })),
    ];
    const answers = await Promise.all(calls);
    // A task that was taken in between cannot be moved; nothing else may go wrong.
    for (const { meta } of answers) expect([0, 703]).toContain(meta.result_subcode);
    const taken = answers.flatMap(({ data }) => (data['entry'] ? [(data['entry'] as { task: string }).task] : []));
    expect(taken).toHaveLength(6);
    expect([...taken, ...(await tasksIn(queue))].toSorted()).toEqual([...tasks, ...fresh].toSorted());
    const { rows } = await server.database.pool.query(
      `select count(*)::int as count, count(distinct position)::int as places from tracking.queue_entries where queue = $1`,
      [queue],
    );
    expect(rows).toEqual([{ count: 12, places: 12 }]);
  });

  test('each of two moves at once counts', async () => {
    const queue = await newQueue();
    const [a = '', b = '', c = '', d = ''] = await queued(queue, 4);
    for (let round = 0; round < 10; round += 1) {
      await Promise.all([
        server.call('queues.move_task_to_front', { queue, task: d }),
        server.call('queues.move_task_to_back', { queue, task: a }),
      ]);
      expect(await tasksIn(queue)).toEqual([d, b, c, a]);
      await server.call('queues.move_task_to_front', { queue, task: a });
      await server.call('queues.move_task_to_back', { queue, task: d });
      expect(await tasksIn(queue)).toEqual([a, b, c, d]);
    }
  });
});

describe('a task that was handed out', () => {
  const age = (task: string) =>
    server.database.pool.query(
      `with p as (update tracking.popped_tasks set popped = popped - interval '61 seconds' where task = $1)
       update tracking.tasks set last_change = last_change - interval '61 seconds' where id = $1`,
      [task],
    );
  const popped = async (task: string) =>
    (await server.database.pool.query(`select 1 from tracking.popped_tasks where task = $1`, [task])).rows.length;

  test('goes back to the front when nobody shows to have received it', async () => {
    const queue = await newQueue();
    const [lost = '', next = ''] = await queued(queue, 2);
    const before = (await queueOf(queue)).entries[0]?.added;
    await server.call('queues.get_next_task', { queue });
    expect(await tasksIn(queue)).toEqual([next]);
    await age(lost);
    await vi.waitFor(async () => expect(await tasksIn(queue)).toEqual([lost, next]), { timeout: 10_000 });
    expect((await queueOf(queue)).entries[0]?.added).toBe(before);
    expect(await statusOf(lost)).toMatchObject({ status: 'queued' });
    expect(await server.call('queues.get_next_task', { queue })).toMatchObject({ entry: { task: lost } });
  });

  test('is left alone when a worker reported with it, started it or queued it elsewhere', async () => {
    const [queue, other] = [await newQueue(), await newQueue()];
    const [reported = '', started = '', moved = ''] = await queued(queue, 3);
    for (let at = 0; at < 3; at += 1) await server.call('queues.get_next_task', { queue });
    await server.call('tasks.enqueue', { task: moved, queue: other });
    await server.call('tasks.started', { task: started });
    for (const task of [reported, started, moved]) await age(task);
    await server.call('workers.status_report', { worker: 'w', timestamp: Date.now(), task: reported });
    await vi.waitFor(async () => expect((await popped(reported)) + (await popped(started))).toBe(0), {
      timeout: 10_000,
    });
    expect(await tasksIn(queue)).toEqual([]);
    expect(await tasksIn(other)).toEqual([moved]);
    expect(await statusOf(reported)).toMatchObject({ status: 'queued' });
  });

  test('goes back also when it had been stopped, at once when the worker is gone before the answer', async () => {
    const queue = await newQueue();
    const [task = ''] = await queued(queue, 1);
    await server.database.pool.query(`update tracking.tasks set status = 'stopped' where id = $1`, [task]);
    const blocker = await server.database.pool.connect();
    try {
      await blocker.query('begin');
      await blocker.query(`select 1 from tracking.queues where id = $1 for update`, [queue]);
      const body = JSON.stringify({ queue });
      const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
      socket.write(
        `GET /queues.get_next_task HTTP/1.1\r\nHost: ${new URL(server.url).host}\r\nAuthorization: ${TEST_BASIC}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
      const waiting = `select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
      await vi.waitFor(async () => expect((await server.database.pool.query(waiting)).rows).toHaveLength(1), {
        timeout: 10_000,
      });
      socket.destroy();
      await once(socket, 'close');
      // The server has seen the end of the connection before it goes on.
      await server.call('debug.ping');
    } finally {
      await blocker.query('commit');
      blocker.release();
    }
    // That it was taken shows in the status, that it is back in the queue.
    await vi.waitFor(async () => expect(await statusOf(task)).toMatchObject({ status: 'queued' }), { timeout: 10_000 });
    await vi.waitFor(async () => expect(await tasksIn(queue)).toEqual([task]), { timeout: 10_000 });
    expect(await popped(task)).toBe(0);
  });

  test('gets its status back when its queue is gone', async () => {
    const queue = await newQueue();
    const [task = ''] = await queued(queue, 1);
    await server.call('queues.get_next_task', { queue });
    await server.call('queues.delete', { queue });
    await age(task);
    await vi.waitFor(async () => expect(await statusOf(task)).toMatchObject({ status: 'created' }), {
      timeout: 10_000,
    });
  });
});

describe('queue metrics', () => {
  const seconds = () => Date.now() / 1000;
  interface Metrics {
    queues: { queue: string; dates: number[]; avg_waiting_times: number[]; queue_lengths: number[] }[];
  }
  const metrics = (fields: object) =>
    server.call<Metrics>('queues.get_queue_metrics', {
      from_date: seconds() - 3_600,
      to_date: seconds() + 1,
      interval: 5,
      ...fields,
    });

  test('show what was measured as the queue changed', async () => {
    const queue = await newQueue();
    const [, second] = await queued(queue, 2);
    await server.call('queues.get_next_task', { queue });
    await server.call('queues.remove_task', { queue, task: second });
    const { queues } = await metrics({ queue_ids: [queue] });
    expect(queues).toHaveLength(1);
    const [found] = queues;
    expect(found?.queue).toBe(queue);
    const points = found?.dates.length ?? 0;
    expect(points).toBeGreaterThanOrEqual(1);
    expect(found?.avg_waiting_times).toHaveLength(points);
    expect(found?.queue_lengths).toHaveLength(points);
    for (const date of found?.dates ?? []) expect(date % 5_000).toBe(0);
    expect((found?.dates[0] ?? 0) / 1000).toBeGreaterThan(seconds() - 60);
  });

  test('the longest wait between two dates counts, and all queues together weigh by length', async () => {
    const [one, two] = [await newQueue(), await newQueue()];
    const at = 1_700_000_000_000;
    const insert = (queue: string, ts: number, waiting: number, length: number) =>
      server.database.pool.query(`insert into tracking.queue_metrics values ($1, $2, $3, $4)`, [
        queue,
        ts,
        waiting,
        length,
      ]);
    await insert(one, at + 1_000, 5, 1);
    await insert(one, at + 2_000, 9, 3);
    await insert(one, at + 3_000, 7, 8);
    await insert(two, at + 4_000, 1, 1);
    await insert(two, at + 61_000, 2, 2);
    await insert(two, at - 3_590_000, 0, 0);
    await insert(two, at - 3_700_000, 50, 9);
    const span = { from_date: at / 1000, to_date: at / 1000 + 600, interval: 60 };
    // 1700000000 s is 20 s after a multiple of 60 s.
    const minute = at - 20_000;
    const { queues } = await metrics({ ...span, queue_ids: [one, two] });
    const byQueue = Object.fromEntries(queues.map(({ queue, ...rest }) => [queue, rest]));
    expect(byQueue[one]).toEqual({ dates: [minute], avg_waiting_times: [9], queue_lengths: [3] });
    expect(byQueue[two]).toEqual({
      dates: [minute - 3_600_000, minute, minute + 60_000],
      avg_waiting_times: [0, 1, 2],
      queue_lengths: [0, 1, 2],
    });
    // (9 s x 3 + 1 s x 1) / 4, then (9 s x 3 + 2 s x 2) / 5.
    expect((await metrics(span)).queues).toEqual([
      {
        queue: 'total',
        dates: [minute - 3_600_000, minute, minute + 60_000],
        avg_waiting_times: [0, 7, 6.2],
        queue_lengths: [0, 4, 5],
      },
    ]);
  });

  test('a queue that does not change is measured when that is asked for, and by the watchdog', async () => {
    const queue = await newQueue();
    const [task] = await queued(queue, 1);
    await server.database.pool.query(`delete from tracking.queue_metrics where queue = $1`, [queue]);
    await server.database.pool.query(
      `update tracking.queue_entries set added = now() - interval '100 seconds' where task = $1`,
      [task],
    );
    const { queues } = await metrics({ queue_ids: [queue], refresh: true });
    expect(queues[0]?.queue_lengths).toEqual([1]);
    expect(queues[0]?.avg_waiting_times[0]).toBeGreaterThanOrEqual(100);
    await server.database.pool.query(`delete from tracking.queue_metrics where queue = $1`, [queue]);
    await vi.waitFor(async () => expect((await metrics({ queue_ids: [queue] })).queues).toHaveLength(1), {
      timeout: 10_000,
    });
  });

  test('refuse spans that are none, and give a long one fewer points', async () => {
    const queue = await newQueue();
    const ask = (fields: object) =>
      server.refusal('queues.get_queue_metrics', { queue_ids: [queue], interval: 1, ...fields });
    expect(await ask({ from_date: 5, to_date: 5 })).toBe('400/16');
    expect(await ask({ from_date: 5, to_date: 6, interval: 0 })).toBe('400/12');
    expect(await ask({ from_date: -1, to_date: 6 })).toBe('400/12');
    expect(await ask({ from_date: 1, to_date: 1e300 })).toBe('400/12');
    expect(await ask({ to_date: 6 })).toBe('400/11');
    expect(await ask({ from_date: 0, to_date: 200_000_000_000 })).toBe('200/0');
    expect((await metrics({ queue_ids: ['nothing'] })).queues).toEqual([]);
  });
});
