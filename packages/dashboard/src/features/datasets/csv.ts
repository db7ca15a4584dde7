export interface CsvTable {
  head: string[];
  rows: string[][];
  /** The text has more lines than were read. */
  more: boolean;
}

/** RFC 4180, the first `most` lines after the head. */
export function readCsv(text: string, most: number): CsvTable {
  const rows: string[][] = [];
  let at = 0;
  while (at < text.length && rows.length <= most) {
    const line: string[] = [];
    at = readLine(text, at, line);
    if (line.length > 1 || line[0] !== '') rows.push(line);
  }
  const [head = [], ...rest] = rows;
  return { head, rows: rest, more: at < text.length };
}

/** Reads the fields of one line into `line`; answers where the next one begins. */
function readLine(text: string, start: number, line: string[]): number {
  let at = start;
  for (;;) {
    let field = '';
    if (text[at] === '"') {
      at += 1;
      for (;;) {
        const quote = text.indexOf('"', at);
        field += text.slice(at, quote < 0 ? text.length : quote);
        at = quote < 0 ? text.length : quote + 1;
        if (text[at] !== '"') break;
        field += '"';
        at += 1;
      }
    } else {
      const from = at;
      while (at < text.length && text[at] !== ',' && text[at] !== '\n' && text[at] !== '\r') at += 1;
      field = text.slice(from, at);
    }
    line.push(field);
    const end = text[at];
    if (end === ',') {
      at += 1;
      continue;
    }
    if (end === '\r') return text[at + 1] === '\n' ? at + 2 : at + 1;
    // Whatever follows a closing quote is skipped, so that reading always goes on.
    if (end !== '\n' && end !== undefined) {
      const next = text.indexOf('\n', at);
      return next < 0 ? text.length : next + 1;
    }
    return at + 1;
  }
}

/** The numbers of a column, or undefined when something else stands in it. */
export function numbersOf(rows: readonly string[][], column: number): number[] | undefined {
  const numbers: number[] = [];
  for (const row of rows) {
    const text = row[column] ?? '';
    if (text === '') continue;
    const value = Number(text);
    // Digits after a leading zero name something, as slices do; they count nothing.
    if (!Number.isFinite(value) || /^0\d/.test(text)) return undefined;
    numbers.push(value);
  }
  return numbers.length === 0 ? undefined : numbers;
}
