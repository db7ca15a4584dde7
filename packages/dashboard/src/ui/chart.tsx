import { Skeleton, UnstyledButton, useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';
import styles from './chart.module.css';
import { chartOptions } from './chart-options.ts';
import { seriesColor, seriesDashes } from './colors.ts';
import { formatValue } from './format.ts';

export interface ChartSeries {
  name: string;
  /** Ascending. Seconds since 1970 when `time` is set. */
  x: readonly number[];
  y: readonly (number | null)[];
  /** Names the colour when the shown name is not the one to be stable over. */
  colorName?: string;
  /** Drawn thin and pale: the raw curve behind a smoothed one. */
  faint?: boolean;
  stepped?: boolean;
}

export interface ChartProps {
  label: string;
  series: readonly ChartSeries[];
  height: number;
  time?: boolean;
  log?: boolean;
  unit?: string;
  xTitle?: string;
  /** Charts of one key share their cursor. */
  syncKey?: string;
  loading?: boolean;
  empty?: string;
}

/** The one chart of time series. Zoom by dragging, double click to see all; a zoom is kept when data arrives. */
export function Chart(props: ChartProps) {
  const { label, series, height, time = false, log = false, unit = '', xTitle = '', syncKey, loading } = props;
  const scheme = useComputedColorScheme('light');
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const zoomed = useRef(false);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [cursor, setCursor] = useState<number | null>(null);
  const dashes = seriesDashes(series.filter((one) => !one.faint).map((one) => one.colorName ?? one.name));
  const looks = lookOf(series, dashes, scheme);
  const shape = JSON.stringify([looks, [...hidden], time, log, unit, xTitle, scheme, height, syncKey]);
  const data = align(series);
  const latest = useRef(data);
  latest.current = data;

  // biome-ignore lint/correctness/useExhaustiveDependencies: `shape` says all that the options are made of.
  useEffect(() => {
    const element = host.current;
    if (!element || series.length === 0) return;
    const kept = zoomed.current ? plot.current?.scales['x'] : undefined;
    const made = new uPlot(
      chartOptions({
        width: element.clientWidth || 300,
        height,
        time,
        log,
        unit,
        xTitle,
        scheme,
        syncKey,
        looks: looks.map((look) => ({ ...look, show: !hidden.has(look.name) })),
        onCursor: setCursor,
        onZoom: (on) => {
          zoomed.current = on;
        },
      }),
      latest.current,
      element,
    );
    if (kept?.min !== undefined && kept.max !== undefined) {
      made.setScale('x', { min: kept.min ?? 0, max: kept.max ?? 0 });
      zoomed.current = true;
    }
    plot.current = made;
    const observer = new ResizeObserver(() => {
      if (element.clientWidth > 0) made.setSize({ width: element.clientWidth, height });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
    };
  }, [shape]);

  useEffect(() => {
    const made = plot.current;
    if (!made || made.series.length !== latest.current.length) return;
    const { min, max } = made.scales['x'] ?? {};
    made.setData(data, !zoomed.current);
    if (zoomed.current && min != null && max != null) made.setScale('x', { min, max });
  }, [data]);

  const toggle = (name: string) =>
    setHidden((before) => {
      const after = new Set(before);
      if (!after.delete(name)) after.add(name);
      return after;
    });

  return (
    <figure className={styles['figure']} aria-label={summary(label, series)}>
      <div style={{ height, position: 'relative' }}>
        {loading ? (
          <Skeleton h={height} />
        ) : series.length === 0 ? (
          <div className={styles['empty']}>{props.empty ?? 'Nothing has been reported yet'}</div>
        ) : (
          <div ref={host} className={styles['plot']} />
        )}
      </div>
      <figcaption className={styles['legend']}>
        {series.map((one, at) =>
          one.faint ? null : (
            <UnstyledButton
              key={one.name}
              className={styles['key']}
              aria-pressed={!hidden.has(one.name)}
              title={`Show or hide ${one.name}`}
              onClick={() => toggle(one.name)}
            >
              <svg width="18" height="8" aria-hidden="true">
                <line
                  x1="0"
                  x2="18"
                  y1="4"
                  y2="4"
                  strokeWidth="2.5"
                  stroke={looks[at]?.color}
                  strokeDasharray={looks[at]?.dash?.join(' ')}
                />
              </svg>
              <span>{one.name}</span>
              <span className={styles['value']}>{valueAt(data[at + 1], cursor)}</span>
            </UnstyledButton>
          ),
        )}
      </figcaption>
    </figure>
  );
}

export interface SeriesLook {
  name: string;
  color: string;
  dash?: number[];
  faint: boolean;
  stepped: boolean;
}

function lookOf(
  series: readonly ChartSeries[],
  dashes: readonly (number[] | undefined)[],
  scheme: 'light' | 'dark',
): SeriesLook[] {
  let at = 0;
  return series.map((one) => {
    const dash = one.faint ? undefined : dashes[at++];
    return {
      name: one.name,
      color: seriesColor(one.colorName ?? one.name, scheme),
      faint: one.faint ?? false,
      stepped: one.stepped ?? false,
      ...(dash ? { dash } : {}),
    };
  });
}

function align(series: readonly ChartSeries[]): uPlot.AlignedData {
  if (series.length === 0) return [[]];
  const first = series[0];
  const tables = series.map((one): uPlot.AlignedData => [[...one.x], [...one.y]]);
  if (series.length === 1 || series.every((one) => one.x === first?.x))
    return [[...(first?.x ?? [])], ...series.map((one) => [...one.y])];
  return uPlot.join(tables);
}

function valueAt(values: ArrayLike<number | null | undefined> | undefined, index: number | null): string {
  if (!values || values.length === 0) return '';
  for (let at = index ?? values.length - 1; at >= 0; at -= 1) {
    const value = values[at];
    if (value != null) return formatValue(value);
    if (index !== null && index - at > 50) break;
  }
  return '–';
}

function summary(label: string, series: readonly ChartSeries[]): string {
  const ends = series
    .filter((one) => !one.faint)
    .slice(0, 8)
    .map((one) => `${one.name} ${valueAt(one.y, null)}`);
  return ends.length > 0 ? `${label}. Last values: ${ends.join(', ')}` : label;
}
