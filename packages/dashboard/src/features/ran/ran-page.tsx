import { Group, SegmentedControl, Skeleton, Switch, Text } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { sliceName } from '../../api/r1.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorCard } from '../../ui/error-card.tsx';
import { formatFixed, formatMicros } from '../../ui/format.ts';
import { LiveSign } from '../../ui/live-sign.tsx';
import { PageHead, Panel } from '../../ui/panel.tsx';
import { StatTile } from '../../ui/stat-tile.tsx';
import { CellCharts } from './cell-charts.tsx';
import { CellTable, SliceKeys } from './cell-table.tsx';
import type { Cell } from './cells.ts';
import { HexMap } from './hex-map.tsx';
import styles from './ran.module.css';
import { E2Nodes, Ratios, Xapps } from './ric.tsx';
import { useCells } from './use-cells.ts';

const HOURS = [1, 6, 24] as const;

export function RanPage() {
  const search = useSearch({ from: '/shell/ran' });
  const navigate = useNavigate();
  const { cells, stream } = useCells();
  const all = cells.data;
  const chosen = all?.find(({ key }) => key === search.cell) ?? all?.[0];
  const until = Math.max(0, ...(all ?? []).map(({ time }) => time));
  const hours = search.hours ?? 6;
  const twin = search.twin ?? false;
  const change = (next: Partial<typeof search>) =>
    void navigate({ to: '/ran', search: { ...search, ...next }, replace: true, resetScroll: false });
  const slices = [...new Set(all?.flatMap((cell) => cell.slices.map(({ snssai }) => sliceName(snssai))) ?? [])];
  return (
    <div className={styles['page']}>
      <PageHead title="RAN" aside={<LiveSign status={stream} />}>
        <Text size="sm" c="dimmed" className="rl-num">
          {until > 0 ? `last period ends ${formatMicros(until)}` : ''}
        </Text>
      </PageHead>
      {cells.error && !all && <ErrorCard error={cells.error} onRetry={() => void cells.refetch()} />}
      <Totals cells={all} />
      {all?.length === 0 ? (
        <Panel title="Cells">
          <EmptyState
            title="No cell has reported yet"
            hint="Cells appear as soon as a source sends TS 28.552 measurements as VES events. To send a recorded capture:"
            command="npm run ranloop -- replay FILE --map MAP.json"
          />
        </Panel>
      ) : (
        <>
          <div className={styles['pair']} data-kind="map">
            <Panel title="Load">
              {all ? (
                <HexMap cells={all} chosen={chosen?.key} onChoose={(cell) => change({ cell })} />
              ) : (
                <Skeleton h={398} />
              )}
            </Panel>
            <Panel title="Cells" flush actions={<SliceKeys slices={slices} />}>
              <CellTable cells={all} onChoose={(cell) => change({ cell })} />
            </Panel>
          </div>
          <Panel
            title={chosen ? `${chosen.name} of ${chosen.key.split('/')[0]}` : 'Cell'}
            note="by slice"
            actions={
              <Group gap="md" wrap="nowrap">
                <Switch
                  size="xs"
                  label="With the twin under static ratios"
                  checked={twin}
                  onChange={(event) => change({ twin: event.currentTarget.checked })}
                />
                <SegmentedControl
                  size="xs"
                  aria-label="Time range"
                  value={`${hours}`}
                  onChange={(value) => change({ hours: Number(value) })}
                  data={HOURS.map((value) => ({ value: `${value}`, label: `${value} h` }))}
                />
              </Group>
            }
          >
            {chosen ? <CellCharts cell={chosen.key} until={until} hours={hours} twin={twin} /> : <Skeleton h={640} />}
          </Panel>
        </>
      )}
      <Ratios />
      <div className={styles['pair']} data-kind="ric">
        <E2Nodes />
        <Xapps />
      </div>
    </div>
  );
}

function Totals({ cells }: { cells: readonly Cell[] | undefined }) {
  const loading = cells === undefined;
  const count = cells?.length ?? 0;
  const sum = (of: (cell: Cell) => number) => (cells ?? []).reduce((total, cell) => total + of(cell), 0);
  const twins = cells?.some(({ twinViolation }) => twinViolation !== undefined) ?? false;
  const powered = cells?.some(({ power }) => power !== undefined) ?? false;
  const violation = sum((cell) => cell.violation);
  return (
    <div className={styles['tiles']}>
      <StatTile label="Cells" loading={loading} value={formatFixed(count)} note="reporting" />
      <StatTile
        label="Mean load"
        loading={loading}
        value={count > 0 ? `${formatFixed(sum((cell) => cell.load) / count, 1)} %` : '–'}
        note="of PRBs, last period"
      />
      <StatTile label="Users" loading={loading} value={formatFixed(sum((cell) => cell.users))} note="connected, mean" />
      <StatTile
        label="SLA violation"
        loading={loading}
        value={`${formatFixed(violation)} s`}
        note={twins ? `twin ${formatFixed(sum((cell) => cell.twinViolation ?? 0))} s, last period` : 'last period'}
        {...(violation > 0 ? { tone: 'warn' as const } : {})}
      />
      <StatTile
        label="Power"
        loading={loading}
        value={powered ? `${formatFixed(sum((cell) => cell.power ?? 0) / 1000, 2)} kW` : '–'}
        note="mean of the last period"
      />
    </div>
  );
}
