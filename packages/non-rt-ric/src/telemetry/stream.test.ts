import { expect, test } from 'vitest';
import type { Point, SeriesIdentity } from './model.ts';
import { createSampleStream, type SampleListener } from './stream.ts';

const identity = (counter: string): SeriesIdentity => ({
  key: counter,
  source: 's',
  dn: 'NRCellDU=1',
  counter,
  snssai: '',
  fiveQi: -1,
  plmn: '',
  unit: '',
});
const points = (counter: string, values: readonly number[]): Point[] =>
  values.map((value, index) => ({ series: identity(counter), time: index, value, granularity: 0, flags: 0 }));

function listen() {
  const told: (number[] | 'missed')[] = [];
  const ids: (string | undefined)[] = [];
  const listener: SampleListener = {
    samples(samples, id) {
      told.push(samples.map(({ value }) => value));
      ids.push(id);
    },
    missed: () => void told.push('missed'),
    end: () => undefined,
  };
  return { told, ids, listener };
}

test('who comes back with the last id gets what was missed, by the filter, once and in order', () => {
  const stream = createSampleStream('run');
  const first = listen();
  const leave = stream.subscribe({ counters: ['A'] }, first.listener);
  stream.publish(points('A', [1]));
  leave();
  stream.publish(points('A', [2, 3]));
  stream.publish(points('B', [4]));
  const second = listen();
  stream.subscribe({ counters: ['A'] }, second.listener, first.ids.at(-1));
  stream.publish(points('A', [5]));
  expect([first.told, second.told]).toEqual([[[1]], [[2, 3], [5]]]);
});

test('an id of an earlier run, of no run, or one that is long past says that samples were missed', () => {
  const stream = createSampleStream('run');
  stream.publish(points('A', [1]));
  for (const id of ['other-1', 'nonsense', 'run-99', 'run-x']) {
    const { told, listener } = listen();
    stream.subscribe({}, listener, id);
    expect([id, told]).toEqual([id, ['missed', [1]]]);
  }
  const many = Array.from({ length: 40_000 }, (_, index) => index);
  stream.publish(points('A', many));
  stream.publish(points('A', many));
  const { told, ids, listener } = listen();
  stream.subscribe({}, listener, 'run-1');
  expect(told[0]).toBe('missed');
  // The messages of one commit: the id, from which to go on, comes with the last of them.
  expect(ids).toEqual([...Array.from({ length: 7 }, () => undefined), 'run-3']);
});
