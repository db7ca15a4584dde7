import { VES_BLOCKS } from '@ranloop/contracts/ves';
import type { Log } from '@ranloop/kit/log';
import type { Admin, ITopicConfig, Kafka, KafkaConfig as Options } from 'kafkajs';
import type { KafkaConfig } from './config.ts';

/** What a batch of records adds to the bytes of its messages: headers and, for each record, some varints. */
const BATCH_OVERHEAD = 65_536;

const DOMAINS = [...Object.keys(VES_BLOCKS), 'line-protocol'];
const TOPIC = 2;

export const topicsOf = (prefix: string): readonly string[] => DOMAINS.map((domain) => `${prefix}.${domain}`);

export function topicOf(prefix: string, domain: string): string {
  return `${prefix}.${DOMAINS.includes(domain) ? domain : 'other'}`;
}

/** The library is loaded only here, so that an installation without Kafka does without it. */
export async function loadKafka(config: KafkaConfig, log: Log) {
  const library = await import('kafkajs');
  const { brokers, tls, sasl, timeoutMs } = config;
  const kafka = new library.Kafka({
    clientId: 'ranloop',
    brokers: [...brokers],
    connectionTimeout: Math.min(timeoutMs, 5_000),
    requestTimeout: timeoutMs,
    ...(tls ? { ssl: { ...tls } } : {}),
    ...(sasl ? ({ sasl } as Pick<Options, 'sasl'>) : {}),
    retry: { initialRetryTime: 100, maxRetryTime: 2_000, retries: 5 },
    // An answer that the client will act upon is no fault: its own errors are for the trace, ours say what they meant.
    logCreator: () => (entry) => {
      const { message, error } = entry.log as { message: string; error?: unknown };
      log.debug({ kafka: entry.namespace, error }, message);
    },
  });
  return { library, kafka };
}

/** Makes the topics that are missing; gives the bytes that a batch may have in all of them. */
export async function prepareTopics(kafka: Kafka, config: KafkaConfig): Promise<number> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const existing = new Set(await admin.listTopics());
    const topics: ITopicConfig[] = topicsOf(config.prefix)
      .filter((topic) => !existing.has(topic))
      .map((topic) => ({
        topic,
        numPartitions: config.partitions,
        replicationFactor: config.replication,
        configEntries: [{ name: 'max.message.bytes', value: String(config.mostMessageBytes + BATCH_OVERHEAD) }],
      }));
    if (topics.length > 0) await admin.createTopics({ topics, waitForLeaders: true });
    return Math.min(config.mostMessageBytes, (await leastLimit(admin, config)) - BATCH_OVERHEAD);
  } finally {
    await admin.disconnect();
  }
}

/** Users who may not read the configuration of topics find out from the broker's refusals. */
async function leastLimit(admin: Admin, { prefix }: KafkaConfig): Promise<number> {
  const configNames = ['max.message.bytes'];
  const resources = topicsOf(prefix).map((name) => ({ type: TOPIC, name, configNames }));
  try {
    const described = await admin.describeConfigs({ resources, includeSynonyms: false });
    const limits = described.resources.flatMap(({ configEntries }) =>
      configEntries.map((one) => Number(one.configValue)),
    );
    return Math.min(...limits.filter((limit) => limit > 0));
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
