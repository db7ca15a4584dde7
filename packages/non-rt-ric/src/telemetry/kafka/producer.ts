import { RanloopError } from '@ranloop/contracts/errors';
import type { Log } from '@ranloop/kit/log';
import type { Producer } from 'kafkajs';
import type { AcceptedEvent } from '../model.ts';
import type { Writer, Written } from '../writer.ts';
import type { KafkaConfig } from './config.ts';
import { loadKafka, prepareTopics, topicOf } from './connection.ts';
import { encodeEvent } from './message.ts';

interface Outgoing {
  readonly topic: string;
  readonly key: string;
  readonly value: string;
  readonly bytes: number;
  readonly settle: (error?: unknown) => void;
}

export interface KafkaWriter extends Writer {
  start(): void;
  stop(): Promise<void>;
}

const PAUSE_MS = 1_000;
/** Of a record besides key and value. */
const RECORD_BYTES = 64;

/**
 * A writer whose events are durable once the broker has them: all in-sync replicas acknowledged (acks=all). One batch is
 * under way at a time, so what is submitted first stands first in its partition. A batch that fails is answered 503 and
 * may still come to stand on the bus; whoever sends it again makes a repetition, which is stored once.
 */
export function createKafkaWriter(config: KafkaConfig, log: Log, onSent: (written: Written) => void): KafkaWriter {
  const queue: Outgoing[] = [];
  let waiting = 0;
  let limit = config.mostMessageBytes;
  let producer: Producer | undefined;
  let stopping = false;
  let sending: Promise<void> | undefined;
  let connecting: Promise<void> = Promise.resolve();
  let wake: () => void = () => undefined;

  async function connect(): Promise<void> {
    for (let tries = 0; !stopping; tries += 1) {
      try {
        producer = await connected();
        if (tries > 0) log.info('the Kafka bus is there');
        return;
      } catch (error) {
        if (tries === 0) log.warn({ err: error }, 'the Kafka bus is away; events are answered 503');
        await pause();
      }
    }
  }

  async function connected(): Promise<Producer> {
    const { kafka, library } = await loadKafka(config, log);
    limit = await prepareTopics(kafka, config);
    const made = kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      createPartitioner: library.Partitioners.DefaultPartitioner,
      retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 8 },
    });
    await made.connect();
    return made;
  }

  const pause = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, PAUSE_MS);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  async function work(): Promise<void> {
    // Requests that arrive in one turn of the event loop go together.
    await new Promise(setImmediate);
    while (queue.length > 0) await settle(take());
    // In the same turn as the look at the queue, or what comes in between would wait for nobody.
    sending = undefined;
  }

  /** The broker bounds a batch, not a message. */
  function take(): Outgoing[] {
    const group: Outgoing[] = [];
    let bytes = 0;
    for (let next = queue[0]; next && (group.length === 0 || bytes + next.bytes <= limit); next = queue[0]) {
      bytes += next.bytes;
      group.push(next);
      queue.shift();
    }
    return group;
  }

  async function settle(group: readonly Outgoing[]): Promise<void> {
    try {
      await send(group);
      for (const one of group) one.settle();
    } catch (error) {
      if (!isTooLarge(error)) {
        for (const one of group) one.settle(error);
        return;
      }
      if (group.length > 1) for (const one of group) await settle([one]);
      else for (const one of group) one.settle(tooLarge(one.bytes, limit));
    }
  }

  async function send(group: readonly Outgoing[]): Promise<void> {
    const current = producer;
    if (!current) throw away();
    const byTopic = new Map<string, { key: string; value: string }[]>();
    for (const { topic, key, value } of group) {
      const messages = byTopic.get(topic) ?? [];
      if (messages.length === 0) byTopic.set(topic, messages);
      messages.push({ key, value });
    }
    const topicMessages = [...byTopic].map(([topic, messages]) => ({ topic, messages }));
    try {
      await inTime(current.sendBatch({ acks: -1, timeout: config.timeoutMs, topicMessages }), config.timeoutMs);
    } catch (error) {
      // What a failed producer still tries is unknown; a new one has an identity and sequences of its own.
      if (producer === current) {
        producer = undefined;
        connecting = connect();
      }
      void current.disconnect().catch(() => undefined);
      if (isTooLarge(error)) {
        await inTime(connecting, config.timeoutMs);
        throw error;
      }
      log.warn({ err: error }, 'the Kafka bus did not take events');
      throw away();
    }
  }

  return {
    start() {
      connecting = connect();
    },
    async submit(events) {
      if (!producer || stopping) throw away();
      const messages = events.map((event) => messageOf(event, config.prefix));
      const largest = messages.reduce((most, { bytes }) => Math.max(most, bytes), 0);
      if (largest > limit) throw tooLarge(largest, limit);
      const bytes = messages.reduce((sum, message) => sum + message.bytes, 0);
      if (waiting > 0 && waiting + bytes > config.mostBytesWaiting)
        throw new RanloopError('RL_BUSY', 'too much waits for the Kafka bus; send it again');
      waiting += bytes;
      try {
        await enqueued(messages);
      } finally {
        waiting -= bytes;
      }
      const written = { events: events.length, repeated: 0, points: events.flatMap(({ points }) => points) };
      onSent(written);
      return written;
    },
    async drain() {
      await sending;
    },
    async stop() {
      stopping = true;
      wake();
      await sending;
      await connecting;
      await producer?.disconnect();
    },
  };

  /** Resolves once each of the messages is acknowledged. */
  function enqueued(messages: readonly Omit<Outgoing, 'settle'>[]): Promise<void> {
    return new Promise((resolve, reject) => {
      let left = messages.length;
      let failure: unknown;
      const settle = (error?: unknown) => {
        left -= 1;
        failure ??= error;
        if (left > 0) return;
        if (failure === undefined) resolve();
        else reject(failure);
      };
      if (left === 0) resolve();
      for (const message of messages) queue.push({ ...message, settle });
      sending ??= work();
    });
  }
}

function messageOf(event: AcceptedEvent, prefix: string): Omit<Outgoing, 'settle'> {
  const value = encodeEvent(event);
  const bytes = Buffer.byteLength(value) + Buffer.byteLength(event.source) + RECORD_BYTES;
  return { topic: topicOf(prefix, event.domain), key: event.source, value, bytes };
}

async function inTime<T>(promise: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

const away = () => new RanloopError('RL_STORE', 'the Kafka bus is away; send it again');

const tooLarge = (bytes: number, limit: number) =>
  new RanloopError('RL_TOO_LARGE', `an event makes ${bytes} bytes on the Kafka bus, which takes ${limit}`);

const isTooLarge = (error: unknown) => (error as { type?: unknown }).type === 'MESSAGE_TOO_LARGE';
