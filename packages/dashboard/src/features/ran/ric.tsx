import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import {
  cellKeyOfNci,
  getNode,
  listNodes,
  listRicPolicies,
  listXapps,
  type NodeInfo,
  type RicPolicy,
  readSlicePolicy,
  sstName,
  type XappInfo,
} from '../../api/ric.ts';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorCard } from '../../ui/error-card.tsx';
import { formatFixed, formatTime } from '../../ui/format.ts';
import { Panel } from '../../ui/panel.tsx';
import { StatusBadge } from '../../ui/status-badge.tsx';

const REFRESH_MS = 5_000;
const MOST_NODES = 50;

export function E2Nodes() {
  const nodes = useQuery({
    queryKey: ['ric', 'nodes'],
    refetchInterval: REFRESH_MS,
    queryFn: async ({ signal }) => {
      const states = (await listNodes(signal)).slice(0, MOST_NODES);
      return Promise.all(states.map(({ inventoryName }) => getNode(inventoryName, signal)));
    },
  });
  return (
    <Panel title="E2 nodes" flush note={nodes.data ? `${nodes.data.length} known` : ''}>
      {nodes.error && !nodes.data ? (
        <ErrorCard error={nodes.error} m="md" mt={0} />
      ) : (
        <DataTable
          label="E2 nodes"
          columns={NODE_COLUMNS}
          rows={nodes.data}
          rowKey={(node) => node.ranName}
          skeletonRows={2}
          minWidth={480}
          empty={<EmptyState title="No E2 node" hint="A node appears when it has set up E2 with the Near-RT RIC." />}
        />
      )}
    </Panel>
  );
}

const NODE_COLUMNS: readonly Column<NodeInfo>[] = [
  {
    key: 'name',
    header: 'Node',
    render: ({ ranName, managedElement }) => <span title={managedElement}>{ranName}</span>,
  },
  {
    key: 'status',
    header: 'E2',
    width: 132,
    render: ({ connectionStatus }) => <StatusBadge status={connectionStatus} />,
  },
  { key: 'cells', header: 'Cells', align: 'right', width: 62, render: ({ gnb }) => gnb.servedNrCells.length },
  {
    key: 'indications',
    header: 'Indications',
    align: 'right',
    width: 100,
    render: ({ indications }) => formatFixed(indications),
  },
  { key: 'controls', header: 'Controls', align: 'right', width: 86, render: ({ controls }) => formatFixed(controls) },
  {
    key: 'since',
    header: 'Since',
    width: 90,
    render: ({ statusUpdated }) => <span title={formatTime(statusUpdated)}>{formatTime(statusUpdated).slice(11)}</span>,
  },
];

export function Xapps() {
  const xapps = useQuery({
    queryKey: ['ric', 'xapps'],
    refetchInterval: REFRESH_MS,
    queryFn: ({ signal }) => listXapps(signal),
  });
  return (
    <Panel title="xApps" flush note={xapps.data ? `${xapps.data.length} on board` : ''}>
      {xapps.error && !xapps.data ? (
        <ErrorCard error={xapps.error} m="md" mt={0} />
      ) : (
        <DataTable
          label="xApps"
          columns={XAPP_COLUMNS}
          rows={xapps.data}
          rowKey={(xapp) => xapp.name}
          skeletonRows={2}
          minWidth={440}
          empty={<EmptyState title="No xApp" />}
        />
      )}
    </Panel>
  );
}

const XAPP_COLUMNS: readonly Column<XappInfo>[] = [
  { key: 'name', header: 'xApp', width: 130, render: ({ name, version }) => `${name} ${version}` },
  {
    key: 'status',
    header: 'State',
    width: 120,
    render: ({ status, reason }) => (
      <span title={reason}>
        <StatusBadge status={status === 'deployed' ? 'RUNNING' : 'failed'} text={status} />
      </span>
    ),
  },
  {
    key: 'counts',
    header: 'Counts',
    render: ({ counts }) => {
      const text = Object.entries(counts)
        .map(([name, value]) => `${name} ${formatFixed(value)}`)
        .join(', ');
      return <span title={text}>{text}</span>;
    },
  },
];

interface RatioRow {
  cell: string;
  bySst: ReadonlyMap<number, RicPolicy>;
}

/** The PRB ratios in force by cell and slice, as the policies of the Near-RT RIC say them. */
export function Ratios() {
  const policies = useQuery({
    queryKey: ['ric', 'policies'],
    refetchInterval: REFRESH_MS,
    queryFn: ({ signal }) => listRicPolicies(signal),
  });
  const rows = policies.data && ratioRows(policies.data.policies);
  const ssts = [...new Set(rows?.flatMap(({ bySst }) => [...bySst.keys()]) ?? [1, 2, 3])].sort((a, b) => a - b);
  return (
    <Panel title="PRB ratios by policy" flush note="min–max, dedicated, in percent of the PRBs of the cell">
      {policies.error && !policies.data ? (
        <ErrorCard error={policies.error} m="md" mt={0} />
      ) : rows?.length === 0 ? (
        <EmptyState
          title="No ratio is set by a policy"
          hint="The cells schedule by their own static ratios until a policy comes."
        />
      ) : (
        <DataTable
          label="PRB ratios by policy"
          columns={[
            { key: 'cell', header: 'Cell', width: 110, render: ({ cell }) => cell },
            ...ssts.map((sst) => ({
              key: `${sst}`,
              header: sstName(sst),
              render: ({ bySst }: RatioRow) => <RatioCell policy={bySst.get(sst)} />,
            })),
          ]}
          rows={rows}
          rowKey={({ cell }) => cell}
          skeletonRows={7}
        />
      )}
    </Panel>
  );
}

function RatioCell({ policy }: { policy: RicPolicy | undefined }) {
  const ratio = policy && readSlicePolicy(policy.policyObject).ratio;
  if (!policy || !ratio) return <Text c="dimmed">–</Text>;
  return (
    <>
      {formatFixed(ratio.min)}–{formatFixed(ratio.max)}, {formatFixed(ratio.dedicated)}{' '}
      {policy.status.enforceStatus !== 'ENFORCED' && <StatusBadge status={policy.status.enforceStatus} />}
    </>
  );
}

function ratioRows(policies: readonly RicPolicy[]): RatioRow[] {
  const rows = new Map<string, Map<number, RicPolicy>>();
  for (const policy of policies) {
    const { ncI, sst } = readSlicePolicy(policy.policyObject);
    if (ncI === undefined || sst === undefined) continue;
    const cell = cellKeyOfNci(ncI);
    const row = rows.get(cell) ?? new Map<number, RicPolicy>();
    rows.set(cell, row);
    // Newest first: an older policy for the same place is not the one in force.
    if (!row.has(sst)) row.set(sst, policy);
  }
  return [...rows]
    .map(([cell, bySst]) => ({ cell, bySst }))
    .sort((a, b) => a.cell.localeCompare(b.cell, 'en', { numeric: true }));
}
