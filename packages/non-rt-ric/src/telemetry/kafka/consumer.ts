import { RanloopError } from '@ranloop/contracts/errors';
import type { RefusedEvent } from '@ranloop/contracts/r1';
import type { Service } from '@ranloop/kit/lifecycle';
import type { Log } from '@ranloop/kit/log';
import type { Consumer, EachBatchPayload, KafkaMessage } from 'kafkajs';
import type { AcceptedEvent } from '../model.ts';
import { Refusal } from '../refusal.ts';
import type { Writer } from '../writer.ts';
import type { KafkaConfig } from './config.ts';
import { loadKafka, prepareTopics, topicsOf } from './connection.ts';
import { decodeEvent } from './message.ts';

export interface ReaderDeps {
  readonly writer: Writer;
  /** Resolves once the refusals are kept. */
  readonly onRefused: (refused: readonly RefusedEvent[]) => Promise<void>;
  readonly groupSamples: number;
  readonly log: Log;
}

interface Taken {
  readonly event: AcceptedEvent;
  readonly message: KafkaMessage;
}

const PAUSE_MS = 1_000;
const HEARTBEAT_MS = 1_000;
const MOST_EVENTS = 500;
const MOST_TRIES = 4;
const PARTITIONS_AT_ONCE = 4;

/**
 * Stores what stands on the bus. An offset is committed only after the store committed, so an event may be read twice and
 * is then known by its identity. While the store is away the partition waits; what cannot be stored at all is refused,
 * kept with its place on the bus, and passed over.
 */
export function createKafkaReader(config: KafkaConfig, deps: ReaderDeps): Service {
  const { writer, log } = deps;
  let consumer: Consumer | undefined;
  let stopping = false;
  let starting: Promise<void> = Promise.resolve();

  async function run(): Promise<void> {
    for (let tries = 0; !stopping; tries += 1) {
      try {
        await begin();
        return;
      } catch (error) {
        if (tries === 0) log.warn({ err: error }, 'the Kafka bus is away; nothing is read from it');
        await consumer?.disconnect().catch(() => undefined);
        await wait(PAUSE_MS);
      }
    }
  }

  async function begin(): Promise<void> {
    const { kafka } = await loadKafka(config, log);
    await prepareTopics(kafka, config);
    consumer = kafka.consumer({
      groupId: config.group,
      sessionTimeout: config.sessionMs,
      heartbeatInterval: HEARTBEAT_MS,
      maxBytesPerPartition: 1_048_576,
      maxBytes: 16 * 1_048_576,
      maxWaitTimeInMs: 500,
      retry: { initialRetryTime: 100, maxRetryTime: 2_000, retries: 5, restartOnFailure: async () => !stopping },
    });
    // The library takes up again what it thinks may pass, and leaves the rest to us.
    consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
      log.warn({ err: error, restart }, 'reading from the Kafka bus was interrupted');
      if (!restart && !stopping) starting = wait(PAUSE_MS).then(run);
    });
    await consumer.connect();
    await consumer.subscribe({ topics: [...topicsOf(config.prefix)], fromBeginning: true });
    await consumer.run({
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: PARTITIONS_AT_ONCE,
      eachBatch: (payload) => readBatch(payload),
    });
  }

  async function readBatch(payload: EachBatchPayload): Promise<void> {
    const { batch, resolveOffset, commitOffsetsIfNecessary, uncommittedOffsets } = payload;
    for (const chunk of chunks(batch.messages)) {
      if (!goesOn(payload)) return;
      const last = chunk.at(-1);
      if (!last || !(await storeChunk(chunk, payload))) return;
      resolveOffset(last.offset);
      await commitOffsetsIfNecessary(uncommittedOffsets());
    }
  }

  /** False when the chunk must be read again, here or by another writer. */
  async function storeChunk(chunk: readonly KafkaMessage[], payload: EachBatchPayload): Promise<boolean> {
    const refused: RefusedEvent[] = [];
    const refuse = (message: KafkaMessage, error: unknown, event?: AcceptedEvent) =>
      void refused.push(refusedMessage({ message, error, event, payload }));
    const taken: Taken[] = [];
    for (const message of chunk) {
      try {
        taken.push({ event: decodeEvent(message.value), message });
      } catch (error) {
        refuse(message, error);
      }
    }
    const outcome = await submitted(taken, payload);
    if (outcome === 'stopped') return false;
    if (outcome !== 'stored') {
      // One of them is refused: each by itself, in order, so that only that one is.
      for (const one of taken) {
        const alone = taken.length === 1 ? outcome : await submitted([one], payload);
        if (alone === 'stopped') return false;
        if (alone !== 'stored') refuse(one.message, alone, one.event);
      }
    }
    if (refused.length > 0) await deps.onRefused(refused);
    return true;
  }

  /** `stopped` when the partition is no longer ours before the store took them; an error when it never will. */
  async function submitted(taken: readonly Taken[], payload: EachBatchPayload): Promise<'stored' | 'stopped' | Error> {
    if (taken.length === 0) return 'stored';
    const events = taken.map(({ event }) => event);
    for (let faults = 0; ; ) {
      try {
        await withHeartbeats(writer.submit(events), payload);
        return 'stored';
      } catch (error) {
        if (isKafkas(error)) throw error;
        if (error instanceof Refusal && error.id !== 'SVC1000') return error;
        if (!isAway(error)) faults += 1;
        if (faults >= MOST_TRIES) return error as Error;
        await withHeartbeats(wait(PAUSE_MS), payload);
        if (!goesOn(payload)) return 'stopped';
      }
    }
  }

  const goesOn = ({ isRunning, isStale }: EachBatchPayload) => !stopping && isRunning() && !isStale();

  function* chunks(messages: readonly KafkaMessage[]): Generator<KafkaMessage[]> {
    let chunk: KafkaMessage[] = [];
    let bytes = 0;
    for (const message of messages) {
      chunk.push(message);
      bytes += message.value?.length ?? 0;
      // A sample has about 100 bytes.
      if (chunk.length < MOST_EVENTS && bytes < deps.groupSamples * 100) continue;
      yield chunk;
      chunk = [];
      bytes = 0;
    }
    if (chunk.length > 0) yield chunk;
  }

  return {
    async start() {
      starting = run();
    },
    async stop() {
      stopping = true;
      await consumer?.disconnect().catch((error: unknown) => log.warn({ err: error }, 'the Kafka bus was not left'));
      await starting;
    },
  };
}

/** A store that takes long must not look like a writer that died. What the heartbeat learns comes out after the work. */
async function withHeartbeats<T>(work: Promise<T>, { heartbeat }: EachBatchPayload): Promise<T> {
  let learned: { readonly error: unknown } | undefined;
  let beating: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    beating = heartbeat().catch((error: unknown) => {
      learned ??= { error };
    });
  }, HEARTBEAT_MS);
  try {
    const result = await work;
    await beating;
    if (learned) throw learned.error;
    return result;
  } finally {
    clearInterval(timer);
  }
}

interface RefusedMessage {
  readonly message: KafkaMessage;
  readonly error: unknown;
  readonly event: AcceptedEvent | undefined;
  readonly payload: EachBatchPayload;
}

function refusedMessage({ message, error, event, payload }: RefusedMessage): RefusedEvent {
  const { topic, partition } = payload.batch;
  const place = `${topic}/${partition} at offset ${message.offset}`;
  return {
    time: Date.now() * 1_000,
    source: event?.source ?? message.key?.toString('utf8') ?? '',
    domain: event?.domain ?? topic.slice(topic.lastIndexOf('.') + 1),
    eventId: event?.eventId ?? '',
    reason: `${error instanceof Error ? error.message : String(error)} (Kafka ${place})`,
    body: message.value?.toString('utf8') ?? '',
  };
}

const wait = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

const isKafkas = (error: unknown) => error instanceof Error && error.name.startsWith('KafkaJS');

const isAway = (error: unknown) =>
  (error instanceof Refusal && error.id === 'SVC1000') ||
  (error instanceof RanloopError && (error.code === 'RL_STORE' || error.code === 'RL_BUSY'));
