import { RanloopError } from '@ranloop/contracts/errors';

export type FieldValue = number | boolean | string;

/** One line of InfluxDB's line protocol: `measurement,tag=value field=1.5,other=2i 1700000000000000000`. */
export interface Line {
  readonly measurement: string;
  readonly tags: ReadonlyMap<string, string>;
  readonly fields: ReadonlyMap<string, FieldValue>;
  /** As it was written, in the precision of the request; undefined when the server is to set it. */
  readonly time: bigint | undefined;
}

const MOST_PARTS = 256;
const FLOAT = /^-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const INTEGER = /^-?\d+[iu]$/;
const TIME = /^-?\d{1,19}$/;
const BOOLEANS = new Map<string, boolean>([
  ...['t', 'T', 'true', 'True', 'TRUE'].map((word) => [word, true] as const),
  ...['f', 'F', 'false', 'False', 'FALSE'].map((word) => [word, false] as const),
]);

/**
 * Reads one line (InfluxDB 2.7, "Line protocol"): a backslash before a comma, a space or an equals sign takes its meaning
 * away outside quotes, and before a quote or a backslash inside them.
 * @throws RL_INVALID with what is wrong and at which column
 */
export function parseLine(text: string): Line {
  const reader = { text, at: 0 };
  const measurement = word(reader, ', ', ', ');
  if (measurement === '') throw bad(reader, 'a measurement is missing');
  const tags = new Map<string, string>();
  while (peek(reader) === ',') {
    reader.at += 1;
    const name = word(reader, ',= ', ',= ');
    if (name === '' || peek(reader) !== '=') throw bad(reader, 'a tag has the form name=value');
    reader.at += 1;
    const value = word(reader, ',= ', ',= ');
    if (value === '') throw bad(reader, `tag "${name.slice(0, 64)}" has no value`);
    if (tags.has(name)) throw bad(reader, `tag "${name.slice(0, 64)}" is there twice`);
    if (tags.size >= MOST_PARTS) throw bad(reader, `a line has at most ${MOST_PARTS} tags`);
    tags.set(name, value);
  }
  spaces(reader, 'fields are missing behind the tags');
  const fields = readFields(reader);
  if (reader.at < text.length) spaces(reader, 'a time is missing behind the fields');
  const rest = text.slice(reader.at).trimEnd();
  if (rest !== '' && !TIME.test(rest)) throw bad(reader, `"${rest.slice(0, 64)}" is no timestamp`);
  return { measurement, tags, fields, time: rest === '' ? undefined : BigInt(rest) };
}

/** The lines of a body with their numbers, from 1; empty lines and comments are left out. A quoted text may hold newlines. */
export function* splitLines(body: string): Generator<{ number: number; text: string }> {
  let number = 1;
  for (let at = 0; at < body.length; ) {
    const { end, newlines } = lineEnd(body, at);
    const text = body.slice(at, end).replace(/\r$/, '').trimStart();
    if (text !== '' && !text.startsWith('#')) yield { number, text };
    number += newlines + 1;
    at = end + 1;
  }
}

/** A quote opens only where a field's value begins, behind the first space that nothing escapes. */
function lineEnd(body: string, from: number): { end: number; newlines: number } {
  let newlines = 0;
  let fields = false;
  let quoted = false;
  for (let at = from; at < body.length; at += 1) {
    const character = body[at];
    if (character === '\\') at += body[at + 1] === '\n' && !quoted ? 0 : 1;
    else if (quoted) {
      if (character === '"') quoted = false;
      else if (character === '\n') newlines += 1;
    } else if (character === '\n') return { end: at, newlines };
    else if (character === ' ' && at > from) fields = true;
    else if (character === '"' && fields && body[at - 1] === '=') quoted = true;
  }
  return { end: body.length, newlines };
}

interface Reader {
  readonly text: string;
  at: number;
}

function readFields(reader: Reader): Map<string, FieldValue> {
  const fields = new Map<string, FieldValue>();
  for (;;) {
    const name = word(reader, ',= ', ',= ');
    if (name === '' || peek(reader) !== '=') throw bad(reader, 'a field has the form name=value');
    reader.at += 1;
    fields.set(name, peek(reader) === '"' ? quoted(reader) : literal(reader, name));
    if (fields.size > MOST_PARTS) throw bad(reader, `a line has at most ${MOST_PARTS} fields`);
    if (peek(reader) !== ',') return fields;
    reader.at += 1;
  }
}

function literal(reader: Reader, name: string): FieldValue {
  const text = word(reader, ', ', '');
  const known = BOOLEANS.get(text);
  if (known !== undefined) return known;
  const value = FLOAT.test(text) ? Number(text) : INTEGER.test(text) ? Number(text.slice(0, -1)) : Number.NaN;
  if (Number.isFinite(value)) return value;
  throw bad(
    reader,
    `field "${name.slice(0, 64)}" has the value "${text.slice(0, 64)}", which is no number, boolean or quoted text`,
  );
}

function quoted(reader: Reader): string {
  const { text } = reader;
  let value = '';
  for (reader.at += 1; reader.at < text.length; reader.at += 1) {
    const character = text[reader.at];
    if (character === '"') {
      reader.at += 1;
      return value;
    }
    const next = text[reader.at + 1];
    if (character === '\\' && (next === '"' || next === '\\')) {
      value += next;
      reader.at += 1;
    } else value += character;
  }
  throw bad(reader, 'a quoted text does not end');
}

/** Text up to one of `ends`; a backslash before one of `escapable` is dropped, before anything else it is itself. */
function word(reader: Reader, ends: string, escapable: string): string {
  const { text } = reader;
  let value = '';
  for (; reader.at < text.length; reader.at += 1) {
    const character = text.charAt(reader.at);
    if (ends.includes(character)) break;
    const next = text.charAt(reader.at + 1);
    if (character === '\\' && next !== '' && escapable.includes(next)) {
      value += next;
      reader.at += 1;
    } else value += character;
  }
  return value;
}

function spaces(reader: Reader, missing: string): void {
  if (peek(reader) !== ' ') throw bad(reader, missing);
  while (peek(reader) === ' ') reader.at += 1;
}

const peek = ({ text, at }: Reader) => text[at];

function bad({ at }: Reader, problem: string): RanloopError {
  return new RanloopError('RL_INVALID', `column ${at + 1}: ${problem}`);
}
