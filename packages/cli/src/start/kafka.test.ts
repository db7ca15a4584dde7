import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { readKafka } from './kafka.ts';
import { parseStartOptions } from './options.ts';

const read = (given: Readonly<Record<string, unknown>>) => readKafka(parseStartOptions(given));

afterEach(() => vi.unstubAllEnvs());

test('without --kafka there is no bus, and what belongs to it is refused by name', () => {
  expect(read({})).toEqual({});
  expect(() => read({ kafkaRole: 'writer' })).toThrow(/--kafka-role says nothing without --kafka/);
  expect(() => read({ kafkaTls: true })).toThrow(/--kafka-tls says nothing/);
  expect(() => read({ kafkaSasl: 'plain' })).toThrow(/--kafka-sasl says nothing/);
});

test('brokers are separated by commas, and a wrong one is named', () => {
  const kafka = { brokers: ['a:9092', '[::1]:9093'], role: 'collector', prefix: 'ran' };
  expect(read({ kafka: 'a:9092, [::1]:9093', kafkaRole: 'collector', kafkaPrefix: 'ran' })).toEqual({ kafka });
  for (const wrong of ['a', 'a:', 'a:0', 'a:99999', 'http://a:9092', 'a:9092,', 'a b:1'])
    expect(() => read({ kafka: wrong }), wrong).toThrow(/--kafka: ".*" must be host:port/);
  expect(() => read({ kafka: 'a:1', kafkaRole: 'reader' })).toThrow(/kafkaRole/);
});

test('TLS takes files, and a certificate its key', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'ranloop-kafka-options-'));
  const ca = path.join(folder, 'ca.pem');
  writeFileSync(ca, 'CA');
  expect(read({ kafka: 'a:1', kafkaTls: true })).toEqual({ kafka: { brokers: ['a:1'], tls: {} } });
  expect(read({ kafka: 'a:1', kafkaCa: ca })).toEqual({ kafka: { brokers: ['a:1'], tls: { ca: 'CA' } } });
  expect(() => read({ kafka: 'a:1', kafkaCert: ca })).toThrow(/both --kafka-cert and --kafka-key/);
  expect(() => read({ kafka: 'a:1', kafkaCa: path.join(folder, 'none') })).toThrow(/--kafka-ca: .*none cannot be read/);
  rmSync(folder, { recursive: true });
});

test('user and password of SASL come from the environment', () => {
  const asked = { kafka: 'a:1', kafkaSasl: 'scram-sha-512' };
  expect(() => read(asked)).toThrow(/RANLOOP_KAFKA_USER and RANLOOP_KAFKA_PASSWORD/);
  vi.stubEnv('RANLOOP_KAFKA_USER', 'u');
  vi.stubEnv('RANLOOP_KAFKA_PASSWORD', 'p');
  const sasl = { mechanism: 'scram-sha-512', username: 'u', password: 'p' };
  expect(read(asked)).toEqual({ kafka: { brokers: ['a:1'], sasl } });
});
