import type { RefusedEvent } from '@ranloop/contracts/r1';
import type { Service } from '@ranloop/kit/lifecycle';
import type { Log } from '@ranloop/kit/log';
import type { Metrics } from '@ranloop/kit/metrics';
import type { Writer } from '../writer.ts';
import type { KafkaConfig } from './config.ts';
import { createKafkaReader } from './consumer.ts';
import { createLagMeter } from './lag.ts';
import { createKafkaWriter } from './producer.ts';

export interface KafkaBusDeps {
  /** The store's. */
  readonly writer: Writer;
  readonly onRefused: (refused: readonly RefusedEvent[]) => Promise<void>;
  readonly groupSamples: number;
  readonly metrics: Metrics;
  readonly log: Log;
}

export interface KafkaBus extends Service {
  /** Where the room's doors put what they accept. */
  readonly door: Writer;
}

/** The optional bus between doors and store. A broker that is away holds up neither start nor stop. */
export function createKafkaBus(config: KafkaConfig, deps: KafkaBusDeps): KafkaBus {
  const { writer, metrics, log } = deps;
  const sent = metrics.counter('kafka_events_sent_total', 'Events that the Kafka bus acknowledged');
  const producer =
    config.role === 'writer' ? undefined : createKafkaWriter(config, log, ({ events }) => sent.inc(events));
  const readers =
    config.role === 'collector' ? [] : [createKafkaReader(config, deps), createLagMeter(config, metrics, log)];
  return {
    door: producer ?? writer,
    async start() {
      producer?.start();
      for (const reader of readers) await reader.start();
    },
    async stop() {
      await producer?.stop();
      await Promise.all(readers.map((reader) => reader.stop()));
    },
  };
}
