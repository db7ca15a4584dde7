import { Skeleton, Table, UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import type { KeyboardEvent, MouseEvent, ReactNode } from 'react';
import styles from './ui.module.css';

export interface Column<Row> {
  key: string;
  header: ReactNode;
  render: (row: Row) => ReactNode;
  align?: 'left' | 'right';
  width?: number | string;
  /** The field to sort by; without it the column cannot be sorted. */
  sort?: string;
}

export interface DataTableProps<Row> {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[] | undefined;
  rowKey: (row: Row) => string;
  onOpen?: (row: Row) => void;
  /** The row whose details are shown beside the table. */
  chosen?: string;
  /** A field of a column, `-` in front for descending. */
  sort?: string;
  onSort?: (sort: string) => void;
  /** Rows drawn while `rows` is undefined. */
  skeletonRows?: number;
  minWidth?: number;
  maxHeight?: number;
  empty?: ReactNode;
}

/** Up and down move between rows, Enter opens one. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { columns, rows, onOpen, skeletonRows = 8, minWidth = 600 } = props;
  if (rows?.length === 0 && props.empty) return props.empty;
  return (
    <div className={styles['scroller']} style={props.maxHeight === undefined ? {} : { maxHeight: props.maxHeight }}>
      <Table
        aria-label={props.label}
        highlightOnHover={onOpen !== undefined}
        miw={minWidth}
        stickyHeader={props.maxHeight !== undefined}
        className={styles['table'] ?? ''}
        layout="fixed"
      >
        <Table.Thead>
          <Table.Tr>
            {columns.map((column) => (
              <Head key={column.key} column={column} sort={props.sort} onSort={props.onSort} />
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody onKeyDown={move}>
          {rows
            ? rows.map((row) => (
                <Table.Tr
                  key={props.rowKey(row)}
                  tabIndex={onOpen ? 0 : -1}
                  data-opens={onOpen !== undefined}
                  {...(props.chosen === props.rowKey(row) ? { 'data-chosen': true, 'aria-selected': true } : {})}
                  onClick={(event) => {
                    if (!onControl(event)) onOpen?.(row);
                  }}
                  onKeyDown={(event) => {
                    if (event.key === 'Enter' && event.target === event.currentTarget) onOpen?.(row);
                  }}
                >
                  {columns.map(({ key, align = 'left', render }) => (
                    <Table.Td key={key} ta={align}>
                      {render(row)}
                    </Table.Td>
                  ))}
                </Table.Tr>
              ))
            : Array.from({ length: skeletonRows }, (_, index) => index).map((index) => (
                <Table.Tr key={index}>
                  {columns.map(({ key }) => (
                    <Table.Td key={key}>
                      <Skeleton h={14} my={3} />
                    </Table.Td>
                  ))}
                </Table.Tr>
              ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function Head<Row>({
  column,
  sort,
  onSort,
}: {
  column: Column<Row>;
  sort: string | undefined;
  onSort: ((sort: string) => void) | undefined;
}) {
  const { header, align = 'left', width, sort: field } = column;
  const descending = field !== undefined && sort === `-${field}`;
  const sorted = descending || (field !== undefined && sort === field);
  const Icon = descending ? IconArrowDown : IconArrowUp;
  return (
    <Table.Th
      ta={align}
      {...(width === undefined ? {} : { w: width })}
      {...(sorted ? { 'aria-sort': descending ? ('descending' as const) : ('ascending' as const) } : {})}
    >
      {field && onSort ? (
        <UnstyledButton className={styles['sorter']} onClick={() => onSort(descending ? field : `-${field}`)}>
          {header}
          <Icon size={13} style={{ visibility: sorted ? 'visible' : 'hidden' }} aria-hidden />
        </UnstyledButton>
      ) : (
        header
      )}
    </Table.Th>
  );
}

/** A link or a button inside of a row leads to its own place. */
const onControl = ({ target }: MouseEvent) => target instanceof Element && target.closest('a, button') !== null;

function move(event: KeyboardEvent<HTMLElement>) {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  const row = event.target instanceof HTMLElement ? event.target.closest('tr') : null;
  const next = event.key === 'ArrowDown' ? row?.nextElementSibling : row?.previousElementSibling;
  if (!(next instanceof HTMLElement) || next.tabIndex < 0) return;
  event.preventDefault();
  next.focus();
}
