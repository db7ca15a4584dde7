import { Skeleton, Text, useComputedColorScheme } from '@mantine/core';
import type { LoopState, RunName, SliceResult } from '../../api/loop.ts';
import { sliceName } from '../../api/r1.ts';
import { seriesColor } from '../../ui/colors.ts';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { formatFixed, formatPercent } from '../../ui/format.ts';
import styles from './page.module.css';

const RUNS: readonly { run: RunName; title: string }[] = [
  { run: 'none', title: 'No slice ratios: one proportional-fair scheduler' },
  { run: 'static', title: 'The best constant ratios found on the training days' },
  { run: 'reactive', title: 'Ratios from the last report' },
  { run: 'loop', title: 'Ratios from the forecasts of the model' },
  { run: 'oracle', title: 'Ratios from the true traffic to come' },
];

const HEIGHT = 330;

export function ResultBars({ state }: { state: LoopState | undefined }) {
  const scheme = useComputedColorScheme('light');
  if (!state) return <Skeleton h={HEIGHT} />;
  const seconds = state.violationSeconds;
  const most = Math.max(...RUNS.map(({ run }) => seconds[run]));
  if (most <= 0)
    return (
      <EmptyState title="Not measured yet" hint="The five controllers are compared once the loop acts on the cells." />
    );
  return (
    <div className={styles['bars']} style={{ height: HEIGHT }}>
      {RUNS.map(({ run, title }) => (
        <div key={run} className={styles['bar']} data-run={run} title={title}>
          <Text size="sm" className={styles['name'] ?? ''}>
            {run}
          </Text>
          <div className={styles['track']}>
            <div
              className={styles['fill']}
              style={{ width: `${(100 * seconds[run]) / most}%`, background: seriesColor(run, scheme) }}
            />
          </div>
          <Text size="sm" className="rl-num">
            <b>{formatFixed(seconds[run])} s</b>{' '}
            <Text span size="xs" c="dimmed">
              {run === 'static' || seconds.static <= 0 ? '' : against(seconds[run], seconds.static)}
            </Text>
          </Text>
        </div>
      ))}
    </div>
  );
}

function against(value: number, reference: number): string {
  const change = value / reference - 1;
  return `${change > 0 ? '+' : '−'}${formatPercent(Math.abs(change))} to static`;
}

interface Row {
  key: string;
  slice: string;
  first: boolean;
  run: RunName;
  result: SliceResult;
}

export function SliceTable({ state }: { state: LoopState | undefined }) {
  const rows = state?.slices.flatMap((result) =>
    RUNS.map(
      ({ run }, at): Row => ({ key: `${result.slice} ${run}`, slice: result.slice, first: at === 0, run, result }),
    ),
  );
  return (
    <DataTable
      label="Result by slice and controller"
      columns={COLUMNS}
      rows={rows}
      rowKey={(row) => row.key}
      minWidth={520}
      skeletonRows={15}
      empty={
        <EmptyState
          title="Not measured yet"
          hint="Served and unserved traffic, PRB use and violations of each slice."
        />
      }
    />
  );
}

const measure = (key: string, header: string, of: (row: Row) => string): Column<Row> => ({
  key,
  header,
  align: 'right',
  render: of,
});

const COLUMNS: readonly Column<Row>[] = [
  {
    key: 'slice',
    header: 'Slice',
    width: 72,
    render: ({ slice, first }) => (first ? <b>{/^[0-9a-f]+$/.test(slice) ? sliceName(slice) : slice}</b> : ''),
  },
  { key: 'run', header: 'Controller', width: 92, render: ({ run }) => (run === 'loop' ? <b>{run}</b> : run) },
  measure('violation', 'Violation, s', ({ result, run }) => formatFixed(result.violationSeconds[run])),
  measure('served', 'Served, Gbit', ({ result, run }) => formatFixed(result.servedMbit[run] / 1000, 1)),
  measure('unserved', 'Unserved, Mbit', ({ result, run }) => formatFixed(result.unservedMbit[run], 1)),
  measure('prb', 'PRB use, %', ({ result, run }) => formatFixed(result.prbUse[run], 1)),
];
