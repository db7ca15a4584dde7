import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Refusal } from '../refusal.ts';
import { createStndDefined } from './index.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ranloop-schemas-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const BASE = 'https://schemas.example.org/api';

async function withFiles(files: Readonly<Record<string, string>>, unknown: 'refuse' | 'accept' = 'refuse') {
  const at = await mkdtemp(path.join(folder, 'set-'));
  await mkdir(path.join(at, 'docs'));
  const entries = Object.keys(files).map((file) => ({ publicURL: `${BASE}/${file}`, localURL: `docs/${file}` }));
  await writeFile(path.join(at, 'schema-map.json'), JSON.stringify(entries));
  for (const [file, content] of Object.entries(files)) await writeFile(path.join(at, 'docs', file), content);
  const made = createStndDefined({ folder: at, unknown });
  await made.start();
  return made;
}

function refusalOf(check: () => unknown): readonly unknown[] {
  try {
    check();
  } catch (error) {
    if (error instanceof Refusal) return [error.id, error.status, ...error.variables];
    throw error;
  }
  return [];
}

const data = (schemaReference: string, value: Record<string, unknown>) => ({
  stndDefinedFieldsVersion: '1.0' as const,
  schemaReference,
  data: value,
});

const ALARMS = `
openapi: 3.0.1
components:
  schemas:
    Severity:
      type: string
      enum: [MAJOR, MINOR]
      nullable: true
    Node:
      type: object
      properties:
        child: { $ref: '#/components/schemas/Node' }
        level: { type: integer, minimum: 0, exclusiveMinimum: true }
    Alarm:
      allOf:
        - $ref: 'other.yaml#/components/schemas/Header'
        - type: object
          required: [severity]
          properties:
            severity: { $ref: '#/components/schemas/Severity' }
            nullable: { type: string }
            any: { nullable: true }
    Broken:
      $ref: 'gone.yaml#/components/schemas/Gone'
`;
const OTHER = JSON.stringify({
  openapi: '3.0.1',
  components: { schemas: { Header: { type: 'object', required: ['id'], properties: { id: { type: 'integer' } } } } },
});

describe('schemas of a folder', () => {
  test('data follows its schema through references to other documents, or the field is named', async () => {
    const { check } = await withFiles({ 'alarms.yaml': ALARMS, 'other.yaml': OTHER });
    for (const pointer of ['#components/schemas/Alarm', '#/components/schemas/Alarm']) {
      const at = `${BASE}/alarms.yaml${pointer}`;
      expect(check(data(at, { id: 1, severity: null, nullable: 'x', any: null }))).toBeUndefined();
      expect(refusalOf(() => check(data(at, { id: 1 })))).toEqual([
        'SVC2000',
        400,
        'stndDefined data does not follow its schema: is required',
        '400',
        'stndDefinedFields/data/severity',
      ]);
      expect(refusalOf(() => check(data(at, { id: 'one', severity: 'MAJOR' }))).at(-1)).toBe(
        'stndDefinedFields/data/id',
      );
    }
  });

  test('a schema that refers to itself follows the data down, and ends with data that is too deep', async () => {
    const { check } = await withFiles({ 'alarms.yaml': ALARMS, 'other.yaml': OTHER });
    const at = `${BASE}/alarms.yaml#/components/schemas/Node`;
    const nested = (depth: number, level: unknown) => {
      let node: Record<string, unknown> = { level };
      for (let count = 0; count < depth; count += 1) node = { child: node };
      return node;
    };
    expect(check(data(at, nested(3, 1)))).toBeUndefined();
    expect(refusalOf(() => check(data(at, nested(3, 0)))).at(-1)).toBe(
      'stndDefinedFields/data/child/child/child/level',
    );
    expect(refusalOf(() => check(data(at, nested(200_000, 1))))).toContain(
      'stndDefined data does not follow its schema: is nested too deeply',
    );
  });

  test('a pointer to nothing, a broken schema and an unknown address are told apart', async () => {
    const { check } = await withFiles({ 'alarms.yaml': ALARMS, 'other.yaml': OTHER });
    const nothing = refusalOf(() => check(data(`${BASE}/alarms.yaml#/components/schemas/Nothing`, {})));
    expect(nothing.slice(0, 2)).toEqual(['SVC2000', 400]);
    expect(nothing[2]).toContain('has no schema at');
    expect(refusalOf(() => check(data(`${BASE}/alarms.yaml#/components/schemas/Broken`, {})))[2]).toContain(
      'gone.yaml',
    );
    for (const pointer of ['#/__proto__', '#/constructor', '#/%E0%A4%A', '#/components/schemas'])
      expect(refusalOf(() => check(data(`${BASE}/alarms.yaml${pointer}`, {})))[0]).toBe('SVC2000');
    expect(refusalOf(() => check(data(`${BASE}/unknown.yaml#/x`, {}))).slice(0, 4)).toEqual([
      'SVC2004',
      undefined,
      'attribute',
      'stndDefinedFields/schemaReference',
    ]);
  });

  test('a JSON schema without OpenAPI around it is used whole or by its definitions', async () => {
    const schema = {
      $schema: 'http://json-schema.org/draft-04/schema#',
      id: 'https://elsewhere.example.org/x',
      type: 'object',
      properties: { speed: { $ref: '#/definitions/Speed' } },
      definitions: { Speed: { type: 'number', maximum: 10, exclusiveMaximum: true } },
    };
    const { check } = await withFiles({ 'car.json': JSON.stringify(schema) });
    expect(check(data(`${BASE}/car.json`, { speed: 9.9 }))).toBeUndefined();
    expect(refusalOf(() => check(data(`${BASE}/car.json#`, { speed: 10 }))).at(-1)).toBe(
      'stndDefinedFields/data/speed',
    );
    expect(refusalOf(() => check(data(`${BASE}/car.json#/definitions/Speed`, {}))).at(-1)).toBe(
      'stndDefinedFields/data',
    );
  });

  test('by option an unknown reference is taken with a note', async () => {
    const { check } = await withFiles({}, 'accept');
    expect(check(data('https://elsewhere.example.org/a.yaml#/b', {}))).toContain('was not checked');
  });

  test('a map that leaves the folder, a file that is gone and one that holds no schemas end the start', async () => {
    const bad = async (localURL: string, content?: string) => {
      const at = await mkdtemp(path.join(folder, 'bad-'));
      await writeFile(path.join(at, 'schema-map.json'), JSON.stringify([{ publicURL: BASE, localURL }]));
      if (content !== undefined) await writeFile(path.join(at, localURL), content);
      if (localURL === 'link.yaml') await symlink('/etc/hostname', path.join(at, localURL));
      return createStndDefined({ folder: at, unknown: 'refuse' })
        .start()
        .then(() => 'started')
        .catch((error: { code?: string; message: string }) => `${error.code} ${error.message}`);
    };
    expect(await bad('../../x.yaml')).toMatch(/^RL_CONFIG .*x\.yaml/);
    expect(await bad('link.yaml')).toMatch(/outside of the folder/);
    expect(await bad('gone.yaml')).toMatch(/^RL_CONFIG .*gone\.yaml/);
    expect(await bad('text.yaml', 'just text')).toMatch(/holds no schemas/);
    expect(await bad('deep.yaml', `a: ${'['.repeat(300)}${']'.repeat(300)}`)).toMatch(/^RL_CONFIG/);
  });
});

describe('schemas that are shipped', () => {
  const { check } = createStndDefined({ unknown: 'refuse' });
  const SA5 = 'https://forge.3gpp.org/rep/sa5/MnS';
  const header = (notificationType: string) => ({
    href: 'https://gnb.example.org/1',
    notificationId: 1,
    notificationType,
    eventTime: '2026-01-05T00:00:00Z',
    systemDN: 'DC=example,ManagedElement=1',
  });
  const alarm = {
    alarmId: 'a1',
    alarmType: 'EQUIPMENT_ALARM',
    probableCause: 350,
    perceivedSeverity: 'MAJOR',
  };

  test.each([
    ['blob/SA88-Rel16/OpenAPI/faultMnS.yaml#components/schemas/NotifyNewAlarm', 'notifyNewAlarm', alarm],
    ['raw/Rel-18/OpenAPI/TS28111_FaultNrm.yaml#/components/schemas/NotifyClearedAlarm', 'notifyClearedAlarm', alarm],
    ['raw/Rel-16/OpenAPI/TS28532_HeartbeatNtf.yaml#components/schemas/NotifyHeartbeat', 'notifyHeartbeat', {}],
    [
      'blob/Rel-18/OpenAPI/TS28532_FileDataReportingMnS.yaml#components/schemas/NotifyFileReady',
      'notifyFileReady',
      { fileInfoList: [{ fileLocation: 'sftp://gnb/a.xml', fileSize: 3 }] },
    ],
    ['blob/Rel-17/OpenAPI/TS28532_ProvMnS.yaml#/components/schemas/NotifyMoiCreation', 'notifyMOICreation', {}],
  ])('%s', (reference, type, members) => {
    const whole = { ...header(type), ...members };
    expect(check(data(`${SA5}/${reference}`, whole))).toBeUndefined();
    for (const required of ['href', 'systemDN', ...Object.keys(members)]) {
      const { [required]: _left, ...rest } = whole as Record<string, unknown>;
      expect(refusalOf(() => check(data(`${SA5}/${reference}`, rest))).at(-1)).toBe(
        `stndDefinedFields/data/${required}`,
      );
    }
  });

  test('what is not among them is an unknown reference, and none at all skips the stage', () => {
    for (const reference of [
      `${SA5}/blob/Rel-16/OpenAPI/TS28532_FaultMnS.yaml#components/schemas/Other`,
      `${SA5}/blob/Rel-16/OpenAPI/nrNrm.yaml#components/schemas/X`,
      'https://example.org/rep/sa5/MnS/OpenAPI/faultMnS.yaml#components/schemas/NotifyNewAlarm',
    ])
      expect(refusalOf(() => check(data(reference, {})))[0]).toBe('SVC2004');
    expect(check({ stndDefinedFieldsVersion: '1.0', data: {} })).toBeUndefined();
    expect(check(data('', {}))).toBeUndefined();
  });
});
