import type { FieldMapping } from '@ranloop/contracts/tracking';
import { splitPath } from '../query/paths.ts';
import { isObject } from '../wire/parameters.ts';

/** Rows of entities as comma-separated values (RFC 4180, every field quoted), as Python's server writes them. */

export interface Column {
  readonly name: string;
  readonly path: readonly string[];
  /** By the text of the value. */
  readonly values: ReadonlyMap<string, unknown>;
}

export function columnsOf(mappings: readonly FieldMapping[]): Column[] {
  return mappings.map(({ field, name, values = [] }) => ({
    name: name || field,
    path: splitPath(field),
    values: new Map(values.map(({ key, value }) => [keyText(key), value])),
  }));
}

/** Tells 1 from "1". */
export const keyText = (key: unknown) => JSON.stringify(key) ?? '';

/** Spreadsheets run what begins so; a quote before it makes it text. */
const FORMULA = /^[=+\-@\t\r]/;

export function csvLine(cells: readonly string[]): string {
  return `${cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')}\r\n`;
}

export function csvRow(document: Record<string, unknown>, columns: readonly Column[]): string {
  return csvLine(
    columns.map(({ path, values }) => {
      const value = plain(valueAt(document, path));
      const text = pythonText(values.get(keyText(value)) ?? value);
      return FORMULA.test(text) ? `'${text}` : text;
    }),
  );
}

function valueAt(document: unknown, path: readonly string[]): unknown {
  let at = document;
  for (const segment of path) {
    if (!isObject(at) || !Object.hasOwn(at, segment)) return '';
    at = at[segment];
  }
  return at;
}

/** Of a joined entity its id is shown. */
function plain(value: unknown): unknown {
  return isObject(value) ? (value['id'] ?? '') : value;
}

/** Values as Python prints them. */
function pythonText(value: unknown, inside = false): string {
  if (typeof value === 'string') return inside ? `'${value.replace(/[\\']/g, '\\$&')}'` : value;
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (value === null || value === undefined) return inside ? 'None' : '';
  if (Array.isArray(value)) return `[${value.map((item) => pythonText(item, true)).join(', ')}]`;
  if (isObject(value)) {
    const pairs = Object.entries(value).map(([key, item]) => `${pythonText(key, true)}: ${pythonText(item, true)}`);
    return `{${pairs.join(', ')}}`;
  }
  return String(value);
}
