import { type Column, DataTable } from '../../ui/data-table.tsx';
import { formatFixed, formatValue } from '../../ui/format.ts';
import { Panel } from '../../ui/panel.tsx';
import type { Description } from './reports.ts';

type Row = Description['columns'][number];

const figure = (key: keyof Row['statistics'], header: string, whole = false): Column<Row> => ({
  key,
  header,
  align: 'right',
  width: 112,
  render: ({ statistics }) => (whole ? formatFixed(statistics[key]) : formatValue(statistics[key])),
});

const COLUMNS: readonly Column<Row>[] = [
  { key: 'counter', header: 'Counter', render: ({ counter }) => <span title={counter}>{counter}</span> },
  { key: 'unit', header: 'Unit', width: 90, render: ({ unit }) => unit || '–' },
  figure('count', 'Values', true),
  figure('missing', 'Missing', true),
  figure('mean', 'Mean'),
  figure('deviation', 'Deviation'),
  figure('minimum', 'Minimum'),
  figure('maximum', 'Maximum'),
];

export function Statistics({ description }: { description: Description }) {
  return (
    <Panel title="Statistics" note={`${formatFixed(description.lines)} lines`} flush>
      <DataTable
        label="Statistics"
        columns={COLUMNS}
        rows={description.columns}
        rowKey={({ counter }) => counter}
        minWidth={960}
      />
    </Panel>
  );
}
