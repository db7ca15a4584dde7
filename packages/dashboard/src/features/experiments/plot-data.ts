/** What the pages can draw of a Plotly figure; anything else is shown as the JSON that it is. */
export interface Trace {
  kind: 'line' | 'points' | 'bars';
  name: string;
  x: (number | string)[];
  y: (number | null)[];
}

export interface PlotTable {
  header: string[];
  rows: string[][];
}

export type Plot =
  /** With `time`, the x values are seconds since 1970. */
  | { kind: 'chart'; title: string; xTitle: string; yTitle: string; time: boolean; traces: Trace[] }
  | { kind: 'table'; title: string; table: PlotTable }
  | { kind: 'other'; title: string; json: string };

type Loose = Record<string, unknown>;

export function readPlot(text: string): Plot {
  const json = parse(text);
  const layout = object(json?.['layout']);
  const title = titleOf(layout['title']);
  const data = Array.isArray(json?.['data']) ? (json['data'] as Loose[]) : [];
  const [first] = data;
  if (first?.['type'] === 'table') return { kind: 'table', title, table: readTable(first) };
  const traces = data.map(readTrace);
  if (traces.length > 0 && traces.every((trace) => trace !== undefined)) {
    const time = traces.every(({ x }) => x.every((value) => typeof value === 'string' && DATE.test(value)));
    return {
      kind: 'chart',
      title,
      xTitle: titleOf(object(layout['xaxis'])['title']),
      yTitle: titleOf(object(layout['yaxis'])['title']),
      time,
      traces: time ? traces.map((trace) => ({ ...trace, x: trace.x.map(seconds) })) : traces,
    };
  }
  return { kind: 'other', title, json: json ? JSON.stringify(json, null, 2) : text };
}

/** Plotly reads such text on an axis as a time. */
const DATE = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}.*)?$/;

const seconds = (value: number | string) => new Date(value).getTime() / 1000;

/** Lines over ascending numbers: what the chart of time series can draw, with its zoom. */
export function isSeries(traces: readonly Trace[]): boolean {
  return traces.every(
    ({ kind, x }) =>
      kind === 'line' && x.every((value, at) => typeof value === 'number' && (at === 0 || value > Number(x[at - 1]))),
  );
}

function readTrace(trace: Loose, at: number): Trace | undefined {
  const type = trace['type'] ?? 'scatter';
  if (type !== 'scatter' && type !== 'scattergl' && type !== 'bar') return undefined;
  const y = values(trace['y']).map((value) => (typeof value === 'number' && Number.isFinite(value) ? value : null));
  const given = values(trace['x']);
  const x =
    given.length > 0 ? given.map((value) => (typeof value === 'number' ? value : String(value))) : y.map((_, i) => i);
  const mode = typeof trace['mode'] === 'string' ? trace['mode'] : 'lines';
  return {
    kind: type === 'bar' ? 'bars' : mode.includes('lines') ? 'line' : 'points',
    name: typeof trace['name'] === 'string' && trace['name'] !== '' ? trace['name'] : `trace ${at + 1}`,
    x: x.slice(0, y.length),
    y: y.slice(0, x.length),
  };
}

/** A Plotly table holds its cells by column; each header may be a list of lines. */
function readTable(trace: Loose): PlotTable {
  const header = values(object(trace['header'])['values']).map((cell) =>
    Array.isArray(cell) ? cell.map(String).join(' ') : String(cell),
  );
  const columns = values(object(trace['cells'])['values']).map((column) => values(column));
  const count = Math.min(Math.max(0, ...columns.map((column) => column.length)), 2_000);
  const rows = Array.from({ length: count }, (_, row) => columns.map((column) => cellText(column[row])));
  return { header, rows };
}

const cellText = (cell: unknown) => (cell === undefined || cell === null ? '' : String(cell));

/** An array, or the typed array that newer Plotly writes: `{dtype, bdata}` with the bytes in base64, little endian. */
function values(given: unknown): unknown[] {
  if (Array.isArray(given)) return given;
  const { dtype, bdata } = object(given);
  if (typeof dtype !== 'string' || typeof bdata !== 'string') return [];
  const read = READERS[dtype];
  if (!read) return [];
  const bytes = Uint8Array.from(atob(bdata), (char) => char.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  const [size, get] = read;
  return Array.from({ length: Math.floor(bytes.length / size) }, (_, at) => get(view, at * size));
}

const READERS: Record<string, [number, (view: DataView, at: number) => number]> = {
  f8: [8, (view, at) => view.getFloat64(at, true)],
  f4: [4, (view, at) => view.getFloat32(at, true)],
  i4: [4, (view, at) => view.getInt32(at, true)],
  u4: [4, (view, at) => view.getUint32(at, true)],
  i2: [2, (view, at) => view.getInt16(at, true)],
  u2: [2, (view, at) => view.getUint16(at, true)],
  i1: [1, (view, at) => view.getInt8(at)],
  u1: [1, (view, at) => view.getUint8(at)],
};

function parse(text: string): Loose | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Loose) : undefined;
  } catch {
    return undefined;
  }
}

const object = (value: unknown): Loose => (typeof value === 'object' && value !== null ? (value as Loose) : {});

const titleOf = (title: unknown): string =>
  typeof title === 'string' ? title : typeof object(title)['text'] === 'string' ? String(object(title)['text']) : '';
