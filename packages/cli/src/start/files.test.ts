import { afterEach, expect, test, vi } from 'vitest';
import { createFileStore, fileAddresses } from './files.ts';
import { parseStartOptions } from './options.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

const store = (options: object) => createFileStore(parseStartOptions(options), '/nowhere');

test('files are kept in a folder unless a bucket is named', () => {
  expect(store({}).services).toEqual([]);
  expect(store({ filesS3: 's3://models/ranloop' }).services.map(({ name }) => name)).toEqual(['S3']);
});

test.each([
  [{ filesS3: 'models' }, /"models" is not of the form s3:\/\/bucket\/prefix/],
  [{ filesS3: 's3://M' }, /--files-s3: \/bucket must match/],
  [{ filesS3: 's3://models', filesS3Endpoint: 'minio:9000' }, /\/endpoint must match/],
  [{ filesS3: 's3://models', filesS3Style: 'dns' }, /\/filesS3Style must match/],
  [{ filesS3Endpoint: 'http://minio:9000' }, /--files-s3-endpoint says nothing without --files-s3/],
  [{ filesS3Region: 'eu-west-1' }, /--files-s3-region says nothing/],
])('options that say too little or the wrong thing are refused by name: %j', (options, message) => {
  expect(() => store(options)).toThrow(message);
});

test('half of a pair of keys is no credentials', () => {
  vi.stubEnv('RANLOOP_S3_ACCESS_KEY', 'key');
  expect(() => store({ filesS3: 's3://models' })).toThrow(/both RANLOOP_S3_ACCESS_KEY and RANLOOP_S3_SECRET_KEY/);
});

test('the file server is known by the names of this machine and those that are given', () => {
  const found = fileAddresses('http://0.0.0.0:8081', { filesUrl: 'https://files.example/store, http://edge:81,' });
  for (const address of [
    'http://0.0.0.0:8081',
    'http://localhost:8081',
    'http://127.0.0.1:8081',
    'http://[::1]:8081',
    'https://files.example/store',
    'http://edge:81',
  ])
    expect(found).toContain(address);
  expect(new Set(found).size).toBe(found.length);
  expect(fileAddresses('http://files', {})).toContain('http://localhost');
});
