import { Text } from '@mantine/core';
import type { QueueState } from '../../api/queues.ts';
import type { Column } from '../../ui/data-table.tsx';
import { formatFixed, formatSeconds } from '../../ui/format.ts';
import { TaskLink } from '../../ui/task-link.tsx';

/** Seconds since then; 0 when the clock of the server runs ahead of ours. */
export const waited = (since: string, now: number): number =>
  Math.max(0, Math.floor((now - new Date(since).getTime()) / 1000));

export function queueColumns(now: number): readonly Column<QueueState>[] {
  return [
    {
      key: 'name',
      header: 'Queue',
      render: ({ name }) => (
        <Text span fw={550} title={name}>
          {name}
        </Text>
      ),
    },
    {
      key: 'waiting',
      header: 'Waiting',
      align: 'right',
      width: 92,
      render: ({ waiting }) => formatFixed(waiting),
    },
    {
      key: 'longest',
      header: 'Longest wait',
      align: 'right',
      width: 130,
      render: ({ entries = [] }) =>
        entries.length === 0 ? '–' : formatSeconds(Math.max(...entries.map(({ added }) => waited(added, now)))),
    },
    {
      key: 'next',
      header: 'Next task',
      render: ({ entries }) => {
        const first = entries?.[0]?.task;
        return first ? <TaskLink id={first.id}>{first.name ?? first.id}</TaskLink> : '–';
      },
    },
    {
      key: 'workers',
      header: 'Served by',
      render: ({ workers = [] }) =>
        workers.length === 0 ? (
          <Text span c="var(--rl-warn)" size="sm">
            no worker
          </Text>
        ) : (
          <span title={workers.map(({ name }) => name).join(', ')}>
            {workers.length === 1 ? workers[0]?.name : `${workers.length} workers`}
            {`, ${workers.filter(({ task }) => task).length} at work`}
          </span>
        ),
    },
  ];
}
