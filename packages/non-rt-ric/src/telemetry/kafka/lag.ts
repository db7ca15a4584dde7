import type { Service } from '@ranloop/kit/lifecycle';
import type { Log } from '@ranloop/kit/log';
import type { Metrics } from '@ranloop/kit/metrics';
import type { Admin } from 'kafkajs';
import type { KafkaConfig } from './config.ts';
import { loadKafka, topicsOf } from './connection.ts';

const EVERY_MS = 5_000;

/**
 * Events on the bus that no writer of the group has stored yet, by topic. Asked of the broker and not of our own consumer,
 * so that it grows also while that one stands still.
 */
export function createLagMeter(config: KafkaConfig, metrics: Metrics, log: Log): Service {
  const lag = metrics.gauge('kafka_consumer_lag', 'Events on the Kafka bus that are not stored yet', ['topic']);
  const topics = topicsOf(config.prefix);
  let admin: Admin | undefined;
  let timer: NodeJS.Timeout | undefined;
  let measuring: Promise<void> = Promise.resolve();
  let stopped = false;

  async function measure(): Promise<void> {
    try {
      if (!admin) {
        const made = (await loadKafka(config, log)).kafka.admin();
        await made.connect();
        admin = made;
      }
      const committed = await admin.fetchOffsets({ groupId: config.group, topics: [...topics] });
      for (const { topic, partitions } of committed) {
        const done = new Map(partitions.map(({ partition, offset }) => [partition, Number(offset)]));
        const ends = await admin.fetchTopicOffsets(topic);
        // A partition that nobody committed yet, or whose oldest messages are gone, begins at its oldest message.
        const from = ({ partition, low }: (typeof ends)[number]) => Math.max(done.get(partition) ?? 0, Number(low));
        lag.set(
          { topic },
          ends.reduce((sum, end) => sum + Math.max(0, Number(end.high) - from(end)), 0),
        );
      }
    } catch (error) {
      log.debug({ err: error }, 'the lag on the Kafka bus was not measured');
      await admin?.disconnect().catch(() => undefined);
      admin = undefined;
    }
    if (!stopped) timer = setTimeout(turn, EVERY_MS).unref();
  }

  const turn = () => {
    measuring = measure();
  };

  return {
    async start() {
      timer = setTimeout(turn, EVERY_MS).unref();
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await measuring;
      await admin?.disconnect();
    },
  };
}
