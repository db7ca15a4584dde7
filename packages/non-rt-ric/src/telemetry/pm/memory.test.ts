import { expect, test } from 'vitest';
import { createIdentities } from '../canonical/index.ts';
import { createPmParser } from './document/index.ts';
import { createPmEvents } from './events.ts';
import { pmFile } from './testing/announce.ts';

const MB = 1024 ** 2;
const SIZE = 100 * MB;
const OBJECTS = 100;

test('a file of 100 MB is read in memory that does not grow with it', { timeout: 180_000 }, () => {
  const [head = '', tail = ''] = pmFile(['0']).split(/<measValue[^\n]*\n/);
  let samples = 0;
  const events = createPmEvents({
    source: 's',
    name: 'big.xml',
    digest: 'd',
    identities: createIdentities(5_000),
    times: { earliest: 0, mostAhead: 0, now: () => Date.UTC(2027) * 1_000 },
    groupSamples: 5_000,
    onGroup: (group) => {
      for (const { points } of group) samples += points.length;
    },
  });
  const parser = createPmParser((values) => events.add(values));
  // Much space between the tags, as some write it, so that the test does not take long.
  const chunk = (from: number) =>
    Array.from({ length: OBJECTS }, (_, index) => {
      const space = ' '.repeat(200);
      return `${space}<measValue measObjLdn="NRCellCU=${from + index}">\n${space}<r p="1">7</r>\n${space}</measValue>\n`;
    }).join('');
  const began = performance.now();
  const before = process.memoryUsage().rss;
  let [bytes, objects, peak] = [0, 0, before];
  parser.write(Buffer.from(head));
  while (bytes < SIZE) {
    const text = Buffer.from(chunk(objects));
    parser.write(text);
    bytes += text.length;
    objects += OBJECTS;
    peak = Math.max(peak, process.memoryUsage().rss);
  }
  parser.write(Buffer.from(tail));
  parser.end();
  events.end();
  const grown = Math.round((peak - before) / MB);
  console.log(
    `${Math.round(bytes / MB)} MB, ${samples} samples, ${Math.round(performance.now() - began)} ms, ${grown} MB more`,
  );
  expect(samples).toBe(objects);
  expect(grown).toBeLessThan(200);
});
