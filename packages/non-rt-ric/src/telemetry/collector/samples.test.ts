import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { VesRequestError } from '@ranloop/contracts/ves';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRig, type Rig } from '../testing/rig.ts';

const DATA = path.resolve(import.meta.dirname, '../../../../..', '../shared/data/ves');
const present = existsSync(DATA);

interface Verdict {
  readonly file: string;
  readonly status: number;
  /** Message and field of the refusal. */
  readonly refusal?: readonly [id: string, field: string];
  /** Events kept as documents, and samples, that the file adds to an empty store. */
  readonly documents?: number;
  readonly samples?: number;
  readonly why: string;
}

/** Worked out by hand from the specification, file by file. */
const VERDICTS: readonly Verdict[] = [
  {
    file: 'onap/measurement7x.json',
    status: 202,
    documents: 0,
    samples: 59,
    why: 'processors 12 + 4 x 5 values, interfaces 2 x 10, memory 7; a key beside `event` is allowed by the root of the schema',
  },
  { file: 'onap/ves7_batch_valid.json', status: 202, documents: 2, samples: 0, why: 'two faults' },
  {
    file: 'onap/ves7_batch_with_stndDefined_valid.json',
    status: 202,
    documents: 1,
    samples: 0,
    why: 'its two events have one eventId and one time: the second repeats the first',
  },
  {
    file: 'onap/ves7_invalid_30_1_1_event.json',
    status: 400,
    refusal: ['SVC0002', 'event/commonEventHeader/vesEventListenerVersion'],
    why: 'there is no version 30.0.1 of the listener',
  },
  { file: 'onap/ves7_valid_30_1_1_event.json', status: 202, documents: 1, samples: 0, why: 'a whole fault' },
  {
    file: 'onap/ves7_valid_ip_v6.json',
    status: 202,
    documents: 1,
    samples: 0,
    why: 'a compressed IPv6 address is one',
  },
  {
    file: 'onap/ves_stdnDefined_empty_namespace_invalid.json',
    status: 400,
    refusal: ['SVC2006', 'event/commonEventHeader/stndDefinedNamespace'],
    why: 'stndDefined needs a namespace, and an empty one names nothing',
  },
  {
    file: 'onap/ves_stdnDefined_missing_namespace_invalid.json',
    status: 400,
    refusal: ['SVC2006', 'event/commonEventHeader/stndDefinedNamespace'],
    why: 'stndDefined needs a namespace',
  },
  {
    file: 'onap/ves_stdnDefined_invalid.json',
    status: 400,
    refusal: ['SVC2000', 'event/stndDefinedFields/data/alarmId'],
    why: 'the alarmId of NotifyNewAlarm is text, not a number',
  },
  { file: 'onap/ves_stdnDefined_valid.json', status: 202, documents: 1, samples: 0, why: 'valid' },
  {
    file: 'onap/ves_stdnDefined_valid_unknown_topic.json',
    status: 202,
    documents: 1,
    samples: 0,
    why: 'any namespace will do: topics are not ours; its times are in seconds',
  },
  {
    file: 'onap/ves_stdnDefined_with_empty_stndDefined_fields_data.json',
    status: 400,
    refusal: ['SVC2000', 'event/stndDefinedFields/data/href'],
    why: 'an empty object lacks what NotifyNewAlarm asks for, first of all href',
  },
  {
    file: 'smo-ves/stdDefined.json',
    status: 400,
    refusal: ['SVC2006', 'event'],
    why: 'a JSON schema of a person, not an event',
  },
  {
    file: 'smo-ves/CommonEventFormat-v7-2-2.json',
    status: 400,
    refusal: ['SVC2006', 'event'],
    why: 'the schema of events, not an event',
  },
];

/** The O1 scripts' templates: refused as they stand, since a placeholder is no number and no domain; taken when filled in. */
const TEMPLATES: readonly (readonly [file: string, domain: string, documents: number, samples: number])[] = [
  ['event-list', 'fault', 2, 0],
  ['fault', 'fault', 1, 0],
  ['heartbeat', 'heartbeat', 1, 0],
  // Two interfaces with four counters, six quantities of the whole source; a feature in use makes it a document too.
  ['measurement', 'measurement', 1, 14],
  ['notification', 'notification', 1, 0],
  ['pnfRegistration', 'pnfRegistration', 1, 0],
  ['stateChange', 'stateChange', 1, 0],
  ['stndDefined-heartbeat', 'stndDefined', 1, 0],
  ['stndDefined-r16-notify-cleared-alarm', 'stndDefined', 1, 0],
  ['stndDefined-r16-notify-file-ready', 'stndDefined', 1, 0],
  ['stndDefined-r16-notify-new-alarm', 'stndDefined', 1, 0],
  ['stndDefined-r18-notify-cleared-alarm', 'stndDefined', 1, 0],
  ['stndDefined-r18-notify-new-alarm', 'stndDefined', 1, 0],
  ['thresholdCrossingAlert', 'thresholdCrossingAlert', 1, 0],
];

const FILLING: Readonly<Record<string, string>> = {
  severity: 'MAJOR',
  action: 'SET',
  oamIp: '10.1.2.3',
  oamIpV6: '2001:db8::1',
};
const NUMERIC = /"@(?:timestamp|collectionStartTime|collectionEndTime)@"/g;

const template = (file: string) => readFileSync(path.join(DATA, 'oam-templates', `${file}.json`), 'utf8');
const filled = (file: string, domain: string) =>
  template(file)
    .replace(NUMERIC, '1767571200000000')
    .replace(/@(\w+)@/g, (_whole, name: string) => (name === 'domain' ? domain : (FILLING[name] ?? `${name}-1`)));

describe.skipIf(!present)('the files of ../shared/data/ves (skipped where they are absent)', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await createRig();
  });
  afterAll(() => rig.stop());

  async function emptied(): Promise<void> {
    const tables = ['events', 'seen', 'points'].map((table) => `telemetry.${table}`);
    await rig.database.pool.query(`truncate ${tables.join(', ')}`);
  }

  async function count(table: 'events' | 'points'): Promise<number> {
    const { rows } = await rig.database.pool.query<{ count: number }>(`select count(*) from telemetry.${table}`);
    return rows[0]?.count ?? -1;
  }

  const post = (body: string) =>
    rig.post(body, body.includes('"eventList": [') ? { path: '/eventListener/v7/eventBatch' } : {});

  test.each(VERDICTS)('$file: $status, since: $why', async ({ file, status, refusal, documents = 0, samples = 0 }) => {
    await emptied();
    const answer = await post(readFileSync(path.join(DATA, file), 'utf8'));
    expect(answer.status).toBe(status);
    if (refusal) {
      const { serviceException } = (JSON.parse(answer.body) as VesRequestError).requestError;
      const field = serviceException?.variables?.find((variable) => variable.startsWith('event'));
      expect([serviceException?.messageId, field]).toEqual(refusal);
    }
    expect([await count('events'), await count('points')]).toEqual([documents, samples]);
  });

  test.each(TEMPLATES)(
    'oam-templates/%s is refused as it stands and taken when filled in',
    async (file, ...expected) => {
      const [domain, documents, samples] = expected;
      await emptied();
      expect((await post(template(file))).status).toBe(400);
      const answer = await post(filled(file, domain));
      expect(answer, answer.body).toMatchObject({ status: 202 });
      expect([await count('events'), await count('points')]).toEqual([documents, samples]);
    },
  );

  test('oam-templates/stndDefined-o1NotifyPnfRegistration refers to a YANG module, which is no schema known here', async () => {
    await emptied();
    const answer = await post(filled('stndDefined-o1NotifyPnfRegistration', 'stndDefined'));
    const { serviceException } = (JSON.parse(answer.body) as VesRequestError).requestError;
    expect([answer.status, serviceException?.messageId, serviceException?.variables?.[1]]).toEqual([
      400,
      'SVC2004',
      'event/stndDefinedFields/schemaReference',
    ]);
    expect(await count('events')).toBe(0);
  });

  test('every JSON file there has a verdict', () => {
    const files = ['onap', 'oam-templates', 'smo-ves'].flatMap((folder) =>
      readdirSync(path.join(DATA, folder)).map((name) => `${folder}/${name}`),
    );
    const judged = [
      ...VERDICTS.map(({ file }) => file),
      ...TEMPLATES.map(([file]) => `oam-templates/${file}.json`),
      'oam-templates/stndDefined-o1NotifyPnfRegistration.json',
    ];
    expect(judged.sort()).toEqual(files.sort());
  });
});
