import { Group, SegmentedControl } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { getSources, isTwin, queryTelemetry, type Series } from '../../api/r1.ts';
import { Chart } from '../../ui/chart.tsx';
import { ErrorCard } from '../../ui/error-card.tsx';
import { Panel } from '../../ui/panel.tsx';
import { accumulate, sumByTime } from './sums.ts';

/** Ranges, and into sums of how many seconds they are gathered: about as many as a chart has pixels. */
const RANGES = {
  '6 h': { hours: 6, step: 60 },
  '24 h': { hours: 24, step: 300 },
  '7 d': { hours: 168, step: 1800 },
} as const;
type Range = keyof typeof RANGES;
const HEIGHT = 240;
const COUNTER = 'RL.SlaViolationTime';
const MICROS_PER_HOUR = 3_600_000_000;

/** SLA violation in the live cells and in the twin that gets the same traffic under static ratios. */
export function Violations() {
  const [range, setRange] = useState<Range>('24 h');
  const { hours, step } = RANGES[range];
  const [form, setForm] = useState<'period' | 'sum'>('sum');
  const sources = useQuery({
    queryKey: ['telemetry', 'sources'],
    queryFn: ({ signal }) => getSources(signal),
    refetchInterval: 3_000,
  });
  const twins = sources.data?.filter(({ source }) => isTwin(source)) ?? [];
  const last = Math.max(0, ...twins.map((source) => source.last));
  const first = Math.min(...twins.map((source) => source.first));
  const lines = useQuery({
    queryKey: ['telemetry', 'violations', last, range],
    enabled: twins.length > 0,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      queryTelemetry(
        {
          counters: [COUNTER],
          // The twin starts with the loop: before that there is nothing to compare with.
          from: Math.max(0, first, last - hours * MICROS_PER_HOUR),
          to: last + 1,
          step,
          aggregate: 'sum',
        },
        signal,
      ),
  });
  const series = useMemo(() => compare(lines.data ?? [], form === 'sum'), [lines.data, form]);
  const failed = lines.data ? undefined : (sources.error ?? lines.error);
  return (
    <Panel
      title="Violation over time"
      note="the live cells against their twin under static ratios"
      actions={
        <Group gap="md" wrap="nowrap">
          <SegmentedControl
            size="xs"
            aria-label="Form"
            value={form}
            onChange={(value) => setForm(value === 'sum' ? 'sum' : 'period')}
            data={[
              { value: 'period', label: step === 60 ? 'Each minute' : `Each ${step / 60} min` },
              { value: 'sum', label: 'Running sum' },
            ]}
          />
          <SegmentedControl
            size="xs"
            aria-label="Time range"
            value={range}
            onChange={(value) => setRange(value as Range)}
            data={Object.keys(RANGES)}
          />
        </Group>
      }
    >
      {failed ? (
        <ErrorCard error={failed} />
      ) : (
        <Chart
          label="SLA violation over time"
          height={HEIGHT}
          time
          unit="s"
          series={series}
          loading={sources.isPending || (twins.length > 0 && lines.isPending)}
          empty="The twin has not reported yet: it starts when the loop begins to act"
        />
      )}
    </Panel>
  );
}

function compare(given: readonly Series[], running: boolean) {
  // A cell reports the counter by slice, and once more as their sum.
  const all = given.filter(({ snssai }) => snssai !== undefined);
  const groups = [
    { name: 'live', label: 'live (loop)', series: all.filter(({ source }) => !isTwin(source)) },
    { name: 'twin', label: 'twin (static)', series: all.filter(({ source }) => isTwin(source)) },
  ];
  return groups
    .filter((group) => group.series.length > 0)
    .map(({ name, label, series }) => {
      const { x, y } = sumByTime(series.map((one) => one.points));
      return { name: label, colorName: name, x, y: running ? accumulate(y) : y };
    });
}
