import { List } from '@mantine/core';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { formatFixed } from '../../ui/format.ts';
import { Panel } from '../../ui/panel.tsx';
import { StatusBadge } from '../../ui/status-badge.tsx';
import type { QualityReport } from './reports.ts';

type Row = QualityReport['counters'][number];

const FAULTS = ['missing', 'gaps', 'longestGap', 'duplicates', 'suspect', 'outOfRange'] as const;
const HEADS: Record<(typeof FAULTS)[number], string> = {
  missing: 'Missing',
  gaps: 'Gaps',
  longestGap: 'Longest gap',
  duplicates: 'Duplicates',
  suspect: 'Suspect',
  outOfRange: 'Out of range',
};

const COLUMNS: readonly Column<Row>[] = [
  { key: 'counter', header: 'Counter', render: ({ counter }) => <span title={counter}>{counter}</span> },
  {
    key: 'unit',
    header: 'Unit',
    width: 84,
    render: ({ unit, expectedUnit }) =>
      expectedUnit !== '' && unit !== expectedUnit ? (
        <StatusBadge status="stale" text={`${unit}, not ${expectedUnit}`} />
      ) : (
        unit || '–'
      ),
  },
  { key: 'series', header: 'Series', align: 'right', width: 64, render: ({ series }) => formatFixed(series) },
  { key: 'samples', header: 'Samples', align: 'right', width: 84, render: ({ samples }) => formatFixed(samples) },
  ...FAULTS.map(
    (fault): Column<Row> => ({
      key: fault,
      header: HEADS[fault],
      align: 'right',
      width: 96,
      render: (row) => (
        <span style={row[fault] > 0 ? { color: 'var(--rl-warn)', fontWeight: 600 } : {}}>
          {formatFixed(row[fault])}
        </span>
      ),
    }),
  ),
];

export function Quality({ report }: { report: QualityReport }) {
  const sound = report.problems.length === 0;
  return (
    <Panel
      title="Quality"
      note={<StatusBadge status={sound ? 'done' : 'failed'} text={sound ? 'fit for use' : 'not fit for use'} />}
      flush
    >
      {!sound && (
        <List size="sm" px="md" mb="xs">
          {report.problems.map((problem) => (
            <List.Item key={problem}>{problem}</List.Item>
          ))}
        </List>
      )}
      <DataTable
        label="Quality"
        columns={COLUMNS}
        rows={report.counters}
        rowKey={({ counter }) => counter}
        minWidth={1020}
      />
    </Panel>
  );
}
