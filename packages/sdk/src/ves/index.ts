import { RanloopError } from '@ranloop/contracts/errors';

/** A VES event body: what stands under `event`, or in `eventList`. */
export type VesEvent = Readonly<Record<string, unknown>>;

export interface VesClientConfig {
  /** Server root, without `/eventListener`. */
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly fetch?: typeof fetch;
  /** Attempts for one request while the collector is away or answers 5xx. */
  readonly attempts?: number;
}

export interface VesClient {
  /**
   * Publishes events in order, in requests of at most about 1 MB (VES 7.2 section 4.2: 2 MB is the hard limit).
   * Resolves when all are acknowledged. Throws RL_INVALID with the collector's words when an event is refused,
   * RL_UPSTREAM when the collector stays away.
   */
  publish(events: readonly VesEvent[]): Promise<void>;
}

const MOST_BYTES = 1_000_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

export function createVesClient(config: VesClientConfig): VesClient {
  const root = `${config.url.replace(/\/+$/, '')}/eventListener/v7`;
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (config.username !== undefined)
    headers['authorization'] = `Basic ${base64(`${config.username}:${config.password ?? ''}`)}`;
  const send = config.fetch ?? fetch;
  const attempts = config.attempts ?? 30;

  async function post(path: string, body: string): Promise<void> {
    let pause = FIRST_PAUSE_MS;
    let last = 'no answer';
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      try {
        const response = await send(root + path, { method: 'POST', headers, body });
        const text = await response.text();
        if (response.ok) return;
        if (response.status < 500) throw refusal(response.status, text);
        last = `HTTP ${response.status} ${text.slice(0, 300)}`;
      } catch (error) {
        if (error instanceof RanloopError) throw error;
        last = error instanceof Error ? causeOf(error) : String(error);
      }
      await new Promise((resolve) => setTimeout(resolve, pause));
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
    throw new RanloopError('RL_UPSTREAM', `the VES collector at ${config.url} did not accept the events: ${last}`);
  }

  return {
    async publish(events) {
      for (const batch of batches(events)) {
        if (batch.length === 1) await post('', `{"event":${batch[0]}}`);
        else await post('/eventBatch', `{"eventList":[${batch.join(',')}]}`);
      }
    },
  };
}

function* batches(events: readonly VesEvent[]): Generator<string[]> {
  let batch: string[] = [];
  let bytes = 0;
  for (const event of events) {
    const text = JSON.stringify(event);
    if (batch.length > 0 && bytes + text.length > MOST_BYTES) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(text);
    bytes += text.length;
  }
  if (batch.length > 0) yield batch;
}

function refusal(status: number, text: string): RanloopError {
  if (status === 401) return new RanloopError('RL_UNAUTHENTICATED', 'the VES collector refuses these credentials');
  return new RanloopError('RL_INVALID', `the VES collector refuses (HTTP ${status}): ${text.slice(0, 1_000)}`);
}

/** fetch hides the reason (ECONNREFUSED, ENOTFOUND) in its cause. */
function causeOf(error: Error): string {
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
