import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { RefusedEvent, Sample } from '@ranloop/contracts/r1';
import { TEST_BASIC } from '@ranloop/kit/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestInflux, findInfluxd, type TestInflux } from '../testing/influx.ts';
import { createRig, type Rig, T0 } from '../testing/rig.ts';
import { parseLine, splitLines } from './parse.ts';

const NANOS = BigInt(T0) * 1_000n;

let rig: Rig;
beforeAll(async () => {
  rig = await createRig();
});
afterAll(() => rig.stop());

async function write(body: string | Uint8Array<ArrayBuffer>, route = '/write', headers: Record<string, string> = {}) {
  const response = await fetch(`${rig.r1}${route}`, {
    method: 'POST',
    headers: { authorization: TEST_BASIC, ...headers },
    body,
  });
  return { status: response.status, text: await response.text() };
}

async function last(source: string): Promise<Sample[]> {
  const { samples } = await rig.get<{ samples: Sample[] }>(`/last?source=${encodeURIComponent(source)}`);
  return samples.sort((one, other) => one.counter.localeCompare(other.counter));
}

describe('writing in line protocol', () => {
  it('stores what Telegraf sends: a sample for each number, the other tags in the DN', async () => {
    const line = `cpu,cpu=cpu0,host=vm-1 usage_user=12.5,usage_idle=80i,up=true,note="fine" ${NANOS}`;
    expect(await write(line)).toEqual({ status: 204, text: '' });
    expect(await last('vm-1')).toEqual(
      [
        ['cpu.up', 1],
        ['cpu.usage_idle', 80],
        ['cpu.usage_user', 12.5],
      ].map(([counter, value]) => ({
        counter,
        dn: 'ManagedElement=vm-1,cpu=cpu0',
        source: 'vm-1',
        value,
        unit: '',
        granularity: 0,
        time: T0,
        suspect: false,
      })),
    );
  });

  it('knows counters of TS 28.552 by the name of the field or of the measurement, with unit, range and slice', async () => {
    const lines = [
      `pm,source=gnb-lines,dn=ManagedElement\\=gnb-lines\\,NRCellDU\\=1,snssai=010003e8 RRU.PrbUsedDl=40 ${NANOS}`,
      `RRU.PrbTotDl,source=gnb-lines,dn=ManagedElement\\=gnb-lines\\,NRCellDU\\=1 value=140 ${NANOS}`,
    ];
    expect((await write(lines.join('\n'))).status).toBe(204);
    const dn = 'ManagedElement=gnb-lines,NRCellDU=1';
    expect(await last('gnb-lines')).toMatchObject([
      // A share of the PRBs cannot be 140 %.
      { counter: 'RRU.PrbTotDl', dn, value: 140, unit: '%', suspect: true },
      { counter: 'RRU.PrbUsedDl', dn, value: 40, snssai: '010003e8', suspect: false },
    ]);
  });

  it.each([
    ['ns', NANOS],
    ['us', BigInt(T0)],
    ['u', BigInt(T0)],
    ['ms', BigInt(T0) / 1_000n],
    ['s', BigInt(T0) / 1_000_000n],
    ['m', BigInt(T0) / 60_000_000n],
    ['h', BigInt(T0) / 3_600_000_000n],
  ])('reads times in %s', async (precision, time) => {
    const source = `precision-${precision}`;
    expect((await write(`m,source=${source} value=1 ${time}`, `/write?precision=${precision}`)).status).toBe(204);
    expect(await last(source)).toMatchObject([{ time: T0 }]);
  });

  it('takes the v2 route, a token and gzip, and sets the time where a line has none', async () => {
    const [, pair = ''] = TEST_BASIC.split(' ');
    const authorization = `Token ${Buffer.from(pair, 'base64').toString('utf8')}`;
    const before = Date.now() * 1_000;
    const body = gzipSync('m,source=v2 value=7');
    const headers = { authorization, 'content-encoding': 'gzip' };
    expect((await write(body, '/api/v2/write?org=o&bucket=b&precision=ms', headers)).status).toBe(204);
    const [sample] = await last('v2');
    expect(sample?.value).toBe(7);
    expect(sample?.time).toBeGreaterThanOrEqual(before);
  });

  it('stores the good lines of a body and names the bad ones, which are kept among the refused', async () => {
    const body = [
      `m,source=partial value=1 ${NANOS}`,
      'm,source=partial value=',
      `m,source=partial other=2 ${NANOS}`,
    ].join('\n');
    const { status, text } = await write(body);
    expect(status).toBe(400);
    expect(JSON.parse(text)).toEqual({
      error:
        'partial write: line 2: column 24: field "value" has the value "", which is no number, boolean or quoted text dropped=1',
    });
    expect(await last('partial')).toMatchObject([
      { counter: 'm', value: 1 },
      { counter: 'm.other', value: 2 },
    ]);
    const { refused } = await rig.get<{ refused: RefusedEvent[] }>('/refused');
    expect(refused.find(({ body: line }) => line === 'm,source=partial value=')).toMatchObject({
      domain: 'line-protocol',
    });
    expect(JSON.parse((await write(body, '/api/v2/write')).text)).toMatchObject({ code: 'invalid' });
  });

  it('stores a body that comes twice once, and the last of two values for one instant', async () => {
    const body = `m,source=twice value=1 ${NANOS}\nm,source=twice value=2 ${NANOS}`;
    for (const _ of [1, 2]) expect((await write(body)).status).toBe(204);
    const { series } = await rig.query({ counters: ['m'], sources: ['twice'], from: T0, to: T0 + 1 });
    expect(series.map(({ points }) => points)).toEqual([[[T0, 2]]]);
  });

  it.each([
    ['without credentials', 401, { authorization: '' }, 'm value=1', '/write'],
    ['with a precision that is none', 400, {}, 'm value=1', '/write?precision=fortnight'],
    ['with a time that precision does not fit', 400, {}, `m value=1 ${NANOS}`, '/write?precision=s'],
    ['with a body that is no gzip', 400, { 'content-encoding': 'gzip' }, 'm value=1', '/write'],
    ['with an encoding that is not read', 415, { 'content-encoding': 'br' }, 'm value=1', '/write'],
    ['with a NUL', 400, {}, 'm,source=a\0b value=1', '/write'],
    ['of a source with a very long name', 400, {}, `m,source=${'x'.repeat(300)} value=1`, '/write'],
  ])('refuses a body %s', async (_what, status, headers, body, route) => {
    expect((await write(body, route, headers)).status).toBe(status);
  });

  it('refuses a small body that inflates to a large one', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, 10));
    expect((await write(bomb, '/write', { 'content-encoding': 'gzip' })).status).toBe(413);
  });

  it('answers what a writer of 1.x asks first', async () => {
    expect((await fetch(`${rig.r1}/ping`)).status).toBe(204);
    expect(await write('q=CREATE+DATABASE+%22telegraf%22', '/query')).toEqual({
      status: 200,
      text: '{"results":[{"statement_id":0}]}',
    });
    expect((await write('q=DROP+DATABASE+x', '/query')).status).toBe(400);
  });
});

describe('reading a line', () => {
  const escaped = (text: string, special: RegExp) => text.replace(special, '\\$&');
  // A backslash at the end would escape the separator, in InfluxDB too.
  const name = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
    .filter((text) => !/[\\\n\r\0"]/.test(text) && text.trim() === text && !text.startsWith('#'));
  const value = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.string().filter((text) => !/[\0]/.test(text)),
  );

  it('gives back what a writer put in, whatever the names hold', () => {
    const tags = fc.dictionary(name, name, { maxKeys: 4, noNullPrototype: true });
    const fields = fc.dictionary(name, value, { minKeys: 1, maxKeys: 4, noNullPrototype: true });
    const time = fc.option(fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }), { nil: undefined });
    fc.assert(
      fc.property(name, tags, fields, time, (measurement, tagged, valued, stamp) => {
        const tagText = Object.entries(tagged).map(
          ([key, text]) => `,${escaped(key, /[,= ]/g)}=${escaped(text, /[,= ]/g)}`,
        );
        const fieldText = Object.entries(valued).map(([key, one]) => {
          const written = typeof one === 'string' ? `"${escaped(one, /["\\]/g)}"` : String(one);
          return `${escaped(key, /[,= ]/g)}=${written}`;
        });
        const text = `${escaped(measurement, /[, ]/g)}${tagText.join('')} ${fieldText.join(',')}${stamp === undefined ? '' : ` ${stamp}`}`;
        const line = parseLine(text);
        expect(line.measurement).toBe(measurement);
        expect(Object.fromEntries(line.tags)).toEqual(tagged);
        expect([...line.fields].map(([key, one]) => [key, one === 0 ? 0 : one])).toEqual(
          Object.entries(valued).map(([key, one]) => [key, one === 0 ? 0 : one]),
        );
        expect(line.time).toBe(stamp);
        expect([...splitLines(`${text}\n${text}`)].map((one) => one.text)).toEqual([text, text]);
      }),
    );
  });

  it('answers any text with a line or with RL_INVALID', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'mt=, "\\\n1.ei#') }), (text) => {
        for (const { text: line } of splitLines(text)) {
          try {
            parseLine(line);
          } catch (error) {
            expect(error).toMatchObject({ code: 'RL_INVALID' });
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});

const influxd = findInfluxd();
describe.skipIf(!influxd)('beside the real InfluxDB', () => {
  let influx: TestInflux;
  beforeAll(async () => {
    influx = await createTestInflux(influxd ?? '');
  });
  afterAll(() => influx.stop());

  it.each([
    'm value=1 1',
    'm value=1i 1',
    'm value=-1.5e3 1',
    'm value=1. 1',
    'm value=.5 1',
    'm value=+1 1',
    'm value=t 1',
    'm value=TRUE 1',
    'm value=tRue 1',
    'm value=nan 1',
    'm value=0x10 1',
    'm value= 1',
    'm value 1',
    'm 1',
    'm',
    ',a=b value=1 1',
    'm,a= value=1 1',
    'm,a value=1 1',
    'm,=b value=1 1',
    'm,a=b value=1 x',
    'm,a=b value=1 1 2',
    'm,a=b  value=1  1',
    'm,a\\,b=c\\ d\\=e value=1 1',
    'm\\,n value=1 1',
    'm text="a b,c=d" 1',
    'm text="a\\"b\\\\c" 1',
    'm text="open 1',
    'm a=1,b=2i,c="x",d=f 1',
    'm a=1,,b=2 1',
    'm a=1, 1',
    '# a comment',
  ])('reads or refuses as it does: %s', async (line) => {
    // A database for each, since a field keeps its type.
    const database = `d${createHash('md5').update(line).digest('hex')}`;
    const { origin } = new URL(influx.url);
    await fetch(`${origin}/query`, { method: 'POST', body: new URLSearchParams({ q: `create database ${database}` }) });
    const response = await fetch(`${origin}/write?db=${database}`, { method: 'POST', body: line });
    const ours = [...splitLines(line)].map(({ text }) => {
      try {
        parseLine(text);
        return true;
      } catch {
        return false;
      }
    });
    expect(ours.every(Boolean)).toBe(response.status === 204);
  });
});
