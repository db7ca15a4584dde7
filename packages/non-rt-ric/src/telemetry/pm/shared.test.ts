import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { RanloopError } from '@ranloop/contracts/errors';
import type { Sample } from '@ranloop/contracts/r1';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRig, measurement, type Rig } from '../testing/rig.ts';
import { parsed } from './testing/document.ts';

const DATA = path.resolve(import.meta.dirname, '../../../../../../shared/data/pm');
const present = existsSync(DATA);
const read = (name: string) => readFileSync(path.join(DATA, name), 'utf8');
/** dnPrefix, localDn and measObjLdn make the DN (TS 32.300, TS 32.435 table 4.1). */
const row = ({ dn, counter, value, suspect }: Sample) => `${dn} ${counter} ${value}${suspect ? ' suspect' : ''}`;

describe.skipIf(!present)('the files of ../shared/data/pm (skipped where they are absent)', () => {
  test('pm-mapper/28532_type_and_r.xml', () => {
    const { samples, bodies } = parsed(read('pm-mapper/28532_type_and_r.xml'));
    const common = {
      source: 's',
      dn: 'some dnPrefix,Dublin,some measObjLdn',
      unit: '',
      granularity: 900,
      suspect: false,
    };
    // 2018-10-02T12:15:00Z
    const time = 1_538_482_500_000_000;
    expect(samples).toEqual([
      { ...common, counter: 'a', value: 86, time },
      { ...common, counter: 'b', value: 67, time },
      { ...common, counter: 'c', value: 14, time },
    ]);
    expect(bodies).toEqual([]);
  });

  test.each(['pm-mapper/A20181002.0000-1000-0015-1000_5G.xml', 'pm-mapper/nr_A20181004_28.532.xml'])(
    '%s: 12 values in the first group, 3 and a list in the second, 12 in the third',
    (name) => {
      const { samples, bodies } = parsed(read(name));
      const entity = 'SubNetwork=CountryNN,MeContext=MEC-Gbg-1,ManagedElement=RNC-Gbg-1';
      const of = (cell: number, group: string, values: readonly number[], suspect = '') =>
        ['attTCHSeizures', 'succTCHSeizures', 'attImmediateAssignProcs', 'succImmediateAssignProcs'].map(
          (counter, index) =>
            `DC=a1.companyNN.com,SubNetwork=1,IRPAgent=1,${entity},RncFunction=RF-1,UtranCell=Gbg-${cell} ` +
            `${counter}${group === '' ? '' : index + 5} ${values[index]}${suspect}`,
        );
      const enodeb = `DC=a1.companyNN.com,SubNetwork=1,IRPAgent=1,${entity},ManagedElement=RNC-Gbg-1,ENodeBFunction=1`;
      expect(samples.map(row)).toEqual([
        ...of(997, '', [234, 345, 567, 789]),
        ...of(998, '', [890, 901, 123, 234]),
        ...of(999, '', [456, 567, 678, 789], ' suspect'),
        `${enodeb} attTCHSeizures1 4`,
        `${enodeb} attImmediateAssignProcs3 40`,
        `${enodeb} succImmediateAssignProcs4 90`,
        ...of(997, '5', [238, 344, 563, 787]),
        ...of(998, '5', [898, 905, 127, 238]),
        ...of(999, '5', [454, 569, 672, 785], ' suspect'),
      ]);
      // 2000-03-01T14:14:30+02:00
      expect(new Set(samples.map(({ time }) => time))).toEqual(new Set([951_912_870_000_000]));
      expect(JSON.stringify(bodies)).toContain('"measResults":[{"p":1,"sValue":"86,87,2,6,77,96,75,33,24"}]');
    },
  );

  test('pm-mapper/C20190328.0000-0015.xml: three elements, each with its own period', () => {
    const { samples } = parsed(read('pm-mapper/C20190328.0000-0015.xml'));
    const of = (id: number) =>
      ['z', 'a', 'zz', 'b'].map((name, index) => {
        const value = String(id).repeat(index + 1);
        return `some dnPrefix,Dublin${id},objLdn ${name}${id} ${value} at ${2000 + id}-10-02T12:15:00.000Z of ${id * 100}`;
      });
    const found = samples.map(
      (one) => `${row(one)} at ${new Date(one.time / 1_000).toISOString()} of ${one.granularity}`,
    );
    expect(found).toEqual([...of(1), ...of(2), ...of(3)]);
  });

  test('ranpm/A20230515: 2,667 results, of which 409 are lists; offsets without colon; two suspect objects', () => {
    const name = 'ranpm/A20230515.0700_0100-0715_0100_GNODEB-0.xml';
    const bytes = read(name);
    const began = performance.now();
    const { samples, bodies } = parsed(bytes);
    console.log(`${bytes.length} bytes in ${Math.round(performance.now() - began)} ms`);
    expect(samples).toHaveLength(2_667 - 409);
    expect(JSON.stringify(bodies).match(/"sValue":"\d+(,\d+)+"/g)).toHaveLength(409);
    expect(samples.reduce((sum, { value }) => sum + value, 0)).toBe(54_660);
    expect(samples.filter(({ suspect }) => suspect)).toHaveLength(4);
    expect(samples.filter(({ counter }) => counter === 'pmCounterNumber530Accumulated').map(row)).toContain(
      'SubNetwork=G3,GNODEB-0,ManagedElement=GNODEB-0,Equipment=1,FieldReplaceableUnit=BB-1,EnergyMeter=1 ' +
        'pmCounterNumber530Accumulated 34846',
    );
    // 2023-05-15T07:15:00+0100
    const time = 1_684_131_300_000_000;
    expect(new Set(samples.map((one) => `${one.time} ${one.granularity}`))).toEqual(new Set([`${time} 900`]));
  });

  test.each([
    [
      'pm-mapper/A_no_managed_element.xml',
      'line 11, column 81, <granPeriod>: duration "some duration" is not a duration',
    ],
    ['o1-sim/template.xml', 'line 6, column 40, <measCollec>: beginTime "@start-time@" is not a time'],
    ['o1-sim/template_5G_NR.xml', 'line 6, column 38, <measData>: beginTime "@start-time@" is not a time'],
    ['o1-sim/index.json', 'text data outside of root node'],
    ['pm-mapper/valid_metadata.json', 'text data outside of root node'],
  ])('%s is refused: %s', (name, told) => {
    expect(() => parsed(read(name))).toThrow(RanloopError);
    expect(() => parsed(read(name))).toThrow(told);
  });

  test('without its placeholders the first of them is the element of its sender, the templates are good files', () => {
    const unnamed = read('pm-mapper/A_no_managed_element.xml').replace('some duration', 'PT900S');
    expect(parsed(unnamed).samples.map(row)).toEqual(
      ['a 86', 'b 67', 'c 14'].map((told) => `some dnPrefix,Dublin,some measObjLdn ${told}`),
    );
    const fill: Readonly<Record<string, string>> = {
      hostname: 'du-1',
      'start-time': '2026-01-05T00:00:00+00:00',
      'end-time': '2026-01-05T00:01:00+00:00',
      'log-period': 'PT60S',
      'rep-period': 'PT180S',
      'point-id': '1',
      'point-name': 'DRB.UEThpDl',
      'du-id': '1',
      'cell-id': '2',
      value: '17',
      suspect: '<suspect>false</suspect>',
    };
    const filled = (name: string) => read(name).replace(/@([a-z-]+)@/g, (_whole, key: string) => fill[key] ?? '');
    const prefix = 'DC=pynts.domain,ManagedElement=du-1';
    expect(parsed(filled('o1-sim/template.xml')).samples.map(row)).toEqual([
      `${prefix},DuFunction=1,CellId=2 DRB.UEThpDl 17`,
    ]);
    expect(parsed(filled('o1-sim/template_5G_NR.xml')).samples.map(row)).toEqual([
      `${prefix},ManagedElement=du-1,GNBDUFunction=1,NRCellDU=1 DRB.UEThpDl 17`,
    ]);
  });
});

describe.skipIf(!present)('the perf3gpp reports of ../shared/data/pm (skipped where they are absent)', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await createRig();
  });
  afterAll(() => rig.stop());

  test.each([
    // 27 numbers and a list; 2,667 results, of which 409 are lists and 27 a blank.
    [
      'ranpm/pm_report.json',
      27,
      'SubNetwork=CountryNN,MeContext=MEC-Gbg-1,ManagedElement=RNC-Gbg-1,RncFunction=RF-1,UtranCell=Gbg-997',
    ],
    ['ranpm/A20000626_perf3gpp.json', 2_231, 'nodedntest,ManagedElement=nodedntest,GNBCUCPFunction=1,NRCellCU=1'],
  ])('%s has no whole header and is refused; with one it gives %i samples', async (name, count, dn) => {
    const report = JSON.parse(read(name)) as { event: { perf3gppFields: object } };
    const refused = await rig.post(report);
    expect(refused.status).toBe(400);
    expect(refused.body).toContain('event/commonEventHeader/');
    const { commonEventHeader } = measurement({ eventId: name, source: name, objects: {} });
    const event = {
      commonEventHeader: { ...commonEventHeader, domain: 'perf3gpp' },
      perf3gppFields: report.event.perf3gppFields,
    };
    expect((await rig.post({ event })).status).toBe(202);
    const { samples } = await rig.get<{ samples: Sample[] }>(`/last?source=${encodeURIComponent(name)}`);
    expect(samples).toHaveLength(count);
    expect(samples.map((one) => one.dn)).toContain(dn);
  });
});
