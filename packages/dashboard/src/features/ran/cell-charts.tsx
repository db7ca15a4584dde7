import { Text } from '@mantine/core';
import { useThrottledValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { cellKey, isTwin, queryTelemetry, type Series, sliceName, TWIN } from '../../api/r1.ts';
import { Chart, type ChartSeries } from '../../ui/chart.tsx';
import { ErrorCard } from '../../ui/error-card.tsx';
import { MEASURES, type Measure } from './measures.ts';
import styles from './ran.module.css';

const HEIGHT = 180;
/** Simulated periods pass faster than curves are worth being drawn anew. */
const REFRESH_MS = 2_500;
const MICROS_PER_HOUR = 3_600_000_000;
/** So many points are asked for at most: more than the pixels of a chart. */
const POINTS = 720;

interface CellChartsProps {
  cell: string;
  /** End of the newest period, microseconds. */
  until: number;
  hours: number;
  twin: boolean;
}

/** Every measure of one cell by slice; the twin of a slice has its colour, dashed. */
export function CellCharts({ cell, until: newest, hours, twin }: CellChartsProps) {
  const until = useThrottledValue(newest, REFRESH_MS);
  const step = Math.max(60, Math.ceil((hours * 3600) / POINTS / 60) * 60);
  const query = useQuery({
    queryKey: ['telemetry', 'cell', cell, hours, twin, until],
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const series = await queryTelemetry(
        {
          counters: MEASURES.map(({ counter }) => counter),
          from: Math.max(0, until - hours * MICROS_PER_HOUR),
          to: until + 1,
          ...(step > 60 ? { step, aggregate: 'avg' as const } : {}),
          objects: objectsOf(cell, twin),
        },
        signal,
      );
      return series.filter((one) => cellKey(one.dn) === cell && one.snssai && (twin || !isTwin(one.source)));
    },
  });
  if (query.error && !query.data) return <ErrorCard error={query.error} />;
  return (
    <div className={styles['charts']}>
      {MEASURES.map((measure) => (
        <MeasureChart key={measure.counter} measure={measure} series={query.data} />
      ))}
    </div>
  );
}

/** DNs under which the O-DU and the O-CU report of a cell, and those of its twin. */
function objectsOf(cell: string, twin: boolean): string[] {
  const at = cell.indexOf('/');
  const [element, number] = [cell.slice(0, at), cell.slice(at + 1)];
  return (twin ? [element, `${TWIN}${element}`] : [element]).flatMap((name) => [
    `ManagedElement=${name},GNBDUFunction=1,NRCellDU=${number}`,
    `ManagedElement=${name},GNBCUCPFunction=1,NRCellCU=${number}`,
  ]);
}

function MeasureChart({ measure, series }: { measure: Measure; series: readonly Series[] | undefined }) {
  const lines = useMemo(
    () =>
      (series ?? [])
        .filter(({ counter }) => counter === measure.counter)
        .sort((a, b) => Number(isTwin(a.source)) - Number(isTwin(b.source)) || order(a).localeCompare(order(b)))
        .map((one): ChartSeries => {
          const slice = sliceName(one.snssai);
          return {
            name: isTwin(one.source) ? `${slice} twin` : slice,
            colorName: slice,
            x: one.points.map(([time]) => time / 1e6),
            y: one.points.map(([, value]) => value * measure.scale),
          };
        }),
    [series, measure],
  );
  return (
    <div>
      <Text size="sm" fw={600}>
        {measure.title}{' '}
        <Text span size="xs" c="dimmed">
          {measure.unit}
        </Text>
      </Text>
      <Chart
        label={measure.title}
        series={lines}
        height={HEIGHT}
        time
        syncKey="ran-cell"
        loading={series === undefined}
      />
    </div>
  );
}

const order = ({ snssai }: Series) => snssai ?? '';
