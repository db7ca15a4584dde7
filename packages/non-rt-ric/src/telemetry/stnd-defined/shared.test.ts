import { existsSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { Refusal } from '../refusal.ts';
import { createStndDefined } from './index.ts';

const DATA = path.resolve(import.meta.dirname, '../../../../..', '../shared/data/ves');
const present = existsSync(DATA);

type Fields = Parameters<ReturnType<typeof createStndDefined>['check']>[0];
const fieldsOf = (file: string) =>
  (JSON.parse(readFileSync(path.join(DATA, 'onap', file), 'utf8')) as { event: { stndDefinedFields: Fields } }).event
    .stndDefinedFields;

test.skipIf(!present)(
  'the documents of 3GPP themselves, mapped as in ONAP (../shared; skipped where it is absent)',
  async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'ranloop-3gpp-'));
    const map = JSON.parse(readFileSync(path.join(DATA, '3gpp-openapi/schema-map.json'), 'utf8')) as {
      localURL: string;
    }[];
    const there = map.filter(({ localURL }) => existsSync(path.join(DATA, '3gpp-openapi', path.basename(localURL))));
    expect(there).toHaveLength(3);
    await writeFile(path.join(folder, 'schema-map.json'), JSON.stringify(there));
    for (const { localURL } of there) {
      await mkdir(path.join(folder, path.dirname(localURL)), { recursive: true });
      await copyFile(path.join(DATA, '3gpp-openapi', path.basename(localURL)), path.join(folder, localURL));
    }
    const { start, check } = createStndDefined({ folder, unknown: 'refuse' });
    await start();
    await rm(folder, { recursive: true });
    expect(check(fieldsOf('ves_stdnDefined_valid.json'))).toBeUndefined();
    const fieldOf = (file: string) => {
      try {
        check(fieldsOf(file));
        return 'accepted';
      } catch (error) {
        return error instanceof Refusal ? error.variables.at(-1) : String(error);
      }
    };
    expect(fieldOf('ves_stdnDefined_invalid.json')).toMatch(/^stndDefinedFields\/data\/(?:alarmId|perceivedSeverity)$/);
    expect(fieldOf('ves_stdnDefined_with_empty_stndDefined_fields_data.json')).toBe('stndDefinedFields/data/href');
  },
);
