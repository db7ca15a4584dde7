import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { activity, type MachineCurve, machineCurves, type WorkerState } from '../../api/workers.ts';
import { Chart, type ChartSeries } from '../../ui/chart.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorCard } from '../../ui/error-card.tsx';
import { Columns } from '../../ui/page.tsx';
import { Panel } from '../../ui/panel.tsx';
import { chartRefreshMs } from './hours.tsx';

const HEIGHT = 170;

/** One chart for each kind of measure; agents report memory in MB and the network in MB/s. */
const CHARTS: readonly { title: string; unit: string; keys: Record<string, string> }[] = [
  { title: 'CPU', unit: '%', keys: { cpu_usage: 'CPU' } },
  { title: 'GPU', unit: '%', keys: { gpu_usage: 'GPU' } },
  { title: 'Memory', unit: 'MB', keys: { memory_used: 'used', memory_free: 'free' } },
  { title: 'GPU memory', unit: 'MB', keys: { gpu_memory_used: 'used', gpu_memory_free: 'free' } },
  { title: 'Network', unit: 'MB/s', keys: { network_rx: 'received', network_tx: 'sent' } },
];

export function Machine({ worker, hours }: { worker: WorkerState; hours: number }) {
  const curves = useQuery({
    queryKey: ['fleet', 'machine', worker.id, hours],
    placeholderData: keepPreviousData,
    refetchInterval: chartRefreshMs(hours),
    queryFn: ({ signal }) => machineCurves(worker.id, { hours }, signal),
  });
  const charts = useMemo(
    () =>
      CHARTS.map((chart) => ({ ...chart, series: seriesOf(curves.data ?? [], chart.keys) })).filter(
        ({ series }) => series.length > 0,
      ),
    [curves.data],
  );
  if (curves.error && !curves.data) return <ErrorCard error={curves.error} onRetry={() => void curves.refetch()} />;
  if (curves.data && charts.length === 0)
    return (
      <Panel title={worker.id}>
        <EmptyState title="No measures in this time" hint="Choose a longer time, or wait for the next report." />
      </Panel>
    );
  const shown = curves.isPending ? CHARTS.slice(0, 2).map((chart) => ({ ...chart, series: [] })) : charts;
  return (
    <Columns least={400}>
      {shown.map(({ title, unit, series }) => (
        <Panel key={title} title={`${title} of ${worker.id}`}>
          <Chart
            label={title}
            unit={unit}
            series={series}
            height={HEIGHT}
            time
            syncKey="machine"
            loading={curves.isPending}
          />
        </Panel>
      ))}
    </Columns>
  );
}

function seriesOf(curves: readonly MachineCurve[], keys: Record<string, string>): ChartSeries[] {
  return curves
    .filter(({ metric }) => metric in keys)
    .map(({ metric, variant, dates, values }) => ({
      name: variant === 'total' ? (keys[metric] ?? metric) : `${keys[metric]} ${variant}`,
      x: dates.map((ms) => ms / 1000),
      y: values,
    }));
}

/** How many workers there were, and how many of them worked. */
export function Activity({ hours }: { hours: number }) {
  const report = useQuery({
    queryKey: ['fleet', 'activity', hours],
    placeholderData: keepPreviousData,
    refetchInterval: chartRefreshMs(hours),
    queryFn: ({ signal }) => activity({ hours }, signal),
  });
  const series = useMemo((): ChartSeries[] => {
    if (!report.data) return [];
    const { total, active } = report.data;
    const x = total.dates.map((ms) => ms / 1000);
    return [
      { name: 'workers', x, y: total.counts, stepped: true },
      { name: 'at work', x, y: active.counts, stepped: true },
    ];
  }, [report.data]);
  return (
    <Panel title="All workers">
      {report.error && !report.data ? (
        <ErrorCard error={report.error} onRetry={() => void report.refetch()} />
      ) : (
        <Chart label="Workers" series={series} height={HEIGHT} time syncKey="machine" loading={report.isPending} />
      )}
    </Panel>
  );
}
