import { readFileSync } from 'node:fs';
import { RanloopError } from '@ranloop/contracts/errors';
import { environment } from '@ranloop/kit/config';
import type { StartOptions } from './options.ts';

/** The `kafka` part of the telemetry room's configuration, from `--kafka` and its companions; empty without it. */
export function readKafka(options: StartOptions): { kafka?: unknown } {
  const { kafka, kafkaRole: role, kafkaPrefix: prefix, kafkaSasl: mechanism } = options;
  const { kafkaTls, kafkaCa, kafkaCert, kafkaKey } = options;
  if (kafka === undefined) {
    const companions = { role, prefix, tls: kafkaTls || undefined, ca: kafkaCa, cert: kafkaCert, key: kafkaKey };
    const idle = Object.entries({ ...companions, sasl: mechanism }).find(([, value]) => value !== undefined);
    if (idle) throw new RanloopError('RL_CONFIG', `--kafka-${idle[0]} says nothing without --kafka host:port`);
    return {};
  }
  if ((kafkaCert === undefined) !== (kafkaKey === undefined))
    throw new RanloopError('RL_CONFIG', 'give both --kafka-cert and --kafka-key, or none of them');
  const files = { ...pem('ca', kafkaCa), ...pem('cert', kafkaCert), ...pem('key', kafkaKey) };
  const tls = kafkaTls || Object.keys(files).length > 0;
  return {
    kafka: {
      brokers: brokersOf(kafka),
      ...(role === undefined ? {} : { role }),
      ...(prefix === undefined ? {} : { prefix }),
      ...(tls ? { tls: files } : {}),
      ...(mechanism === undefined ? {} : { sasl: { mechanism, ...credentials() } }),
    },
  };
}

function brokersOf(text: string): string[] {
  const brokers = text.split(',').map((broker) => broker.trim());
  for (const broker of brokers) {
    const [, port] = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):([0-9]{1,5})$/.exec(broker) ?? [];
    if (port === undefined || Number(port) < 1 || Number(port) > 65_535)
      throw new RanloopError('RL_CONFIG', `--kafka: "${broker}" must be host:port`);
  }
  return brokers;
}

function pem(name: 'ca' | 'cert' | 'key', file: string | undefined): Partial<Record<typeof name, string>> {
  if (file === undefined) return {};
  try {
    return { [name]: readFileSync(file, 'utf8') };
  } catch (cause) {
    throw new RanloopError('RL_CONFIG', `--kafka-${name}: ${file} cannot be read`, { cause });
  }
}

/** By the environment alone: what stands on a command line, every user of the machine can read. */
function credentials(): { username: string; password: string } {
  const env = environment();
  const username = env['RANLOOP_KAFKA_USER'];
  const password = env['RANLOOP_KAFKA_PASSWORD'];
  if (!username || !password)
    throw new RanloopError('RL_CONFIG', '--kafka-sasl needs RANLOOP_KAFKA_USER and RANLOOP_KAFKA_PASSWORD');
  return { username, password };
}
