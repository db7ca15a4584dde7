import { Group, Text, useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { distinctColors } from '../../ui/colors.ts';
import { formatCompact, formatValue } from '../../ui/format.ts';
import type { Plot, Trace } from './plot-data.ts';
import styles from './plot-figure.module.css';
import { type Scale, scaleOf } from './plot-scale.ts';

const HEIGHT = 300;
const EDGE = { left: 58, right: 12, top: 10, bottom: 44 };

export type ChartPlot = Extract<Plot, { kind: 'chart' }>;

/** Lines, points and bars of a reported figure. */
export function PlotFigure({ plot }: { plot: ChartPlot }) {
  const { ref, width } = useElementSize<HTMLDivElement>();
  const scheme = useComputedColorScheme('light');
  const w = Math.max(width, 280);
  const colors = distinctColors(
    plot.traces.map(({ name }) => name),
    scheme,
  );
  const x = scaleOf(
    plot.traces.flatMap((trace) => trace.x),
    [EDGE.left, w - EDGE.right],
    plot.time,
  );
  const bars = plot.traces.some((trace) => trace.kind === 'bars');
  const heights = plot.traces.flatMap((trace) => trace.y.filter((value) => value !== null));
  const y = scaleOf(bars ? [...heights, 0] : heights, [HEIGHT - EDGE.bottom, EDGE.top]);
  return (
    <div ref={ref}>
      <svg width={w} height={HEIGHT} className={styles['plot']} role="img" aria-label={plot.title || 'Reported plot'}>
        {y.ticks.map((tick) => (
          <g key={tick.label}>
            <line x1={EDGE.left} x2={w - EDGE.right} y1={tick.at} y2={tick.at} className={styles['grid']} />
            <text x={EDGE.left - 6} y={tick.at + 4} textAnchor="end">
              {tick.label}
            </text>
          </g>
        ))}
        {x.ticks.map((tick) => (
          <text key={tick.label} x={tick.at} y={HEIGHT - EDGE.bottom + 16} textAnchor="middle">
            {tick.label}
          </text>
        ))}
        {plot.traces.map((trace, index) => (
          <Marks
            // biome-ignore lint/suspicious/noArrayIndexKey: traces of one figure may share a name.
            key={`${trace.name} ${index}`}
            trace={trace}
            scales={{ x, y }}
            place={{ index, of: plot.traces.length }}
            color={colors[index] ?? ''}
          />
        ))}
        <text x={(EDGE.left + w) / 2} y={HEIGHT - 6} textAnchor="middle">
          {plot.xTitle}
        </text>
        <text transform={`translate(12 ${HEIGHT / 2 - 20}) rotate(-90)`} textAnchor="middle">
          {plot.yTitle}
        </text>
      </svg>
      <Group gap="md" pl={EDGE.left}>
        {plot.traces.map(({ name }, index) => (
          <Group gap={6} key={colors[index]}>
            <span className={styles['key']} style={{ background: colors[index] }} />
            <Text size="xs">{name}</Text>
          </Group>
        ))}
      </Group>
    </div>
  );
}

interface MarksProps {
  trace: Trace;
  scales: { x: Scale; y: Scale };
  place: { index: number; of: number };
  color: string;
}

function Marks({ trace, scales: { x, y }, place, color }: MarksProps) {
  const points = trace.x.flatMap((at, i) => {
    const value = trace.y[i];
    return value == null
      ? []
      : [{ x: x.of(at), y: y.of(value), text: `${trace.name}: ${said(at)}, ${formatValue(value)}` }];
  });
  if (trace.kind === 'line')
    return (
      <polyline
        points={points.map((point) => `${point.x.toFixed(1)},${point.y.toFixed(1)}`).join(' ')}
        fill="none"
        stroke={color}
        strokeWidth={1.75}
      />
    );
  if (trace.kind === 'points')
    return points.map((point) => (
      <circle
        key={`${point.x} ${point.y} ${point.text}`}
        cx={point.x}
        cy={point.y}
        r={2.5}
        fill={color}
        fillOpacity={0.7}
      >
        <title>{point.text}</title>
      </circle>
    ));
  const width = Math.max(1, (x.step * 0.8) / place.of);
  const floor = y.of(0);
  return points.map((point) => (
    <rect
      key={point.text}
      x={point.x - (width * place.of) / 2 + width * place.index}
      y={Math.min(point.y, floor)}
      width={width}
      height={Math.abs(floor - point.y)}
      fill={color}
    >
      <title>{point.text}</title>
    </rect>
  ));
}

const said = (value: number | string) => (typeof value === 'number' ? formatCompact(value) : value);
