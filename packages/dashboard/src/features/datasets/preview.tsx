import { useMemo } from 'react';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { formatFixed, formatMicros } from '../../ui/format.ts';
import { binsOf, Histogram } from '../../ui/histogram.tsx';
import { Panel } from '../../ui/panel.tsx';
import { numbersOf, readCsv } from './csv.ts';

const SHOWN_LINES = 100;
/** Distributions are made of so many lines; reading them takes well under half a second. */
const MOST_LINES = 100_000;

interface Line {
  at: number;
  fields: readonly string[];
}

/** The first lines of a table, each column with the distribution of its values. */
export function Preview({ name, bytes }: { name: string; bytes: Uint8Array }) {
  const { columns, width, lines, note } = useMemo(() => {
    const { head, rows, more } = readCsv(new TextDecoder().decode(bytes), MOST_LINES);
    return {
      columns: head.map((title, at) => column(title, at, rows)),
      width: head.reduce((sum, title) => sum + widthOf(title), 0),
      lines: rows.slice(0, SHOWN_LINES).map((fields, at): Line => ({ at, fields })),
      note: `${formatFixed(Math.min(SHOWN_LINES, rows.length))} lines; distributions of ${more ? 'the first ' : 'all '}${formatFixed(rows.length)}`,
    };
  }, [bytes]);
  return (
    <Panel title={`Preview of ${name}`} note={note} flush>
      <DataTable
        label={`Preview of ${name}`}
        columns={columns}
        rows={lines}
        rowKey={({ at }) => `${at}`}
        minWidth={width}
        maxHeight={420}
      />
    </Panel>
  );
}

/** The longest word of the title fits; times and histograms do always. */
const widthOf = (title: string): number =>
  Math.max(165, 24 + 8 * Math.max(...title.split(' ').map(({ length }) => length)));

function column(title: string, at: number, rows: readonly string[][]): Column<Line> {
  const numbers = numbersOf(rows, at);
  const bins = numbers && binsOf(numbers);
  const isTime = title === 'time [us]';
  const different = numbers ? 0 : new Set(rows.map((row) => row[at])).size;
  return {
    key: `${at}`,
    header: (
      <span title={title}>
        {title}
        {bins ? (
          <Histogram name={title} bins={bins} />
        ) : (
          <span style={{ display: 'block', fontWeight: 400, height: 32 }}>{formatFixed(different)} different</span>
        )}
      </span>
    ),
    width: widthOf(title),
    align: numbers && !isTime ? 'right' : 'left',
    render: ({ fields }) => {
      const text = fields[at] ?? '';
      if (isTime) return formatMicros(Number(text));
      return text === '' ? '–' : <span title={text}>{text}</span>;
    },
  };
}
