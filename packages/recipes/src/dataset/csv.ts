import { RanloopError } from '@ranloop/contracts/errors';
import type { Series } from '@ranloop/contracts/r1';
import type { SeriesTable } from '@ranloop/sdk/features';
import { type ColumnName, FIXED, namesOf, rowsOf } from './rows.ts';

/** The data file of a dataset as RFC 4180: a line for each row, an empty field where nothing was reported. */
export interface CsvHead {
  readonly counters: readonly string[];
  readonly units: readonly string[];
  readonly lines: number;
}

const SOURCE = 'dataset';

/** Only lines in which some counter was reported; in the order object, slice, time. */
export function writeCsv(table: SeriesTable, columns: readonly ColumnName[]): { text: string; lines: number } {
  const parts = [`${namesOf(columns).map(quote).join(',')}\n`];
  for (const { time, object, snssai, values } of rowsOf(table, columns))
    parts.push(`${time},${quote(object)},${snssai ?? ''},${values.map((value) => value ?? '').join(',')}\n`);
  return { text: parts.join(''), lines: parts.length - 1 };
}

const LINES_AT_ONCE = 5_000;

/** Reads a data file and hands its samples over in parts, so that they need not all be objects at once. */
export function readCsv(text: string, onSeries: (series: Series[]) => void): CsvHead {
  const head = readLine(text, 0);
  if (head.fields.slice(0, 3).join() !== FIXED.join())
    throw new RanloopError('RL_UNPROCESSABLE', `the data file must begin with the columns ${FIXED.join(', ')}`);
  const named = head.fields.slice(3).map((name) => /^(.*) \[(.*)\]$/.exec(name));
  const bad = named.indexOf(null);
  if (bad >= 0) throw new RanloopError('RL_UNPROCESSABLE', `column "${head.fields[bad + 3]}" names no unit`);
  const counters = named.map((match) => match?.[1] ?? '');
  const units = named.map((match) => match?.[2] ?? '');
  let part = new Map<string, Series>();
  const hand = () => {
    onSeries([...part.values()]);
    part = new Map();
  };
  let lines = 0;
  for (let at = head.next; at < text.length; ) {
    const { fields, next } = readLine(text, at);
    at = next;
    lines++;
    addLine(part, fields, { counters, units, line: lines + 1 });
    if (lines % LINES_AT_ONCE === 0) hand();
  }
  hand();
  return { counters, units, lines };
}

function addLine(
  part: Map<string, Series>,
  fields: readonly string[],
  { counters, units, line }: { counters: readonly string[]; units: readonly string[]; line: number },
): void {
  const [text = '', dn = '', snssai = ''] = fields;
  const time = Number(text);
  if (fields.length !== counters.length + 3 || text === '' || !Number.isSafeInteger(time) || dn === '')
    throw new RanloopError('RL_UNPROCESSABLE', `line ${line} of the data file cannot be read`);
  for (let column = 0; column < counters.length; column++) {
    const field = fields[column + 3] as string;
    if (field === '') continue;
    const value = Number(field);
    if (!Number.isFinite(value))
      throw new RanloopError('RL_UNPROCESSABLE', `line ${line}: "${field.slice(0, 50)}" is no number`);
    const key = `${column}|${snssai}|${dn}`;
    let series = part.get(key);
    if (!series) {
      const [counter, unit] = [counters[column] as string, units[column] as string];
      series = { counter, dn, source: SOURCE, unit, points: [], ...(snssai === '' ? {} : { snssai }) };
      part.set(key, series);
    }
    series.points.push([time, value]);
  }
}

function quote(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

function readLine(text: string, from: number): { fields: string[]; next: number } {
  const fields: string[] = [];
  let at = from;
  for (;;) {
    let field: string;
    if (text[at] === '"') [field, at] = readQuoted(text, at + 1);
    else {
      let end = at;
      while (end < text.length && text[end] !== ',' && text[end] !== '\n' && text[end] !== '\r') end++;
      field = text.slice(at, end);
      at = end;
    }
    fields.push(field);
    if (text[at] === ',') {
      at++;
      continue;
    }
    if (text[at] === '\r') at++;
    if (at < text.length && text[at] !== '\n')
      throw new RanloopError('RL_UNPROCESSABLE', `the data file is broken at character ${at}`);
    return { fields, next: at + 1 };
  }
}

function readQuoted(text: string, from: number): [string, number] {
  let field = '';
  let at = from;
  for (;;) {
    const end = text.indexOf('"', at);
    if (end < 0) throw new RanloopError('RL_UNPROCESSABLE', 'the data file ends within quotes');
    field += text.slice(at, end);
    if (text[end + 1] !== '"') return [field, end + 1];
    field += '"';
    at = end + 2;
  }
}
