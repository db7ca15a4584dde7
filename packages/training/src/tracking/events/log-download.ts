import { Readable } from 'node:stream';
import { DownloadTaskLog } from '@ranloop/contracts/tracking';
import type { Core } from '../core.ts';
import { type Endpoint, endpoint } from '../wire/endpoint.ts';
import { ApiError } from '../wire/errors.ts';
import { RawAnswer } from '../wire/raw.ts';
import { type Line, linesAfter } from './log-lines.ts';
import { requireOwner } from './scope.ts';

const AT_A_TIME = 1_000;
const PLACEHOLDERS: ReadonlySet<string> = new Set(['asctime', 'timestamp', 'level', 'worker', 'msg']);

/** The whole log as a file, read as the client takes it. `asctime` is the time of the line in epoch milliseconds. */
export function downloadEndpoint(core: Core): Endpoint {
  return endpoint({
    name: 'events.download_task_log',
    body: DownloadTaskLog,
    run: async ({ task, line_type = 'json', line_format = '{asctime} {worker} {level} {msg}' }) => {
      await requireOwner(core.db, task, false);
      const write = line_type.toLowerCase() === 'json' ? jsonLine : textLine(line_format);
      return new RawAnswer(Readable.from(chunks(core, task, write)), {
        filename: `task_${task}.log`,
        type: 'text/plain; charset=utf-8',
      });
    },
  });
}

async function* chunks(core: Core, task: string, write: (line: Line) => string): AsyncGenerator<string> {
  for (let after: [number, number] | undefined; ; ) {
    const lines = await linesAfter(core.db, { task, limit: AT_A_TIME, earlier: false, after });
    const last = lines.at(-1);
    if (!last) return;
    yield lines.map(write).join('');
    after = [last.timestamp, last.id];
  }
}

function jsonLine({ id: _id, timestamp, iter, ...line }: Line): string {
  return `${JSON.stringify({ ...line, ...(iter === null ? {} : { iter }), asctime: timestamp })}\n`;
}

/** `{name}` stands for a field of the line, `{{` and `}}` for braces. */
function textLine(format: string): (line: Line) => string {
  const parts = parseFormat(format.replace(/\n+$/, ''));
  return (line) => {
    const fields: Record<string, string> = {
      asctime: String(line.timestamp),
      timestamp: String(line.timestamp),
      level: line.level,
      worker: line.worker,
      msg: line.msg,
    };
    return `${parts.map((part) => ('text' in part ? part.text : fields[part.field])).join('')}\n`;
  };
}

export type FormatPart = { readonly text: string } | { readonly field: string };

function parseFormat(format: string): FormatPart[] {
  if (format === '') throw new ApiError('missingFields', { fields: ['line_format'] });
  const parts: FormatPart[] = [];
  const unknown = new Set<string>();
  for (const [token] of format.matchAll(/\{\{|\}\}|\{[^{}]*\}|[^{}]+|[{}]/g)) {
    if (token === '{' || token === '}')
      throw new ApiError('badValue', { line_format: format }, `a single ${token} in the line format; double it`);
    if (token === '{{' || token === '}}') parts.push({ text: token.slice(1) });
    else if (!token.startsWith('{')) parts.push({ text: token });
    else {
      const field = token.slice(1, -1);
      if (!PLACEHOLDERS.has(field)) unknown.add(field);
      parts.push({ field });
    }
  }
  if (unknown.size > 0)
    throw new ApiError('badValue', { placeholders: [...unknown] }, 'unknown placeholders in line_format');
  return parts;
}
