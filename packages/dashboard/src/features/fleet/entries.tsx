import { ActionIcon, Text, Tooltip } from '@mantine/core';
import { IconGripVertical, IconX } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { moveEntry, type QueueEntry, type QueueState } from '../../api/queues.ts';
import { dequeueTask } from '../../api/tasks.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorCard } from '../../ui/error-card.tsx';
import { formatSeconds, formatTime } from '../../ui/format.ts';
import { TaskLink } from '../../ui/task-link.tsx';
import styles from './fleet.module.css';
import { placeOf } from './places.ts';
import { waited } from './queue-columns.tsx';

/** The tasks of a queue in order; dragged, or moved with the arrow keys on their handle. */
export function Entries({ queue, now }: { queue: QueueState; now: number }) {
  const queries = useQueryClient();
  const entries = queue.entries ?? [];
  const [dragged, setDragged] = useState<string>();
  const [over, setOver] = useState<number>();
  const list = useRef<HTMLOListElement>(null);
  const held = useRef<string>(undefined);
  const order = entries.map(({ task }) => task.id).join(' ');
  // A row that moves in the document loses the focus; whoever moves it by keyboard goes on from there.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new order is what moves rows.
  useEffect(() => {
    const handle = held.current && list.current?.querySelector<HTMLElement>(`[data-handle="${held.current}"]`);
    if (handle && document.activeElement === document.body) handle.focus();
  }, [order]);
  const refresh = () => queries.invalidateQueries({ queryKey: ['fleet'] });
  const move = useMutation({
    mutationFn: ({ task, to }: { task: string; to: number }) => {
      const from = entries.findIndex((entry) => entry.task.id === task);
      return moveEntry(queue.id, task, { from, to, last: queue.waiting - 1 });
    },
    onSettled: refresh,
  });
  const remove = useMutation({ mutationFn: dequeueTask, onSettled: refresh });
  if (entries.length === 0)
    return (
      <EmptyState
        title="Nothing waits here"
        hint="Enqueue a draft on its page, or send code of your own:"
        command={`clearml-task --project examples --name first --script train.py --queue ${queue.name}`}
      />
    );
  const drop = (to: number) => {
    if (dragged !== undefined) move.mutate({ task: dragged, to });
    setDragged(undefined);
    setOver(undefined);
  };
  const error = move.error ?? remove.error;
  return (
    <>
      {error && <ErrorCard error={error} mb="sm" />}
      <ol ref={list} className={styles['entries']} aria-label={`Tasks waiting in ${queue.name}`}>
        {entries.map((entry, at) => (
          <li
            key={entry.task.id}
            className={styles['entry']}
            draggable
            data-dragged={dragged === entry.task.id}
            data-over={over === at && dragged !== undefined}
            onDragStart={(event) => {
              event.dataTransfer.effectAllowed = 'move';
              event.dataTransfer.setData('text/plain', entry.task.id);
              held.current = undefined;
              setDragged(entry.task.id);
            }}
            onDragOver={(event) => {
              event.preventDefault();
              if (over !== at) setOver(at);
            }}
            onDragEnd={() => setDragged(undefined)}
            onDrop={(event) => {
              event.preventDefault();
              drop(at);
            }}
          >
            <Handle
              entry={entry}
              at={at}
              count={entries.length}
              onMove={(to) => {
                held.current = entry.task.id;
                move.mutate({ task: entry.task.id, to });
              }}
            />
            <span className={styles['place']}>{at + 1}</span>
            <span className={styles['name']}>
              <TaskLink id={entry.task.id} tab="configuration">
                {entry.task.name ?? entry.task.id}
              </TaskLink>
            </span>
            <Text size="sm" c="dimmed" className="rl-num" title={`since ${formatTime(entry.added)}`}>
              {formatSeconds(waited(entry.added, now))}
            </Text>
            <Tooltip label="Take it out of the queue; it becomes what it was before">
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={`Dequeue ${entry.task.name}`}
                onClick={() => remove.mutate(entry.task.id)}
              >
                <IconX size={15} />
              </ActionIcon>
            </Tooltip>
          </li>
        ))}
      </ol>
      {queue.waiting > entries.length && (
        <Text size="sm" c="dimmed" mt="xs">
          and {queue.waiting - entries.length} more behind them
        </Text>
      )}
      <Text size="xs" c="dimmed" mt="xs">
        Drag to change the order, or use Up, Down, Home and End on a handle.
      </Text>
    </>
  );
}

function Handle(props: { entry: QueueEntry; at: number; count: number; onMove: (to: number) => void }) {
  const press = (event: KeyboardEvent) => {
    const to = placeOf(event.key, props.at, props.count);
    if (to === undefined) return;
    event.preventDefault();
    props.onMove(to);
  };
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      className={styles['handle'] ?? ''}
      aria-label={`Move ${props.entry.task.name}, place ${props.at + 1} of ${props.count}`}
      data-handle={props.entry.task.id}
      aria-keyshortcuts="ArrowUp ArrowDown Home End"
      onKeyDown={press}
    >
      <IconGripVertical size={16} />
    </ActionIcon>
  );
}
