import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { queueCurve } from '../../api/queues.ts';
import { Chart } from '../../ui/chart.tsx';
import { ErrorCard } from '../../ui/error-card.tsx';
import { chartRefreshMs } from './hours.tsx';

const HEIGHT = 150;

export function QueueCharts({ queue, hours }: { queue: string; hours: number }) {
  const curve = useQuery({
    queryKey: ['fleet', 'curve', queue, hours],
    placeholderData: keepPreviousData,
    refetchInterval: chartRefreshMs(hours),
    queryFn: async ({ signal }) => (await queueCurve(queue, { hours }, signal)) ?? null,
  });
  const { lengths, waits } = useMemo(() => {
    const { dates = [], queue_lengths = [], avg_waiting_times = [] } = curve.data ?? {};
    const x = dates.map((ms) => ms / 1000);
    return {
      lengths: x.length === 0 ? [] : [{ name: 'waiting tasks', x, y: queue_lengths, stepped: true }],
      waits: x.length === 0 ? [] : [{ name: 'average wait', x, y: avg_waiting_times }],
    };
  }, [curve.data]);
  if (curve.error && !curve.data) return <ErrorCard error={curve.error} onRetry={() => void curve.refetch()} />;
  const shared = { height: HEIGHT, time: true, syncKey: 'queue', loading: curve.isPending };
  return (
    <>
      <Chart {...shared} label="Waiting tasks" unit="tasks" series={lengths} />
      <Chart {...shared} label="Average wait" unit="s" series={waits} />
    </>
  );
}
