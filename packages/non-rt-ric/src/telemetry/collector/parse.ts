import { isUtf8 } from 'node:buffer';
import { RanloopError } from '@ranloop/contracts/errors';
import { checker } from '@ranloop/contracts/schema';
import { VesBatch, type VesEvent, VesSingle } from '@ranloop/contracts/ves';
import { Refusal } from '../refusal.ts';

const checkSingle = checker(VesSingle);
const checkBatch = checker(VesBatch);

/** JSON text of a request body; broken UTF-8 is refused, since what would be stored is not what was sent. */
export function decodeBody(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new Refusal('SVC0001', ['the body is not UTF-8']);
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

export function parseSingle(body: unknown): readonly VesEvent[] {
  return [named(() => checkSingle(body).event, body)];
}

export function parseBatch(body: unknown): readonly VesEvent[] {
  const events = named(() => checkBatch(body).eventList, body);
  if (events.length === 0) throw new Refusal('SVC2006', ['attribute', 'eventList/0']);
  return events;
}

/** Runs a check and turns its complaint into the spec's: the variables name the event and the first field refused. */
function named<T>(check: () => T, body: unknown): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof RanloopError)) throw new Refusal('SVC0001', ['the body is nested too deeply']);
    const [first] = error.fields;
    const path = (first?.path ?? '').replace(/^\//, '');
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
