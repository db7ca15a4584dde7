import { Drawer, Skeleton, Stack, Text, Timeline } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { getPolicyHistory } from '../../api/policies.ts';
import { cellKeyOfNci, listRicPolicies, type RicPolicy, readSlicePolicy, sstName } from '../../api/ric.ts';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { Command, EmptyState } from '../../ui/empty-state.tsx';
import { ErrorCard } from '../../ui/error-card.tsx';
import { formatTime } from '../../ui/format.ts';
import { Panel } from '../../ui/panel.tsx';
import { StatusBadge } from '../../ui/status-badge.tsx';
import { ratioText } from './ratio.ts';

/** The policies as the Near-RT RIC holds them. */
export function Policies() {
  const [open, setOpen] = useState<RicPolicy>();
  const list = useQuery({
    queryKey: ['ric', 'policies'],
    queryFn: ({ signal }) => listRicPolicies(signal),
    refetchInterval: 3_000,
  });
  const enforced = list.data?.policies.filter(({ status }) => status.enforceStatus === 'ENFORCED').length;
  return (
    <Panel title="A1 policies" flush note={list.data ? `${enforced} of ${list.data.total} enforced` : ''}>
      {list.error && !list.data ? (
        <ErrorCard error={list.error} m="md" mt={0} />
      ) : (
        <DataTable
          label="A1 policies"
          columns={COLUMNS}
          rows={list.data?.policies}
          rowKey={(row) => row.policyId}
          onOpen={setOpen}
          maxHeight={420}
          minWidth={370}
          empty={
            <EmptyState
              title="No policy yet"
              hint="The rApp sends its first policy when a forecast asks for other ratios."
            />
          }
        />
      )}
      <Drawer
        opened={open !== undefined}
        onClose={() => setOpen(undefined)}
        position="right"
        size="lg"
        title={open?.policyId ?? ''}
      >
        {open && <History policy={open} />}
      </Drawer>
    </Panel>
  );
}

const COLUMNS: readonly Column<RicPolicy>[] = [
  {
    key: 'cell',
    header: 'Cell',
    width: 76,
    render: ({ policyObject }) => cellText(readSlicePolicy(policyObject).ncI),
  },
  {
    key: 'slice',
    header: 'Slice',
    width: 74,
    render: ({ policyObject }) => sstName(readSlicePolicy(policyObject).sst),
  },
  {
    key: 'ratio',
    header: 'Ratio, %',
    width: 84,
    render: ({ policyObject }) => ratioText(readSlicePolicy(policyObject).ratio),
  },
  {
    key: 'status',
    header: 'Status',
    width: 142,
    render: ({ status }) => <StatusBadge status={status.enforceStatus} />,
  },
  {
    key: 'modified',
    header: 'Changed',
    render: ({ lastModified }) => <span title={formatTime(lastModified)}>{formatTime(lastModified).slice(11)}</span>,
  },
];

const cellText = (ncI: number | undefined) =>
  ncI === undefined ? 'all' : <span title={`NR cell identity ${ncI}`}>{cellKeyOfNci(ncI)}</span>;

/** The life of a policy as the Non-RT RIC recorded it, newest first. */
function History({ policy }: { policy: RicPolicy }) {
  const { policyId: id, policyTypeId, status, detail } = policy;
  const history = useQuery({
    queryKey: ['policies', id, 'history'],
    queryFn: ({ signal }) => getPolicyHistory(id, signal),
    refetchInterval: 5_000,
  });
  return (
    <Stack gap="md">
      <Text size="sm" c="dimmed" component="div">
        {policyTypeId} <StatusBadge status={status.enforceStatus} /> {status.enforceReason} {detail}
      </Text>
      {history.error && <ErrorCard error={history.error} />}
      {history.isPending && <Skeleton h={300} />}
      {history.data && (
        <Timeline bulletSize={14} lineWidth={2}>
          {[...history.data.events].reverse().map((event, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: events of one policy can be equal in all their fields.
            <Timeline.Item key={at} title={event.kind.toLowerCase()}>
              <Text size="xs" c="dimmed">
                {formatTime(event.time)}
                {event.httpStatus === undefined ? '' : `, HTTP ${event.httpStatus}`} {event.detail}
              </Text>
              {event.status && <StatusBadge status={event.status.enforceStatus} />}
              {event.policyObject && <Command text={JSON.stringify(event.policyObject, null, 2)} />}
            </Timeline.Item>
          ))}
        </Timeline>
      )}
    </Stack>
  );
}
