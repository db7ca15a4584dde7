import { SegmentedControl, Skeleton, Slider, Switch, Text, TextInput } from '@mantine/core';
import { useIntersection } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { getScalars, getSingleValues, type ScalarAxis } from '../../api/events.ts';
import type { Task } from '../../api/tracking.ts';
import { Chart, type ChartSeries } from '../../ui/chart.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorCard } from '../../ui/error-card.tsx';
import { formatValue } from '../../ui/format.ts';
import { smooth } from '../../ui/smoothing.ts';
import { StatTile } from '../../ui/stat-tile.tsx';
import styles from './experiments.module.css';
import { type Card, type Grouping, toCards } from './scalar-cards.ts';

const HEIGHT = 230;
/** Chart, legend and title: what a card takes before its chart is drawn. */
const CARD_HEIGHT = HEIGHT + 68;

interface Look {
  smoothing: number;
  log: boolean;
  axis: ScalarAxis;
}

export function Scalars({ task }: { task: Task }) {
  const [look, setLook] = useState<Look>({ smoothing: 0, log: false, axis: 'iter' });
  const [grouping, setGrouping] = useState<Grouping>('metric');
  const [filter, setFilter] = useState('');
  const curves = useQuery({
    queryKey: ['task', task.id, 'scalars', look.axis],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => getScalars(task.id, look.axis, signal),
  });
  const singles = useQuery({
    queryKey: ['task', task.id, 'singles'],
    queryFn: ({ signal }) => getSingleValues(task.id, signal),
  });
  const cards = useMemo(() => toCards(curves.data ?? {}, grouping, filter), [curves.data, grouping, filter]);
  if (curves.error && !curves.data) return <ErrorCard error={curves.error} onRetry={() => void curves.refetch()} />;
  const nothing = curves.data && Object.keys(curves.data).length === 0 && singles.data?.length === 0;
  if (nothing)
    return (
      <EmptyState
        title="No scalar yet"
        hint={
          task.status === 'in_progress' ? 'They appear here as the task reports them.' : 'This task has reported none.'
        }
        command={
          'from clearml import Logger\nLogger.current_logger().report_scalar("loss", "train", value=0.5, iteration=1)'
        }
      />
    );
  return (
    <div className={styles['page']} style={{ padding: 0 }}>
      <div className={styles['controls']}>
        <TextInput
          aria-label="Filter metrics"
          placeholder="Filter metrics"
          w={200}
          size="xs"
          value={filter}
          onChange={(event) => setFilter(event.currentTarget.value)}
        />
        <div style={{ width: 220, display: 'flex', alignItems: 'center', gap: 10 }}>
          <Text size="xs" id="smoothing">
            Smoothing
          </Text>
          <Slider
            style={{ flex: 1 }}
            size="sm"
            min={0}
            max={0.99}
            step={0.01}
            label={(value) => value.toFixed(2)}
            value={look.smoothing}
            onChange={(smoothing) => setLook({ ...look, smoothing })}
            thumbProps={{ 'aria-labelledby': 'smoothing' }}
          />
        </div>
        <Switch
          size="xs"
          label="Log scale"
          checked={look.log}
          onChange={(event) => setLook({ ...look, log: event.currentTarget.checked })}
        />
        <SegmentedControl
          size="xs"
          aria-label="Horizontal axis"
          value={look.axis}
          onChange={(axis) => setLook({ ...look, axis: axis === 'timestamp' ? 'timestamp' : 'iter' })}
          data={[
            { value: 'iter', label: 'Iteration' },
            { value: 'timestamp', label: 'Time' },
          ]}
        />
        <SegmentedControl
          size="xs"
          aria-label="Grouping"
          value={grouping}
          onChange={(value) => setGrouping(value === 'single' ? 'single' : 'metric')}
          data={[
            { value: 'metric', label: 'By metric' },
            { value: 'single', label: 'Each alone' },
          ]}
        />
      </div>
      {singles.data && singles.data.length > 0 && (
        <div className={styles['cards']} style={{ gridTemplateColumns: 'repeat(auto-fill, minmax(190px, 1fr))' }}>
          {singles.data.map(({ metric, variant, value }) => (
            <StatTile key={`${metric} ${variant}`} label={variant} value={formatValue(value)} note={metric} />
          ))}
        </div>
      )}
      {curves.isPending ? (
        <div className={styles['cards']}>
          {['a', 'b', 'c', 'd'].map((key) => (
            <Skeleton key={key} h={CARD_HEIGHT} />
          ))}
        </div>
      ) : (
        <div className={styles['cards']}>
          {cards.map((card) => (
            <ScalarCard key={card.title} card={card} look={look} />
          ))}
        </div>
      )}
    </div>
  );
}

/** Draws its chart once it comes near the visible part of the page: a task may have hundreds. */
function ScalarCard({ card, look }: { card: Card; look: Look }) {
  const { ref, entry } = useIntersection({ rootMargin: '600px' });
  return (
    <section
      ref={ref}
      className={`rl-panel ${styles['card']}`}
      aria-label={card.title}
      style={{ minHeight: CARD_HEIGHT }}
    >
      <Text fw={600} size="sm" truncate mb={4}>
        {card.title}
      </Text>
      {entry?.isIntersecting && <CardChart card={card} look={look} />}
    </section>
  );
}

function CardChart({ card, look }: { card: Card; look: Look }) {
  const { smoothing, log, axis } = look;
  const series = useMemo(() => {
    const time = axis === 'timestamp';
    return card.curves.flatMap(({ name, x, y }): ChartSeries[] => {
      const at = time ? x.map((ms) => ms / 1000) : x;
      const usable = log ? y.map((value) => (value > 0 ? value : null)) : y;
      if (smoothing === 0) return [{ name, x: at, y: usable }];
      return [
        { name: `${name} (raw)`, colorName: name, x: at, y: usable, faint: true },
        { name, x: at, y: smooth(usable, smoothing) },
      ];
    });
  }, [card, smoothing, log, axis]);
  return (
    <Chart
      label={card.title}
      series={series}
      height={HEIGHT}
      log={log}
      time={axis === 'timestamp'}
      syncKey={`scalars-${axis}`}
    />
  );
}
