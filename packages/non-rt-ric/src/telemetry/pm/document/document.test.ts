import { RanloopError } from '@ranloop/contracts/errors';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parsed } from '../testing/document.ts';

const T = Date.UTC(2026, 0, 5, 0, 15) * 1_000;
const HEADER = `<fileHeader dnPrefix="SubNetwork=1" vendorName="v" fileFormatVersion="1">
  <fileSender localDn="ManagedElement=gnb-1"/><measCollec beginTime="2026-01-05T00:00:00Z"/></fileHeader>`;
const PERIOD = '<granPeriod duration="PT900S" endTime="2026-01-05T00:15:00Z"/>';
const VALUES = '<measType p="1">RRC.ConnMean</measType><measValue measObjLdn="NRCellCU=1"><r p="1">3</r></measValue>';
const FOOTER = '<fileFooter><measCollec endTime="2026-01-05T00:15:00Z"/></fileFooter>';

/** A file of TS 32.435 with one measInfo. */
function file(
  info: string,
  { head = '<?xml version="1.0" encoding="UTF-8"?>', header = HEADER, footer = FOOTER } = {},
) {
  return `${head}<measCollecFile xmlns="http://www.3gpp.org/ftp/specs/archive/32_series/32.435#measCollec">${header}
<measData><managedElement localDn="ManagedElement=gnb-1"/><measInfo measInfoId="i">${info}</measInfo></measData>${footer}
</measCollecFile>`;
}

function problem(document: string | Uint8Array): RanloopError {
  try {
    parsed(document);
  } catch (error) {
    if (error instanceof RanloopError) return error;
    throw error;
  }
  throw new Error('the document was taken');
}

const dn = (object: string) => `SubNetwork=1,ManagedElement=gnb-1,${object}`;

test('values by p and values in a list are the same samples, whatever order and gaps p has', () => {
  const byPlace = `${PERIOD}<measType p="7">RRC.ConnMean</measType><measType p="3">RRC.ConnMax</measType>
    <measValue measObjLdn="NRCellCU=1"><r p="3"> 9 </r><r p="7">4.5</r></measValue>`;
  const byList = `${PERIOD}<measTypes>RRC.ConnMean
    RRC.ConnMax</measTypes><measValue measObjLdn="NRCellCU=1"><measResults>4.5 9</measResults></measValue>`;
  for (const info of [byPlace, byList])
    expect(parsed(file(info)).samples.sort((a, b) => a.value - b.value)).toEqual([
      {
        counter: 'RRC.ConnMean',
        dn: dn('NRCellCU=1'),
        value: 4.5,
        unit: 'UE',
        granularity: 900,
        time: T,
        suspect: false,
        source: 's',
      },
      {
        counter: 'RRC.ConnMax',
        dn: dn('NRCellCU=1'),
        value: 9,
        unit: 'UE',
        granularity: 900,
        time: T,
        suspect: false,
        source: 's',
      },
    ]);
});

test('subcounters go to their fields, suspect objects are marked, values out of range are marked', () => {
  const info = `${PERIOD}<measTypes>RRU.PrbUsedDl.010003E8 RRU.PrbUsedDl.226f04 RRU.PrbUsedDl.9 RRU.PrbTotDl</measTypes>
    <measValue measObjLdn="NRCellDU=1"><measResults>1 2 3 250</measResults></measValue>
    <measValue measObjLdn="NRCellDU=2"><measResults>1 NULL NULL 50</measResults><suspect>true</suspect></measValue>`;
  const found = parsed(file(info)).samples.map(({ dn: object, counter, snssai, plmn, fiveQi, value, suspect }) =>
    [object.at(-1), counter, snssai, plmn, fiveQi, value, suspect].filter((field) => field !== undefined),
  );
  expect(found).toEqual([
    ['1', 'RRU.PrbUsedDl', '010003e8', 1, false],
    ['1', 'RRU.PrbUsedDl', '226F04', 2, false],
    ['1', 'RRU.PrbUsedDl', 9, 3, false],
    ['1', 'RRU.PrbTotDl', 250, true],
    ['2', 'RRU.PrbUsedDl', '010003e8', 1, true],
    ['2', 'RRU.PrbTotDl', 50, true],
  ]);
});

test('what was not measured is no sample, and a list of a distribution is kept as it is', () => {
  const info = `<job jobId="j"/>${PERIOD}<measType p="1">a</measType><measType p="2">b</measType><measType p="3">c</measType>
    <measValue measObjLdn="o=1"><r p="1"/><r p="2">NULL</r><r p="3">86,87,2</r></measValue>
    <measValue measObjLdn="o=2"><r p="1">0.000000</r><r p="3">1,2</r><suspect>1</suspect></measValue>`;
  const { samples, bodies } = parsed(file(info));
  expect(samples.map(({ counter, value, suspect }) => [counter, value, suspect])).toEqual([['a', 0, true]]);
  expect(bodies).toEqual([
    {
      file: 'test.xml',
      time: T,
      perf3gppFields: {
        perf3gppFieldsVersion: '1.0',
        measDataCollection: {
          granularityPeriod: 900,
          measuredEntityDn: 'SubNetwork=1,ManagedElement=gnb-1',
          measInfoList: [
            {
              measInfoId: { sMeasInfoId: 'i' },
              jobId: 'j',
              measTypes: { sMeasTypesList: ['c'] },
              measValuesList: [
                { measObjInstId: 'o=1', suspectFlag: 'false', measResults: [{ p: 1, sValue: '86,87,2' }] },
                { measObjInstId: 'o=2', suspectFlag: 'true', measResults: [{ p: 1, sValue: '1,2' }] },
              ],
            },
          ],
        },
      },
    },
  ]);
});

test.each([
  ['2026-01-05T00:15:00Z', T],
  ['2026-01-05T02:15:00+02:00', T],
  ['2026-01-05T01:15:00+0100', T],
  ['2026-01-04T19:15:00-05', T],
  ['2026-01-05T00:15:00.25Z', T + 250_000],
  ['2026-01-05T00:15Z', T],
  ['2026-01-04T24:00:00Z', T - 900_000_000],
])('the end of a period %s is %i us', (text, time) => {
  const info = `<granPeriod duration="PT15M" endTime="${text}"/>${VALUES}`;
  expect(parsed(file(info)).samples[0]).toMatchObject({ time, granularity: 900 });
});

test.each([
  ['PT900S', 900],
  ['PT1H', 3_600],
  ['P1D', 86_400],
  ['P1DT1H1M1.5S', 90_061.5],
  ['60', 60],
])('the duration %s is %d seconds', (text, granularity) => {
  const info = `<granPeriod duration="${text}" endTime="2026-01-05T00:15:00Z"/>${VALUES}`;
  expect(parsed(file(info)).samples[0]).toMatchObject({ granularity });
});

test('files as network elements write them: no footer, instructions before the declaration, other encodings and prefixes', () => {
  const good = file(`${PERIOD}${VALUES}`);
  const expected = parsed(good).samples;
  expect(expected).toHaveLength(1);
  const instruction = '<?xml-stylesheet type="text/xsl" href="x.xsl"?>\n<?xml version="1.0" encoding="UTF-8"?>';
  const variants: (string | Uint8Array)[] = [
    file(`${PERIOD}${VALUES}`, { footer: '' }),
    file(`${PERIOD}${VALUES}`, { head: instruction }),
    file(`${PERIOD}${VALUES}`, { head: '' }),
    file(`${PERIOD}${VALUES}`, { head: '<!-- a -->\n<?xml version="1.0"?>' }),
    `\ufeff${good}`,
    Buffer.from(`\ufeff${good.replace('UTF-8', 'UTF-16')}`, 'utf16le'),
    Buffer.from(good.replace('UTF-8', 'ISO-8859-1').replace('vendorName="v"', 'vendorName="é"'), 'latin1'),
    good.replace('xmlns=', 'xmlns:p=').replace(/<(\/?)(?=[a-z])/g, '<$1p:'),
    good.replaceAll(/ xmlns="[^"]*"/g, ''),
    good.replace(
      '</measInfo>',
      '<x:r xmlns:x="urn:vendor" p="1"><x:r>5</x:r></x:r><vendorNote>5</vendorNote></measInfo>',
    ),
  ];
  for (const variant of variants) expect(parsed(variant).samples).toEqual(expected);
});

test('the four types of file: one or many entities, one or many periods; an entity that is not named is the sender', () => {
  const info = (end: string) => `<measInfo><granPeriod duration="PT900S" endTime="${end}"/>${VALUES}</measInfo>`;
  const data = (entity: string, ...ends: string[]) => `<measData>${entity}${ends.map(info).join('')}</measData>`;
  const named = (id: number) => `<measEntity localDn="ManagedElement=gnb-${id}"/>`;
  const ends = ['2026-01-05T00:15:00Z', '2026-01-05T00:30:00Z'] as const;
  const document = (
    body: string,
  ) => `<measDataFile xmlns="http://www.3gpp.org/ftp/specs/archive/28_series/28.532#measData">
    <fileHeader><fileSender senderName="ManagedElement=mgr"/><measData beginTime="2026-01-05T00:00:00Z"/></fileHeader>
    ${body}<fileFooter><measData endTime="2026-01-05T00:30:00Z"/></fileFooter></measDataFile>`;
  const of = (body: string) =>
    parsed(document(body)).samples.map((one) => `${one.dn.slice(15)} ${(one.time - T) / 60_000_000}`);
  expect(of(data(named(1), ends[0]))).toEqual(['gnb-1,NRCellCU=1 0']);
  expect(of(data(named(1), ...ends))).toEqual(['gnb-1,NRCellCU=1 0', 'gnb-1,NRCellCU=1 15']);
  expect(of(data(named(1), ends[0]) + data(named(2), ends[0]))).toEqual(['gnb-1,NRCellCU=1 0', 'gnb-2,NRCellCU=1 0']);
  expect(of(data(named(1), ...ends) + data(named(2), ...ends))).toHaveLength(4);
  expect(of(data('', ends[0]))).toEqual(['mgr,NRCellCU=1 0']);
  expect(of('')).toEqual([]);
});

test.each([
  ['RL_UNPROCESSABLE', 'there is no measType with p 2', `${PERIOD}${VALUES.replace('r p="1"', 'r p="2"')}`],
  ['RL_UNPROCESSABLE', 'p "x" is not a number above 0', `${PERIOD}${VALUES.replace('r p="1"', 'r p="x"')}`],
  ['RL_UNPROCESSABLE', 'has no p', `${PERIOD}${VALUES.replace('r p="1"', 'r')}`],
  [
    'RL_UNPROCESSABLE',
    'p 1 is given twice',
    `${PERIOD}${VALUES.replace('<r p="1">3</r>', '<r p="1">3</r><r p="1">3</r>')}`,
  ],
  ['RL_UNPROCESSABLE', 'there is no granPeriod before it', VALUES],
  ['RL_UNPROCESSABLE', 'has no endTime', `<granPeriod duration="PT1S"/>${VALUES}`],
  [
    'RL_UNPROCESSABLE',
    'duration "P1M" is not a duration',
    `<granPeriod duration="P1M" endTime="2026-01-05T00:15:00Z"/>${VALUES}`,
  ],
  [
    'RL_UNPROCESSABLE',
    'has no offset from UTC',
    `<granPeriod duration="PT1S" endTime="2026-01-05T00:15:00"/>${VALUES}`,
  ],
  [
    'RL_UNPROCESSABLE',
    'endTime "2026-02-30T00:00:00Z" is not a time',
    `<granPeriod duration="PT1S" endTime="2026-02-30T00:00:00Z"/>${VALUES}`,
  ],
  [
    'RL_UNPROCESSABLE',
    'outside the times that are stored',
    `<granPeriod duration="PT1S" endTime="1970-01-05T00:15:00Z"/>${VALUES}`,
  ],
  [
    'RL_UNPROCESSABLE',
    'has 1 values, and there are 2 types',
    `${PERIOD}<measTypes>a b</measTypes><measValue measObjLdn="o"><measResults>1</measResults></measValue>`,
  ],
  [
    'RL_UNPROCESSABLE',
    '"maybe" is neither true nor false',
    `${PERIOD}${VALUES.replace('</r>', '</r><suspect>maybe</suspect>')}`,
  ],
  ['RL_UNPROCESSABLE', 'does not belong here', `${PERIOD}<r p="1">3</r>${VALUES}`],
  ['RL_UNPROCESSABLE', 'has no measObjLdn', `${PERIOD}${VALUES.replace(' measObjLdn="NRCellCU=1"', '')}`],
  [
    'RL_UNPROCESSABLE',
    'already gave 3 for the same measurement',
    `${PERIOD}${VALUES}<measValue measObjLdn="NRCellCU=1"><r p="1">4</r></measValue>`,
  ],
  ['RL_MALFORMED', 'undefined entity', `${PERIOD}${VALUES.replace('>3<', '>&x;<')}`],
])('%s: %s', (code, told, info) => {
  const refused = problem(file(info));
  expect(refused.code).toBe(code);
  expect(refused.message).toContain(told);
  expect(refused.message).toMatch(/^line [2-4], column \d+, <\w+>: /);
});

test('document type declarations are refused before they are read to their end, and with them every entity', () => {
  const bomb = `<?xml version="1.0"?><!DOCTYPE measCollecFile [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>`;
  expect(problem(file(`${PERIOD}${VALUES}`, { head: bomb })).message).toContain(
    'document type declaration is not read',
  );
  const long = `<!DOCTYPE measCollecFile [${'<!ENTITY a "a">'.repeat(20_000)}`;
  expect(problem(long).message).toContain('the first element does not begin within 65536 characters');
});

test('what is no PM file, or not XML at all, says so', () => {
  expect(problem('<html/>').message).toContain('the root of a PM file is measCollecFile');
  expect(problem('').code).toBe('RL_MALFORMED');
  expect(problem('{"event":{}}').code).toBe('RL_MALFORMED');
  expect(problem(Buffer.from([0x3c, 0x61, 0xff, 0xfe])).message).toContain('not utf-8');
  expect(problem('<?xml version="1.0" encoding="klingon"?><a/>').code).toBe('RL_UNSUPPORTED');
  expect(problem(`<measCollecFile>${'<measData>'.repeat(3)}`).code).toBe('RL_UNPROCESSABLE');
  expect(problem(`<measCollecFile>${'<x>'.repeat(100)}`).message).toContain('nested more than 64 deep');
  expect(problem(`<measCollecFile><x a="${'x'.repeat(9_000_000)}"/>`).code).toBe('RL_TOO_LARGE');
  expect(problem(`${file(`${PERIOD}${VALUES}`)}<measCollecFile/>`).code).toBe('RL_MALFORMED');
});

/** A PM file as a model, to be written in either form. */
const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,6}(\.[G-Z][g-z]{1,4})?$/);
const value = fc.oneof(
  fc.integer({ min: -1000, max: 1_000_000 }),
  fc.float({ noNaN: true, noDefaultInfinity: true }).map(Number),
);
const object = fc.record({ suspect: fc.boolean(), values: fc.array(fc.option(value), { minLength: 1, maxLength: 6 }) });
const info = fc.record({
  minutes: fc.integer({ min: 1, max: 100_000 }),
  step: fc.integer({ min: 1, max: 5 }),
  names: fc.uniqueArray(name, { minLength: 1, maxLength: 6 }),
  objects: fc.array(object, { maxLength: 4 }),
  list: fc.boolean(),
});
const model = fc.array(fc.array(info, { maxLength: 3 }), { maxLength: 3 });
type Model = typeof model extends fc.Arbitrary<infer M> ? M : never;

function written(entities: Model, form: '32.435' | '28.532'): string {
  const [root, entity, span, sender] =
    form === '32.435'
      ? ['measCollecFile', 'managedElement', 'measCollec', 'localDn']
      : ['measDataFile', 'measEntity', 'measData', 'senderName'];
  const infos = (list: Model[number]) =>
    list.map(({ minutes, step, names, objects, list: asList }, index) => {
      const end = new Date(Date.UTC(2026, 0, 5) + minutes * 60_000).toISOString();
      const types = asList
        ? `<measTypes>${names.join(' ')}</measTypes>`
        : names.map((one, at) => `<measType p="${(at + 1) * step}">${one}</measType>`).join('');
      const values = objects.map(({ suspect, values: given }, at) => {
        const told = names.map((_, place) => given[place] ?? null);
        const results = asList
          ? `<measResults>${told.map((one) => one ?? 'NULL').join('\n')}</measResults>`
          : told
              .map((one, place) => `<r p="${(place + 1) * step}">${one ?? ''}</r>`)
              .reverse()
              .join('');
        return `<measValue measObjLdn="I=${index},O=${at}">${results}${suspect ? '<suspect>true</suspect>' : ''}</measValue>`;
      });
      return `<measInfo><granPeriod duration="PT60S" endTime="${end}"/>${types}${values.join('\n')}</measInfo>`;
    });
  const data = entities.map(
    (list, at) => `<measData><${entity} localDn="ManagedElement=${at}"/>${infos(list).join('')}</measData>`,
  );
  return `<?xml version="1.0"?><${root} xmlns="urn:x"><fileHeader dnPrefix=""><fileSender ${sender}="s"/>
    <${span} beginTime="2026-01-05T00:00:00Z"/></fileHeader>${data.join('')}</${root}>`;
}

function expectedOf(entities: Model): string[] {
  return entities.flatMap((list, entity) =>
    list.flatMap(({ minutes, names, objects }, index) =>
      objects.flatMap(({ suspect, values }, at) =>
        names.flatMap((one, place) => {
          const given = values[place] ?? null;
          const time = (Date.UTC(2026, 0, 5) + minutes * 60_000) * 1_000;
          return given === null
            ? []
            : [
                `ManagedElement=${entity},I=${index},O=${at} ${one} ${time} ${Object.is(given, -0) ? 0 : given} ${suspect}`,
              ];
        }),
      ),
    ),
  );
}

const told = (document: string | Uint8Array, piece?: number) =>
  parsed(document, piece)
    .samples.map((one) => `${one.dn} ${one.counter} ${one.time} ${one.value} ${one.suspect}`)
    .sort();

test('any file written from a model, in either form and cut into pieces anywhere, gives the samples of the model', () => {
  fc.assert(
    fc.property(model, fc.integer({ min: 1, max: 200 }), (entities, piece) => {
      const expected = expectedOf(entities).sort();
      expect(told(written(entities, '32.435'), piece)).toEqual(expected);
      expect(told(written(entities, '28.532'), piece)).toEqual(expected);
    }),
    { numRuns: 150 },
  );
});

test('a file that is cut off anywhere is refused as cut off, never taken in part', () => {
  const whole = Buffer.from(file(`${PERIOD}${VALUES}`));
  for (let length = 0; length < whole.length; length += 1) {
    const refused = problem(whole.subarray(0, length));
    expect(['RL_MALFORMED', 'RL_UNPROCESSABLE']).toContain(refused.code);
  }
});

test('a damaged file is taken or refused with a code, and nothing else happens', () => {
  const bytes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(model, bytes, fc.nat(), (entities, changes, cut) => {
      const document = Buffer.from(written(entities, '28.532'));
      for (const [at, byte] of changes) document[at % document.length] = byte;
      const end = cut % 3 === 0 ? cut % document.length : document.length;
      try {
        parsed(document.subarray(0, end));
      } catch (error) {
        expect(error).toBeInstanceOf(RanloopError);
        expect((error as RanloopError).status).toBeLessThan(500);
      }
    }),
    { numRuns: 500 },
  );
});
