import { type FieldProblem, RanloopError } from '@ranloop/contracts/errors';
import type { ParamsItem } from '@ranloop/contracts/tracking';

export type ParamValue = number | boolean | string | readonly number[] | readonly string[] | readonly boolean[];
export type Params = Readonly<Record<string, ParamValue>>;

/** ClearML keeps every value as text beside the name of its Python type, which its UI and SDK read back. */
export function toHyperParams(section: string, params: Params): ParamsItem[] {
  return Object.entries(params).map(([name, value]) => ({
    section,
    name,
    value: textOf(value),
    type: typeOf(value),
    description: '',
  }));
}

function textOf(value: ParamValue): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return JSON.stringify(value);
}

function typeOf(value: ParamValue): string {
  if (typeof value === 'string') return 'str';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  return 'list';
}

/**
 * What a task's section says, in the types of the defaults; a name that the section lacks keeps its default.
 * Throws RL_INVALID that names every value that cannot be read.
 */
export function readParams<P extends Params>(
  defaults: P,
  stored: Readonly<Record<string, ParamsItem>> | undefined,
  section: string,
): P {
  const problems: FieldProblem[] = [];
  const entries = Object.entries(defaults).map(([name, fallback]): [string, ParamValue] => {
    const found = stored?.[name];
    if (found === undefined) return [name, fallback];
    const value = readValue(found.value, fallback);
    if (value !== undefined) return [name, value];
    const problem = `must be ${wanted(fallback)}, not "${found.value.slice(0, 100)}"`;
    problems.push({ path: `/hyperparams/${section}/${name}`, problem });
    return [name, fallback];
  });
  const first = problems[0];
  if (first) throw new RanloopError('RL_INVALID', `${first.path} ${first.problem}`, { fields: problems });
  return Object.fromEntries(entries) as P;
}

function readValue(text: string, like: ParamValue): ParamValue | undefined {
  if (typeof like === 'string') return text;
  if (typeof like === 'boolean') return readBoolean(text);
  if (typeof like === 'number') return readNumber(text);
  return readList(text, like);
}

function readBoolean(text: string): boolean | undefined {
  const word = text.trim().toLowerCase();
  if (['true', '1', 'yes', 'on'].includes(word)) return true;
  return ['false', '0', 'no', 'off'].includes(word) ? false : undefined;
}

function readNumber(text: string): number | undefined {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** JSON as this SDK writes it, Python's way with single quotes, or words between commas as people type them. */
function readList(text: string, like: readonly (number | string | boolean)[]): ParamValue | undefined {
  const items = listItems(text.trim());
  const kind = typeof (like[0] ?? items[0]);
  const values = items.map((item) => {
    const word = typeof item === 'string' ? item : JSON.stringify(item);
    if (kind === 'number') return readNumber(word);
    return kind === 'boolean' ? readBoolean(word) : word;
  });
  return values.some((value) => value === undefined) ? undefined : (values as ParamValue);
}

function listItems(text: string): unknown[] {
  if (text === '') return [];
  for (const candidate of [text, text.replaceAll("'", '"'), `[${text}]`]) {
    try {
      const value: unknown = JSON.parse(candidate);
      if (Array.isArray(value)) return value;
    } catch {
      // The next way of writing is tried.
    }
  }
  return text
    .replace(/^\[|\]$/g, '')
    .split(',')
    .map((word) => word.trim());
}

function wanted(like: ParamValue): string {
  if (!Array.isArray(like)) return typeof like === 'number' ? 'a number' : 'true or false';
  return `a list of ${typeof (like[0] ?? '')}s`;
}
