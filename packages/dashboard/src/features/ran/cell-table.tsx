import { Group, useComputedColorScheme } from '@mantine/core';
import { sliceName } from '../../api/r1.ts';
import { seriesColor } from '../../ui/colors.ts';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { formatFixed } from '../../ui/format.ts';
import type { Cell } from './cells.ts';
import { DELAY, LOSS } from './measures.ts';
import styles from './ran.module.css';

interface CellTableProps {
  cells: readonly Cell[] | undefined;
  onChoose: (key: string) => void;
}

export function CellTable({ cells, onChoose }: CellTableProps) {
  return (
    <DataTable
      label="Cells"
      columns={COLUMNS}
      rows={cells}
      rowKey={(cell) => cell.key}
      onOpen={(cell) => onChoose(cell.key)}
      minWidth={680}
      maxHeight={420}
      skeletonRows={7}
    />
  );
}

const COLUMNS: readonly Column<Cell>[] = [
  { key: 'name', header: 'Cell', width: 70, render: ({ name, key }) => <b title={key}>{name}</b> },
  { key: 'load', header: 'PRB, %', align: 'right', width: 70, render: ({ load }) => formatFixed(load) },
  { key: 'slices', header: 'PRB by slice', render: (cell) => <Stack cell={cell} /> },
  { key: 'users', header: 'Users', align: 'right', width: 64, render: ({ users }) => formatFixed(users) },
  { key: 'delay', header: 'URLLC delay, ms', align: 'right', width: 118, render: (cell) => urllc(cell, DELAY, 0.1, 2) },
  { key: 'loss', header: 'URLLC loss, %', align: 'right', width: 106, render: (cell) => urllc(cell, LOSS, 1e-4, 3) },
  {
    key: 'violation',
    header: 'Violation, s',
    align: 'right',
    width: 92,
    render: ({ violation }) => formatFixed(violation),
  },
  {
    key: 'twin',
    header: 'Twin, s',
    align: 'right',
    width: 68,
    render: ({ twinViolation }) => (twinViolation === undefined ? '–' : formatFixed(twinViolation)),
  },
];

function urllc(cell: Cell, counter: string, scale: number, digits: 2 | 3): string {
  const value = cell.slices.find(({ snssai }) => snssai.startsWith('02'))?.counters.get(counter);
  return value === undefined ? '–' : formatFixed(value * scale, digits);
}

function Stack({ cell }: { cell: Cell }) {
  const scheme = useComputedColorScheme('light');
  const said = cell.slices.map(({ snssai, load }) => `${sliceName(snssai)} ${formatFixed(load)} %`).join(', ');
  return (
    <div className={styles['stack']} role="img" aria-label={said} title={said}>
      {cell.slices.map(({ snssai, load }) => (
        <div key={snssai} style={{ width: `${load}%`, background: seriesColor(sliceName(snssai), scheme) }} />
      ))}
    </div>
  );
}

export function SliceKeys({ slices }: { slices: readonly string[] }) {
  const scheme = useComputedColorScheme('light');
  return (
    <Group gap="md">
      {slices.map((name) => (
        <span key={name} className={styles['key']}>
          <i style={{ background: seriesColor(name, scheme) }} />
          {name}
        </span>
      ))}
    </Group>
  );
}
