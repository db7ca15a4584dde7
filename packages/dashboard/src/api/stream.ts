import { createEventParser, type StreamEvent } from '@ranloop/sdk/r1';

/** `live`: bytes arrive. `connecting`: the first attempt. `stale`: what is shown may be old. `refused`: no use in trying again. */
export type StreamStatus = 'connecting' | 'live' | 'stale' | 'refused';

export interface StreamOptions {
  url: string;
  signal: AbortSignal;
  onEvent: (event: StreamEvent) => void;
  onStatus: (status: StreamStatus) => void;
  fetch?: typeof fetch;
  /** Waits before another attempt; tests hand in their own. */
  wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Servers send a comment every 15 s; twice that without a byte means that the connection is dead. */
const SILENCE_MS = 32_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8_000;

/** Follows a stream until the signal ends it: resumes after the last event it saw, and waits longer after each failure. */
export async function followStream(options: StreamOptions): Promise<void> {
  const { signal, onStatus } = options;
  const wait = options.wait ?? sleep;
  let lastEventId = '';
  let pause = FIRST_WAIT_MS;
  onStatus('connecting');
  while (!signal.aborted) {
    const parser = createEventParser(lastEventId);
    const outcome = await connectOnce(options, parser).catch(() => 'failed' as const);
    lastEventId = parser.lastId;
    if (signal.aborted) return;
    if (outcome === 'refused') return onStatus('refused');
    onStatus('stale');
    pause = outcome === 'ended' ? FIRST_WAIT_MS : Math.min(pause * 2, LONGEST_WAIT_MS);
    await wait(pause, signal);
  }
}

async function connectOnce(
  options: StreamOptions,
  parser: ReturnType<typeof createEventParser>,
): Promise<'ended' | 'refused'> {
  const attempt = new AbortController();
  const stop = () => attempt.abort();
  options.signal.addEventListener('abort', stop, { once: true });
  let silence = setTimeout(stop, SILENCE_MS);
  try {
    const response = await (options.fetch ?? fetch)(options.url, {
      headers: { accept: 'text/event-stream', ...(parser.lastId ? { 'last-event-id': parser.lastId } : {}) },
      credentials: 'same-origin',
      signal: attempt.signal,
    });
    if (response.status >= 400 && response.status < 500 && response.status !== 429) return 'refused';
    if (!response.ok || !response.body) throw new Error(`answered ${response.status}`);
    options.onStatus('live');
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return 'ended';
      clearTimeout(silence);
      silence = setTimeout(stop, SILENCE_MS);
      for (const event of parser.push(value)) options.onEvent(event);
    }
  } finally {
    clearTimeout(silence);
    options.signal.removeEventListener('abort', stop);
  }
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
