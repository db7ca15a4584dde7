import { createHash } from 'node:crypto';
import { show } from '../support.ts';
import { newTask } from './ingest.ts';
import { fill, type Target, timed } from './load.ts';

const CALLS = 40;
const md5 = (text: string) => createHash('md5').update(text).digest('hex');
const line = (what: string, { p95, p50 }: { p95: number; p50: number }, most: number) =>
  console.log(`${what.padEnd(52)} p95 ${p95.toFixed(0)} ms, median ${p50.toFixed(0)} ms (at most ${most} ms)`);

/** The sampled curve of one long series. */
export async function longSeries(target: Target, points: number) {
  const task = await newTask(target, 'one long series');
  const scalar = (iter: number) => ({
    type: 'training_stats_scalar',
    task,
    metric: 'loss',
    variant: 'train',
    iter,
    value: Math.sin(iter / 1_000) + (iter % 7) / 10,
  });
  await fill('points of one series', points, 2_000, (from) =>
    target.session.callLines(
      'events.add_batch',
      Array.from({ length: 2_000 }, (_, index) => scalar(from + index)),
    ),
  );
  const read = (body: object) => target.session.call('events.scalar_metrics_iter_histogram', { task, ...body });
  line(`curve of ${show(points)} points by iteration`, await timed(CALLS, () => read({})), 100);
  line(`curve of ${show(points)} points by time`, await timed(CALLS, () => read({ key: 'timestamp' })), 100);
}

/** The table of experiments: filter and sort on a metric. */
export async function manyTasks(target: Target, tasks: number) {
  const { session } = target;
  const { id: project } = await session.call<{ id: string }>('projects.create', { name: 'bench/many' });
  const created = await fill('tasks with 20 hyperparameters and 20 metrics', tasks, 25, async (from) => {
    const ids = await Promise.all(
      Array.from(
        { length: 25 },
        async (_, index) => (await session.call<{ id: string }>('tasks.create', taskOf(from + index))).id,
      ),
    );
    await session.callLines(
      'events.add_batch',
      ids.flatMap((task, index) => metricsOf(task, from + index)),
    );
  });
  console.log(`${'tasks made, with their metrics'.padEnd(52)} ${show(created)}/s`);
  const loss = `last_metrics.${md5('m0')}.${md5('v')}.value`;
  const columns = ['name', 'status', 'last_update', 'user.name', 'hyperparams.General.p3.value', loss];
  const page = (body: object) =>
    session.call('tasks.get_all_ex', { project: [project], only_fields: columns, page_size: 500, page: 0, ...body });
  line('tasks by a metric', await timed(CALLS, () => page({ order_by: [`-${loss}`] })), 100);
  const some = { 'hyperparams.General.p1.value': ['1', '2', '3'], status: ['created'] };
  line('tasks by a metric, filtered', await timed(CALLS, () => page({ order_by: [`-${loss}`], ...some })), 100);
  const range = { [loss]: [0.2, 0.4] };
  line(
    'tasks by a metric, in a range of it, page 3',
    await timed(CALLS, () => page({ order_by: [loss], ...range, page: 3 })),
    100,
  );

  function taskOf(index: number) {
    const parameters = Array.from({ length: 20 }, (_, key) => [
      `p${key}`,
      { section: 'General', name: `p${key}`, value: String((index * (key + 1)) % 1_000), type: 'int' },
    ]);
    return {
      name: `run ${index}`,
      type: 'training',
      project,
      hyperparams: { General: Object.fromEntries(parameters) },
    };
  }
}

function metricsOf(task: string, index: number) {
  return Array.from({ length: 20 }, (_, metric) => ({
    type: 'training_stats_scalar',
    task,
    metric: `m${metric}`,
    variant: 'v',
    iter: 1,
    value: ((index * 7_919 + metric) % 100_003) / 100_003,
  }));
}

/** Deep in one long console. */
export async function longLog(target: Target, lines: number) {
  const task = await newTask(target, 'one long console');
  const began = Date.UTC(2026, 0, 1);
  const rate = await fill('lines of one console', lines, 2_000, (from) =>
    target.session.callLines(
      'events.add_batch',
      Array.from({ length: 2_000 }, (_, index) => ({
        type: 'log',
        task,
        timestamp: began + from + index,
        level: 'info',
        worker: 'bench',
        msg: `epoch ${from + index}: loss ${(index / 2_000).toFixed(4)}`,
      })),
    ),
  );
  console.log(`${'lines of console'.padEnd(52)} ${show(rate)}/s`);
  const page = (share: number, earlier: boolean) =>
    target.session.call('events.get_task_log', {
      task,
      batch_size: 500,
      navigate_earlier: earlier,
      from_timestamp: began + Math.floor(lines * share),
    });
  line(
    `log page deep in ${show(lines)} lines, backwards`,
    await timed(CALLS, (index) => page(index / CALLS, true)),
    50,
  );
  line(
    `log page deep in ${show(lines)} lines, forwards`,
    await timed(CALLS, (index) => page(index / CALLS, false)),
    50,
  );
}
