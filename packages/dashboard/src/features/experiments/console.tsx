import { Button, Group, Highlight, Skeleton, Switch, Text, TextInput } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { getLog, type LogEvent } from '../../api/events.ts';
import type { Task } from '../../api/tracking.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorCard } from '../../ui/error-card.tsx';
import { formatFixed, formatTime } from '../../ui/format.ts';
import { type ConsoleLine, joinTail, toLines, visibleWindow } from './console-lines.ts';
import styles from './experiments.module.css';

const ROW_HEIGHT = 20;
const MOST_EVENTS = 200_000;

interface Log {
  events: LogEvent[];
  total: number;
}

/** The console of a task: newest lines at once, earlier ones on request, new ones as they come. */
export function Console({ task }: { task: Task }) {
  const queries = useQueryClient();
  const key = ['task', task.id, 'log'];
  const log = useQuery({
    queryKey: key,
    queryFn: async ({ signal }): Promise<Log> => {
      const held = queries.getQueryData<Log>(key);
      const last = held?.events.at(-1)?.timestamp;
      const page = await getLog(task.id, last === undefined ? {} : { after: last - 1 }, signal);
      if (!held || last === undefined) return { events: page.events, total: page.total };
      return { events: joinTail(held.events, page.events).slice(-MOST_EVENTS), total: page.total };
    },
    refetchInterval: task.status === 'in_progress' ? 3_000 : false,
  });
  const earlier = useMutation({
    mutationFn: async () => {
      const before = log.data?.events[0]?.timestamp;
      if (before === undefined) return;
      const page = await getLog(task.id, { before });
      queries.setQueryData<Log>(key, (held) =>
        held ? { ...held, events: [...page.events, ...held.events].slice(0, MOST_EVENTS) } : held,
      );
    },
  });
  const [text, setText] = useState('');
  const [follow, setFollow] = useState(true);
  const lines = useLines(log.data?.events);
  const wanted = text.trim().toLowerCase();
  const shown = useMemo(
    () => (wanted === '' ? lines : lines.filter((line) => line.text.toLowerCase().includes(wanted))),
    [lines, wanted],
  );
  if (log.error && !log.data) return <ErrorCard error={log.error} onRetry={() => void log.refetch()} />;
  const held = log.data?.events.length ?? 0;
  const more = log.data !== undefined && log.data.total > held && held < MOST_EVENTS;
  return (
    <>
      <Group justify="space-between" mb="xs" mih={32}>
        <Group gap="md">
          <TextInput
            aria-label="Search the console"
            placeholder="Search"
            size="xs"
            w={260}
            leftSection={<IconSearch size={14} />}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <Text size="xs" c="dimmed" className="rl-num">
            {wanted === ''
              ? `${formatFixed(lines.length)} lines`
              : `${formatFixed(shown.length)} of ${formatFixed(lines.length)} lines`}
          </Text>
        </Group>
        <Group gap="md">
          {more && (
            <Button size="compact-xs" variant="default" loading={earlier.isPending} onClick={() => earlier.mutate()}>
              Load earlier lines
            </Button>
          )}
          <Switch
            size="xs"
            label="Follow"
            checked={follow}
            onChange={(event) => setFollow(event.currentTarget.checked)}
          />
        </Group>
      </Group>
      {log.isPending ? (
        <Skeleton h="max(360px, calc(100vh - 215px))" />
      ) : lines.length === 0 ? (
        <EmptyState title="The console is empty" hint="Lines appear here as the task prints them." />
      ) : (
        <Lines lines={shown} follow={follow} onFollow={setFollow} highlight={text.trim()} />
      )}
    </>
  );
}

/** Each message is split once, however often the log grows. */
function useLines(events: readonly LogEvent[] | undefined): readonly ConsoleLine[] {
  const [split] = useState(() => new WeakMap<LogEvent, ConsoleLine[]>());
  return useMemo(
    () =>
      (events ?? []).flatMap((event) => {
        const known = split.get(event);
        if (known) return known;
        const lines = toLines(event);
        split.set(event, lines);
        return lines;
      }),
    [events, split],
  );
}

interface LinesProps {
  lines: readonly ConsoleLine[];
  follow: boolean;
  onFollow: (follow: boolean) => void;
  highlight: string;
}

function Lines({ lines, follow, onFollow, highlight }: LinesProps) {
  const box = useRef<HTMLDivElement>(null);
  const size = useElementSize<HTMLDivElement>();
  const [top, setTop] = useState(0);
  const count = lines.length;
  // biome-ignore lint/correctness/useExhaustiveDependencies: new lines are the reason to scroll.
  useEffect(() => {
    const element = box.current;
    if (element && follow) element.scrollTop = element.scrollHeight;
  }, [count, follow]);
  const { first, last } = visibleWindow({ top, height: size.height || 800 }, { count, height: ROW_HEIGHT });
  return (
    <div
      role="log"
      aria-live="off"
      className={styles['console']}
      ref={(element) => {
        box.current = element;
        size.ref(element);
      }}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard.
      tabIndex={0}
      aria-label="Console lines"
      onScroll={(event) => {
        const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
        setTop(scrollTop);
        const atEnd = scrollHeight - scrollTop - clientHeight < ROW_HEIGHT * 2;
        if (atEnd !== follow) onFollow(atEnd);
      }}
    >
      <div style={{ height: count * ROW_HEIGHT }}>
        {lines.slice(first, last).map((line, at) => (
          <div
            // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place in the window.
            key={first + at}
            className={styles['row']}
            data-level={line.level}
            style={{ top: (first + at) * ROW_HEIGHT }}
          >
            <span className={styles['when']}>{formatTime(line.timestamp)}</span>
            <span>{line.level}</span>
            {highlight === '' ? (
              <span>{line.text}</span>
            ) : (
              <Highlight highlight={highlight} component="span" inherit>
                {line.text}
              </Highlight>
            )}
          </div>
        ))}
      </div>
    </div>
  );
}
