/** How serious a line is, in the words that ClearML's log events use. */
export type Level = 'debug' | 'info' | 'warning' | 'error';

export interface Line {
  readonly level: Level;
  readonly text: string;
}

/** ClearML's agent keeps a message under 64 KiB; a line without an end is cut there. */
const MOST_CHARACTERS = 60_000;

/** Cuts a stream of text into lines. What a carriage return overwrites (progress bars) is left out. */
export function createLineSplitter(): { push(text: string): string[]; end(): string[] } {
  let rest = '';
  const visible = (line: string) => line.replace(/\r$/, '').replace(/^.*\r/s, '');
  return {
    push(text) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      const done = lines.flatMap((line) => pieces(visible(line)));
      if (rest.length > MOST_CHARACTERS) {
        const cut = pieces(rest);
        rest = cut.pop() ?? '';
        done.push(...cut);
      }
      return done;
    },
    end() {
      const last = visible(rest);
      rest = '';
      return last === '' ? [] : pieces(last);
    },
  };
}

function pieces(line: string): string[] {
  if (line.length <= MOST_CHARACTERS) return [line];
  const count = Math.ceil(line.length / MOST_CHARACTERS);
  return Array.from({ length: count }, (_unused, n) => line.slice(n * MOST_CHARACTERS, (n + 1) * MOST_CHARACTERS));
}

/** The level of a line: its own when it is a line of structured logging (pino), else that of its stream. */
export function readLine(text: string, stream: 'stdout' | 'stderr'): Line {
  const plain: Line = { level: stream === 'stderr' ? 'error' : 'info', text };
  if (!text.startsWith('{"level":')) return plain;
  try {
    const { level, msg, err } = JSON.parse(text) as { level?: unknown; msg?: unknown; err?: { stack?: unknown } };
    if (typeof level !== 'number' || typeof msg !== 'string') return plain;
    const stack = typeof err?.stack === 'string' ? `\n${err.stack}` : '';
    return { level: levelOf(level), text: `${msg}${stack}` };
  } catch {
    return plain;
  }
}

function levelOf(pino: number): Level {
  if (pino >= 50) return 'error';
  if (pino >= 40) return 'warning';
  return pino >= 30 ? 'info' : 'debug';
}
