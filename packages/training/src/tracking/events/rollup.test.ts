import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTracking, type TestServer } from '../testing/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTracking();
});
afterAll(() => server.stop());

interface Curve {
  x: number[];
  y: (number | null)[];
}
type Points = Map<number, { value: number; timestamp: number }>;

/** A batch that is written, and how the curve is then asked for. */
type Step = [
  { from: number; count: number; step: number; value: number },
  { samples: number; key: 'iter' | 'timestamp' },
];

const EDGE = 2 ** 53;
const LONG = 9_000;

async function write(task: string, points: Points): Promise<void> {
  const events = [...points].map(([iter, { value, timestamp }]) => ({
    type: 'training_stats_scalar',
    task,
    metric: 'm',
    variant: 'v',
    iter,
    value,
    timestamp,
  }));
  expect((await server.batch(events)).data).toMatchObject({ added: events.length });
}

async function curve(task: string, options: object = {}): Promise<Curve> {
  const data = await server.call<Record<string, Record<string, Curve>>>('events.scalar_metrics_iter_histogram', {
    task,
    ...options,
  });
  return data['m']?.['v'] ?? { x: [], y: [] };
}

const series = (length: number, of: (at: number) => [number, number]): Points =>
  new Map(
    Array.from({ length }, (_, at) => {
      const [iter, value] = of(at);
      return [iter, { value, timestamp: 1_000_000 + at }];
    }),
  );

/** What must hold of every drawing of these points, whatever it is made from. */
function expectDrawn({ x, y }: Curve, points: Points, samples: number, axis: 'iter' | 'timestamp' = 'iter'): void {
  expect(x.length).toBeLessThanOrEqual(samples);
  expect(x).toEqual(x.toSorted((a, b) => a - b));
  const values = [...points.values()].map(({ value }) => value);
  const extreme = (of: (a: number, b: number) => number, list: readonly number[]) => list.reduce((a, b) => of(a, b));
  expect(extreme(Math.max, y as number[])).toBe(extreme(Math.max, values));
  expect(extreme(Math.min, y as number[])).toBe(extreme(Math.min, values));
  const reported = new Set(
    [...points].map(([iter, { value, timestamp }]) => `${axis === 'iter' ? iter : timestamp}/${value}`),
  );
  const invented = y.map((value, at) => `${x[at]}/${value}`).filter((drawn) => !reported.has(drawn));
  expect(invented).toEqual([]);
}

describe('a long series', () => {
  test('keeps its extremes while it is written over, extended to both sides and read', async () => {
    const change = fc.record({
      from: fc.oneof(
        fc.integer({ min: -20_000, max: 40_000 }),
        fc.constantFrom(-EDGE, EDGE - 40_000, -(2 ** 31) - 5, 2 ** 40),
      ),
      count: fc.integer({ min: 1, max: 400 }),
      step: fc.integer({ min: 1, max: 100 }),
      value: fc.integer({ min: -1_000_000, max: 1_000_000 }),
    });
    const reading = fc.record({
      samples: fc.constantFrom(1, 2, 7, 100, 2_000, 6_000),
      key: fc.constantFrom('iter' as const, 'timestamp' as const),
    });
    const drawAll = { samples: 2_000, key: 'iter' as const };
    const far: Step = [{ from: 2 ** 40, count: 207, step: 37, value: -897_892 }, drawAll];
    const before: Step = [{ from: 17_514, count: 369, step: 95, value: -191_412 }, drawAll];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(change, reading), { minLength: 1, maxLength: 6 }), async (steps) => {
        const task = await server.newTask();
        const points = series(LONG, (at) => [at * 3, Math.round(Math.sin(at / 50) * 1_000)]);
        await write(task, points);
        let time = 2_000_000;
        for (const [{ from, count, step, value }, { samples, key }] of steps) {
          const batch: Points = new Map();
          for (let at = 0; at < count; at += 1) {
            const iter = from + at * step;
            if (iter === -(2 ** 31)) continue;
            time += 1;
            batch.set(iter, { value: value + (at % 13), timestamp: time });
          }
          await write(task, batch);
          for (const [iter, point] of batch) points.set(iter, point);
          if (samples > 1) expectDrawn(await curve(task, { samples, key }), points, samples, key);
          else expect((await curve(task, { samples, key })).x.length).toBeLessThanOrEqual(1);
        }
      }),
      // So few buckets that nothing is sampled, and points behind the roll-up that lie before those of the buckets.
      { numRuns: 8, examples: [[[far, before]]] },
    );
  });

  test('is exact again when all was written over and few points are left to draw', async () => {
    const task = await server.newTask();
    const points = series(100, (at) => [at, at % 7]);
    for (let round = 0; round < LONG / 100 + 1; round += 1) await write(task, points);
    expect(await curve(task)).toEqual({
      name: 'v',
      x: [...points.keys()],
      y: [...points.values()].map(({ value }) => value),
    });
  });

  test('leaves NaN, the infinities and single values out of what is drawn', async () => {
    const task = await server.newTask();
    const points = series(LONG, (at) => [at, at % 100]);
    await write(task, points);
    const odd = [
      ['NaN', 10],
      ['Infinity', 11],
      ['-Infinity', 12],
      ['77777', -(2 ** 31)],
    ].map(
      ([value, iter]) =>
        `{"type":"training_stats_scalar","task":"${task}","metric":"m","variant":"v","iter":${iter},"value":${value}}`,
    );
    await server.send('/events.add_batch', { raw: odd.join('\n') });
    for (const iter of [10, 11, 12]) points.delete(iter);
    expectDrawn(await curve(task), points, 2_000);
  });

  test('is gone with its events, and begins anew', async () => {
    const task = await server.newTask();
    await write(
      task,
      series(LONG, (at) => [at, 1_000 + at]),
    );
    await curve(task);
    await server.call('events.delete_for_task', { task });
    expect(await curve(task)).toEqual({ x: [], y: [] });
    const { rows } = await server.database.pool.query(
      'select count(*)::int as n from tracking.scalar_buckets b where not exists (select 1 from tracking.series s where s.id = b.series)',
    );
    expect(rows).toEqual([{ n: 0 }]);
    const points = series(LONG, (at) => [at, (at * 37) % 101]);
    await write(task, points);
    expectDrawn(await curve(task), points, 2_000);
  });

  test('loses no point of several writers while others read', async () => {
    const task = await server.newTask();
    const all: Points = new Map();
    const parts = Array.from({ length: 24 }, (_, part) =>
      // Parts interleave, so that every writer touches every bucket.
      series(800, (at) => [at * 24 + part, ((at * 24 + part) * 7_919) % 10_007]),
    );
    for (const part of parts) for (const [iter, point] of part) all.set(iter, point);
    const reads = async () => {
      for (let at = 0; at < 10; at += 1) await curve(task);
    };
    await Promise.all([...parts.map((part) => write(task, part)), reads(), reads()]);
    expectDrawn(await curve(task), all, 2_000);
    const raw = await server.call('events.scalar_metrics_iter_raw', {
      task,
      metric: { metric: 'm' },
      batch_size: 200_000,
      count_total: true,
    });
    expect(raw).toMatchObject({
      returned: all.size,
      total: all.size,
      variants: { v: { iter: [...all.keys()].toSorted((a, b) => a - b) } },
    });
  });
});
