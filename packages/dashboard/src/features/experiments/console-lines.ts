import type { LogEvent } from '../../api/events.ts';

export interface ConsoleLine {
  timestamp: number;
  level: string;
  text: string;
}

/** CSI and OSC sequences: colours, cursor movements, links. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what begins them.
const ANSI = /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\))/g;

/** The lines of one message as a terminal shows them in the end: a carriage return overwrites from the start of the line. */
export function toLines({ timestamp, level = 'info', msg }: LogEvent): ConsoleLine[] {
  const text = msg.replace(ANSI, '').replace(/\r\n/g, '\n');
  const lines = text.split('\n');
  if (lines.length > 1 && lines.at(-1) === '') lines.pop();
  return lines.map((line) => ({ timestamp, level: level.toLowerCase(), text: overwrite(line) }));
}

function overwrite(line: string): string {
  if (!line.includes('\r')) return line;
  let shown = '';
  for (const part of line.split('\r')) shown = part + shown.slice(part.length);
  return shown.trimEnd();
}

export interface Window {
  first: number;
  /** Exclusive. */
  last: number;
}

/** The rows to draw for a scroll position: those in sight and `spare` before and after. */
export function visibleWindow(
  scroll: { top: number; height: number },
  rows: { count: number; height: number },
  spare = 20,
): Window {
  const first = Math.floor(scroll.top / rows.height) - spare;
  const last = Math.ceil((scroll.top + scroll.height) / rows.height) + spare;
  const bound = (value: number) => Math.min(Math.max(value, 0), rows.count);
  return { first: bound(first), last: bound(last) };
}

/**
 * Joins a page that begins at the last known time to what is held: lines of that time may have come after the last page,
 * so the page holds all of them and those that are held give way.
 */
export function joinTail(held: readonly LogEvent[], page: readonly LogEvent[]): LogEvent[] {
  const begin = page[0]?.timestamp;
  if (begin === undefined) return [...held];
  let keep = held.length;
  while (keep > 0 && (held[keep - 1]?.timestamp ?? 0) >= begin) keep -= 1;
  return [...held.slice(0, keep), ...page];
}
