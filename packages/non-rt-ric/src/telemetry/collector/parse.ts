import { isUtf8 } from 'node:buffer';
import { RanloopError } from '@ranloop/contracts/errors';
import { Refusal } from '../refusal.ts';
import type { EventFormat, ReportedEvent } from './formats.ts';

/** What is free in an event may hold anything, and neither writing it as JSON nor PostgreSQL's jsonb go down without end. */
const MOST_DEPTH = 256;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

function deeperThan(bytes: Buffer, most: number): boolean {
  let depth = 0;
  let inText = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) inText = !inText;
    else if (inText) {
      if (byte === BACKSLASH) at += 1;
    } else if (byte === 0x5b || byte === 0x7b) {
      depth += 1;
      if (depth > most) return true;
    } else if (byte === 0x5d || byte === 0x7d) depth -= 1;
  }
  return false;
}

/** JSON text of a request body; broken UTF-8 is refused, since what would be stored is not what was sent. */
export function decodeBody(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new Refusal('SVC0001', ['the body is not UTF-8']);
  if (deeperThan(bytes, MOST_DEPTH)) throw new Refusal('SVC0001', [`the body is nested deeper than ${MOST_DEPTH}`]);
  const text = bytes.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Refusal('SVC0001', [`the body is not JSON: ${(error as Error).message.slice(0, 200)}`]);
  }
  if (text.includes('\\u')) refuseUnstorable(value);
  return value;
}

export function parseSingle(body: unknown, { single }: EventFormat): readonly ReportedEvent[] {
  return [named(() => single(body).event, body)];
}

export function parseBatch(body: unknown, { batch }: EventFormat): readonly ReportedEvent[] {
  const events = named(() => batch(body).eventList, body);
  if (events.length === 0) throw new Refusal('SVC2006', ['attribute', 'eventList/0']);
  return events;
}

/** The events of a batch, each checked by itself: those that the schema refuses are refusals. */
export function parseEach(body: unknown, { event }: EventFormat): readonly (ReportedEvent | Refusal)[] {
  const list = member(body, 'eventList');
  if (list === undefined || (Array.isArray(list) && list.length === 0))
    throw new Refusal('SVC2006', ['attribute', list === undefined ? 'eventList' : 'eventList/0']);
  if (!Array.isArray(list)) throw new Refusal('SVC0002', ['attribute', 'eventList', 'must be array']);
  return list.map((item: unknown, index) => {
    try {
      return named(() => event(item), body, `eventList/${index}`);
    } catch (error) {
      if (error instanceof Refusal) return error;
      throw error;
    }
  });
}

/** Runs a check and turns its complaint into the spec's: the variables name the event and the first field refused. */
function named<T>(check: () => T, body: unknown, where = ''): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof RanloopError))
      throw new Refusal('SVC0001', ['the body is nested too deeply', ...(where ? [where] : [])]);
    const [first] = error.fields;
    const path = `${where}${first?.path ?? ''}`.replace(/^\//, '');
    const event = eventAt(body, path);
    if (first?.problem === 'is required') throw new Refusal('SVC2006', ['attribute', path, ...event]);
    throw new Refusal('SVC0002', ['attribute', path || 'the body', first?.problem ?? 'refused', ...event]);
  }
}

function eventAt(body: unknown, path: string): readonly string[] {
  const [root, index] = path.split('/');
  const item = root === 'eventList' ? member(member(body, 'eventList'), index ?? '') : member(body, 'event');
  const id = member(member(item, 'commonEventHeader'), 'eventId');
  return typeof id === 'string' ? [`eventId ${id.slice(0, 256)}`] : [];
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

/** PostgreSQL's text holds neither NUL nor half a surrogate pair; both come only from escapes. */
function refuseUnstorable(value: unknown): void {
  const stack: { at: string; value: unknown }[] = [{ at: '', value }];
  for (let top = stack.pop(); top; top = stack.pop()) {
    const { at, value: here } = top;
    if (typeof here === 'string' && unstorable(here))
      throw new Refusal('SVC0002', ['attribute', at, 'holds a NUL or half a surrogate pair']);
    if (typeof here !== 'object' || here === null) continue;
    for (const [key, inner] of Object.entries(here)) {
      const path = at === '' ? key : `${at}/${key}`;
      if (unstorable(key))
        throw new Refusal('SVC0002', ['attribute', at, 'has a name with a NUL or half a surrogate pair']);
      stack.push({ at: path, value: inner });
    }
  }
}

function unstorable(text: string): boolean {
  return text.includes('\0') || /\p{Surrogate}/u.test(text);
}
