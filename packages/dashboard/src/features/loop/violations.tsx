import { Group, SegmentedControl } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { getSources, isTwin, queryTelemetry, type Series } from '../../api/r1.ts';
import { Chart } from '../../ui/chart.tsx';
import { ErrorCard } from '../../ui/error-card.tsx';
import { Panel } from '../../ui/panel.tsx';
import { accumulate, sumByTime } from './sums.ts';

const HOURS = { '1': 1, '6': 6, '24': 24 } as const;
const HEIGHT = 240;
const COUNTER = 'RL.SlaViolationTime';
const MICROS_PER_HOUR = 3_600_000_000;

/** SLA violation in the live cells and in the twin that gets the same traffic under static ratios. */
export function Violations() {
  const [hours, setHours] = useState<keyof typeof HOURS>('6');
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
    queryKey: ['telemetry', 'violations', last, hours],
    enabled: twins.length > 0,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      queryTelemetry(
        {
          counters: [COUNTER],
          // The twin starts with the loop: before that there is nothing to compare with.
          from: Math.max(0, first - 60_000_000, last - HOURS[hours] * MICROS_PER_HOUR),
          to: last + 1,
        },
        signal,
      ),
  });
  const series = useMemo(() => compare(lines.data ?? [], form === 'sum'), [lines.data, form]);
  const failed = sources.error ?? lines.error;
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
              { value: 'period', label: 'Each period' },
              { value: 'sum', label: 'Running sum' },
            ]}
          />
          <SegmentedControl
            size="xs"
            aria-label="Time range"
            value={hours}
            onChange={(value) => setHours(value in HOURS ? (value as keyof typeof HOURS) : '6')}
            data={Object.keys(HOURS).map((value) => ({ value, label: `${value} h` }))}
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
