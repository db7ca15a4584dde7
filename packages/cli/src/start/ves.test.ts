import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { parseStartOptions } from './options.ts';
import { vesClients, vesSettings } from './ves.ts';

const settings = (given: Record<string, unknown>) => vesSettings(parseStartOptions(given));

test('without options events need a key, batches are whole, and unknown schemas are refused', () => {
  expect(settings({})).toEqual({
    vesAuth: 'basic',
    vesSubjects: [],
    batch: 'whole',
    stndDefined: { unknown: 'refuse' },
  });
  expect(vesClients({})).toEqual({});
});

test('client certificates need a CA, and a CA needs them to be asked for', () => {
  expect(() => settings({ vesAuth: 'both' })).toThrow('--ves-ca');
  expect(() => settings({ vesCa: 'ca.pem' })).toThrow('--ves-auth');
  expect(() => settings({ vesAuth: 'token', vesCa: 'ca.pem' })).toThrow('vesAuth');
  expect(settings({ vesAuth: 'either', vesCa: 'ca.pem', vesSubjects: 'CN=gnb-*,O=Acme; CN=probe' })).toMatchObject({
    vesAuth: 'either',
    vesSubjects: ['CN=gnb-*,O=Acme', 'CN=probe'],
  });
});

test('the CA is a file of PEM certificates', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'ranloop-ca-'));
  const file = path.join(folder, 'ca.pem');
  await writeFile(file, 'no certificate');
  expect(() => vesClients({ vesCa: file })).toThrow('--ves-ca');
  expect(() => vesClients({ vesCa: path.join(folder, 'gone.pem') })).toThrow('--ves-ca');
  await writeFile(file, '-----BEGIN CERTIFICATE-----\n');
  expect(vesClients({ vesCa: file }).requestCert).toBe(true);
  await rm(folder, { recursive: true });
});
