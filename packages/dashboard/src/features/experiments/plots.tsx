import { Skeleton, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { getPlots, type PlotEvent } from '../../api/events.ts';
import type { Task } from '../../api/tracking.ts';
import { Chart } from '../../ui/chart.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorCard } from '../../ui/error-card.tsx';
import { Panel } from '../../ui/panel.tsx';
import styles from './experiments.module.css';
import { isSeries, type PlotTable, readPlot } from './plot-data.ts';
import { type ChartPlot, PlotFigure } from './plot-figure.tsx';

const MOST_JSON = 50_000;

export function Plots({ task }: { task: Task }) {
  const plots = useQuery({
    queryKey: ['task', task.id, 'plots'],
    queryFn: ({ signal }) => getPlots(task.id, signal),
  });
  if (plots.error && !plots.data) return <ErrorCard error={plots.error} onRetry={() => void plots.refetch()} />;
  if (!plots.data)
    return (
      <div className={styles['columns']}>
        <Skeleton h={360} />
        <Skeleton h={360} />
      </div>
    );
  if (plots.data.length === 0)
    return <EmptyState title="No plot" hint="Tables and figures that a task reports are shown here." />;
  return (
    <div className={styles['columns']}>
      {plots.data.map((event) => (
        <PlotCard key={`${event.metric} ${event.variant}`} event={event} />
      ))}
    </div>
  );
}

function PlotCard({ event }: { event: PlotEvent }) {
  const plot = useMemo(() => readPlot(event.plot_str), [event.plot_str]);
  const name = [event.metric, event.variant].filter((part) => part.trim() !== '').join(' / ');
  return (
    <Panel title={name} note={plot.title === event.metric || plot.title === name ? '' : plot.title}>
      {plot.kind === 'chart' && (isSeries(plot.traces) ? <Lines plot={plot} /> : <PlotFigure plot={plot} />)}
      {plot.kind === 'table' && <Cells table={plot.table} />}
      {plot.kind === 'other' && (
        <>
          <Text size="xs" c="dimmed" mb={4}>
            This kind of figure is not drawn here; it was reported as:
          </Text>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard. */}
          <pre className={styles['code']} tabIndex={0}>
            {plot.json.slice(0, MOST_JSON)}
          </pre>
        </>
      )}
    </Panel>
  );
}

function Lines({ plot }: { plot: ChartPlot }) {
  const series = useMemo(() => plot.traces.map(({ name, x, y }) => ({ name, x: x.map(Number), y })), [plot]);
  return (
    <Chart label={plot.title} series={series} height={300} time={plot.time} unit={plot.yTitle} xTitle={plot.xTitle} />
  );
}

function Cells({ table }: { table: PlotTable }) {
  return (
    <div style={{ maxHeight: 420, overflow: 'auto' }}>
      <Table stickyHeader striped="even" verticalSpacing={5}>
        <Table.Thead>
          <Table.Tr>
            {table.header.map((cell, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: headers can repeat.
              <Table.Th key={at}>{cell}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {table.rows.map((row, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows have no name of their own.
            <Table.Tr key={at}>
              {row.map((cell, column) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: cells have no name of their own.
                <Table.Td key={column}>{cell}</Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}
