import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { modelScalars } from '../../api/models.ts';
import { Chart } from '../../ui/chart.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorCard } from '../../ui/error-card.tsx';

export function Scalars({ model }: { model: string }) {
  const curves = useQuery({
    queryKey: ['model', model, 'scalars'],
    queryFn: ({ signal }) => modelScalars(model, signal),
  });
  if (curves.error) return <ErrorCard error={curves.error} onRetry={() => void curves.refetch()} />;
  if (!curves.data) return <Skeleton h={160} />;
  const metrics = Object.entries(curves.data);
  if (metrics.length === 0)
    return (
      <EmptyState
        title="None"
        hint="The curves of its training are on the page of its experiment. A model can have its own:"
        command={'output_model.report_scalar("drift", "PRB", value=0.1, iteration=1)'}
      />
    );
  return metrics.map(([metric, variants]) => (
    <Chart
      key={metric}
      label={metric}
      height={170}
      unit={metric}
      series={Object.entries(variants).map(([name, { x, y }]) => ({ name, x, y }))}
    />
  ));
}
