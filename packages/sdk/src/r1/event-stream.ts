import { RanloopError } from '@ranloop/contracts/errors';
import { sleep } from '../session/index.ts';
import type { Http, RequestOptions } from './http.ts';

export interface StreamEvent {
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

/** Event stream parsing (HTML standard, 9.2.6), fed with text in pieces of any size. */
export function createEventParser(lastId = ''): { push(text: string): StreamEvent[]; readonly lastId: string } {
  let rest = '';
  let id = lastId;
  let event = '';
  let data: string[] = [];
  const take = (line: string): StreamEvent | undefined => {
    if (line === '') {
      const done = data.length > 0 ? { id, event: event || 'message', data: data.join('\n') } : undefined;
      event = '';
      data = [];
      return done;
    }
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') data.push(value);
    else if (field === 'event') event = value;
    else if (field === 'id' && !value.includes('\0')) id = value;
    return undefined;
  };
  return {
    get lastId() {
      return id;
    },
    push(text) {
      const whole = rest + text;
      // A carriage return at the end may be the first half of a line break.
      const end = whole.endsWith('\r') ? whole.length - 1 : whole.length;
      const lines = whole.slice(0, end).split(/\r\n|\r|\n/);
      rest = (lines.pop() ?? '') + whole.slice(end);
      return lines.map(take).filter((done) => done !== undefined);
    },
  };
}

export interface FollowOptions {
  readonly signal: AbortSignal;
  /** Called when the connection broke; the stream goes on by itself. */
  readonly onLost?: (error: unknown) => void;
  /** Called when a connection stands. */
  readonly onOpen?: () => void;
  /** Where to go on: the id of the last event that was seen. */
  readonly lastId?: string;
}

/** Servers send a comment every 15 s: more silence than this means that the connection is dead. */
const SILENCE_MS = 40_000;
const FIRST_DELAY_MS = 200;
const LONGEST_DELAY_MS = 5_000;

/** Follows a stream until `signal` aborts, and resumes after the last event seen. Rejects when the server refuses it. */
export async function followEvents(
  http: Http,
  path: string,
  options: FollowOptions & { query?: RequestOptions['query']; onEvent: (event: StreamEvent) => void },
): Promise<void> {
  const { signal, onLost } = options;
  let lastId = options.lastId ?? '';
  for (let delay = FIRST_DELAY_MS; !signal.aborted; delay = Math.min(delay * 2, LONGEST_DELAY_MS)) {
    const parser = createEventParser(lastId);
    try {
      // A stream that ends in good order is a break as well: nobody asked it to end.
      await readOnce(http, path, {
        ...options,
        parser,
        onOpen: () => {
          delay = FIRST_DELAY_MS;
          options.onOpen?.();
        },
      });
      onLost?.(new RanloopError('RL_UPSTREAM', `${path} was ended by the server`));
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof RanloopError && error.retry === 'never') throw error;
      onLost?.(error);
    }
    lastId = parser.lastId;
    await sleep(delay, signal).catch(() => undefined);
  }
}

async function readOnce(
  http: Http,
  path: string,
  options: FollowOptions & {
    query?: RequestOptions['query'];
    onEvent: (event: StreamEvent) => void;
    parser: ReturnType<typeof createEventParser>;
  },
): Promise<void> {
  const { parser, query } = options;
  const silence = new AbortController();
  const watch = () =>
    setTimeout(() => silence.abort(new RanloopError('RL_TIMEOUT', `${path} fell silent`)), SILENCE_MS);
  let timer = watch();
  try {
    const response = await http.open(path, {
      ...(query ? { query } : {}),
      signal: AbortSignal.any([options.signal, silence.signal]),
      headers: { accept: 'text/event-stream', ...(parser.lastId ? { 'last-event-id': parser.lastId } : {}) },
    });
    options.onOpen?.();
    const reader = response.body?.getReader();
    const decoder = new TextDecoder();
    while (reader) {
      const { done, value } = await reader.read();
      if (done) return;
      clearTimeout(timer);
      timer = watch();
      for (const event of parser.push(decoder.decode(value, { stream: true }))) options.onEvent(event);
    }
  } finally {
    clearTimeout(timer);
  }
}
