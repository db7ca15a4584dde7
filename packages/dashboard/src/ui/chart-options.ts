import uPlot from 'uplot';
import type { SeriesLook } from './chart.tsx';
import type { Scheme } from './colors.ts';
import { formatCompact, formatValue } from './format.ts';

export interface ChartOptions {
  width: number;
  height: number;
  time: boolean;
  log: boolean;
  unit: string;
  xTitle: string;
  scheme: Scheme;
  syncKey: string | undefined;
  looks: readonly (SeriesLook & { show: boolean })[];
  onCursor: (index: number | null) => void;
  onZoom: (zoomed: boolean) => void;
}

const INK = {
  light: { text: '#55606d', grid: '#e9edf1', tick: '#cfd6dd' },
  dark: { text: '#9aa6b4', grid: '#222b34', tick: '#3a4652' },
} as const;

/** By the distance of the ticks, in seconds: its label, and the second line where year, day or minute begin (uPlot's form). */
const TIME_LABELS: (string | number | null)[][] = [
  [31_536_000, '{YYYY}', null, null, null, null, null, null, 1],
  [86_400, '{MM}-{DD}', '\n{YYYY}', null, null, null, null, null, 1],
  [60, '{HH}:{mm}', '\n{YYYY}-{MM}-{DD}', null, '\n{MM}-{DD}', null, null, null, 1],
  [1, '{HH}:{mm}:{ss}', '\n{YYYY}-{MM}-{DD}', null, '\n{MM}-{DD}', null, null, null, 1],
];

const FONT = '11px system-ui, sans-serif';

export function chartOptions(options: ChartOptions): uPlot.Options {
  const { width, height, time, log, unit, xTitle, scheme, looks } = options;
  const ink = INK[scheme];
  const axis = {
    stroke: ink.text,
    font: FONT,
    grid: { stroke: ink.grid, width: 1 },
    ticks: { stroke: ink.tick, size: 4 },
  };
  return {
    width,
    height,
    legend: { show: false },
    padding: [10, 22, 0, 0],
    scales: {
      x: { time },
      y: log ? { distr: 3 } : { range: (_plot, low, high) => padded(low, high) },
    },
    axes: [
      {
        ...axis,
        size: time ? 38 : 26,
        space: 70,
        values: time ? TIME_LABELS : (_plot, ticks) => ticks.map(tick),
        ...title(xTitle),
      },
      {
        ...axis,
        size: 58,
        space: 34,
        values: (_plot, ticks) => ticks.map(tick),
        ...title(unit),
      },
    ],
    series: [
      {},
      ...looks.map(
        (look): uPlot.Series => ({
          label: look.name,
          show: look.show,
          stroke: look.color,
          width: look.faint ? 1 : 1.75,
          alpha: look.faint ? 0.3 : 1,
          spanGaps: true,
          ...(look.dash ? { dash: look.dash } : {}),
          ...(look.stepped && uPlot.paths.stepped ? { paths: uPlot.paths.stepped({ align: -1 }) } : {}),
          points: { show: (plot, series) => few(plot, series), size: 4 },
        }),
      ),
    ],
    cursor: {
      y: false,
      points: { size: 7 },
      drag: { x: true, y: false, setScale: true },
      ...(options.syncKey ? { sync: { key: options.syncKey, setSeries: false } } : {}),
      bind: {
        dblclick: (_plot, _target, handler) => (event) => {
          options.onZoom(false);
          return handler(event);
        },
      },
    },
    hooks: {
      setCursor: [(plot) => options.onCursor(plot.cursor.idx ?? null)],
      setSelect: [(plot) => options.onZoom(plot.select.width > 0)],
    },
  };
}

const title = (label: string) => (label ? { label, labelSize: 16, labelFont: FONT, labelGap: 0 } : {});

function tick(value: number | null): string {
  if (value === null) return '';
  return Math.abs(value) >= 10_000 ? formatCompact(value) : formatValue(value);
}

/** A single point draws no line: show it. */
function few(plot: uPlot, series: number): boolean {
  const values = plot.data[series] ?? [];
  let seen = 0;
  for (let at = 0; at < values.length; at += 1) {
    if (values[at] != null) seen += 1;
    if (seen > 20) return false;
  }
  return true;
}

function padded(low: number | null, high: number | null): [number, number] {
  if (low === null || high === null || !Number.isFinite(low) || !Number.isFinite(high)) return [0, 1];
  if (low === high) {
    const room = Math.abs(low) * 0.1 || 1;
    return [low === 0 ? 0 : low - room, high + room];
  }
  const room = (high - low) * 0.06;
  return [low >= 0 && low < (high - low) * 0.6 ? 0 : low - room, high + room];
}
