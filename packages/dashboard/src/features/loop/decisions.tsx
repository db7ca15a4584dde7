import { Drawer, SegmentedControl, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { cellName, type Decision, listDecisions, listRApps, sliceName } from '../../api/r1.ts';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorCard } from '../../ui/error-card.tsx';
import { formatFixed, formatMicros } from '../../ui/format.ts';
import { Panel } from '../../ui/panel.tsx';
import { StatusBadge } from '../../ui/status-badge.tsx';
import { DecisionRecord } from './decision-record.tsx';
import { ratioText } from './ratio.ts';

const SHOWN = 200;

export function Decisions() {
  const [open, setOpen] = useState<Decision>();
  const [kind, setKind] = useState<'changed' | 'all'>('changed');
  const rapps = useQuery({
    queryKey: ['rapps'],
    queryFn: ({ signal }) => listRApps(signal),
    refetchInterval: 5_000,
  });
  const rapp = rapps.data?.find(({ id }) => id.includes('slice-assurance')) ?? rapps.data?.[0];
  const decisions = useQuery({
    queryKey: ['decisions', rapp?.id],
    enabled: rapp !== undefined,
    queryFn: ({ signal }) => listDecisions(rapp?.id ?? '', { limit: SHOWN }, signal),
    refetchInterval: 3_000,
  });
  const failed = decisions.data ? undefined : (rapps.error ?? decisions.error);
  const rows = decisions.data?.filter(
    ({ rule }) => kind === 'all' || (rule !== 'within-hysteresis' && rule !== 'rate-limited'),
  );
  return (
    <Panel
      title="Decisions"
      flush
      note={
        rapp && (
          <>
            {rapp.id} <StatusBadge status={rapp.state} /> {rapp.reason}
          </>
        )
      }
      actions={
        <SegmentedControl
          size="xs"
          aria-label="Which decisions"
          value={kind}
          onChange={(value) => setKind(value === 'all' ? 'all' : 'changed')}
          data={[
            { value: 'changed', label: 'That acted' },
            { value: 'all', label: 'All' },
          ]}
        />
      }
    >
      {failed ? (
        <ErrorCard error={failed} m="md" mt={0} />
      ) : (
        <DataTable
          label="Last decisions of the rApp"
          columns={COLUMNS}
          rows={rapps.data && !rapp ? [] : rows}
          rowKey={(row) => row.id}
          onOpen={setOpen}
          maxHeight={420}
          minWidth={700}
          empty={
            <EmptyState
              title="No decision yet"
              hint="The rApp decides once a model is deployed and telemetry is fresh."
            />
          }
        />
      )}
      <Drawer
        opened={open !== undefined}
        onClose={() => setOpen(undefined)}
        position="right"
        size="lg"
        title={open ? `${cellName(open.cell)}, ${sliceName(open.snssai)}: ${open.rule}` : ''}
      >
        {open && <DecisionRecord decision={open} />}
      </Drawer>
    </Panel>
  );
}

const COLUMNS: readonly Column<Decision>[] = [
  {
    key: 'time',
    header: 'Time',
    width: 86,
    render: ({ time }) => <span title={formatMicros(time)}>{formatMicros(time).slice(11)}</span>,
  },
  { key: 'cell', header: 'Cell', width: 68, render: ({ cell }) => cellName(cell) },
  { key: 'slice', header: 'Slice', width: 70, render: ({ snssai }) => sliceName(snssai) },
  {
    key: 'rule',
    header: 'Rule',
    width: 132,
    render: ({ rule }) => (
      <Text size="sm" fw={rule === 'changed' ? 600 : 400}>
        {rule}
      </Text>
    ),
  },
  { key: 'forecast', header: 'p50 / p90, PRB', align: 'right', width: 118, render: forecastText },
  {
    key: 'ratio',
    header: 'Ratio, %',
    render: ({ before, after }) => (after ? `${ratioText(before)} → ${ratioText(after)}` : ratioText(before)),
  },
  { key: 'effect', header: 'Here / twin, s', align: 'right', width: 124, render: effectText },
];

function forecastText({ forecast }: Decision) {
  return forecast ? `${formatFixed(forecast.p50, 1)} / ${formatFixed(forecast.p90, 1)}` : '–';
}

function effectText({ effect }: Decision) {
  return effect ? `${formatFixed(effect.here)} / ${formatFixed(effect.twin)}` : '–';
}
