import { refName, type Task } from '../../api/tracking.ts';
import type { Column } from '../../ui/data-table.tsx';
import { formatAge, formatFixed, formatSeconds, formatTime, formatValue } from '../../ui/format.ts';
import { StatusBadge } from '../../ui/status-badge.tsx';
import { Tags } from '../../ui/tags.tsx';
import { TaskLink } from '../../ui/task-link.tsx';
import { durationSeconds } from './duration.ts';
import { lastValue } from './metrics.ts';

interface TaskColumnsOptions {
  now: number;
  metric: string | undefined;
  metricField: string | undefined;
}

export function taskColumns({ now, metric, metricField }: TaskColumnsOptions): readonly Column<Task>[] {
  return [
    {
      key: 'name',
      header: 'Name',
      sort: 'name',
      render: (task) => (
        <span title={task.name}>
          <TaskLink id={task.id}>{task.name}</TaskLink>
        </span>
      ),
    },
    {
      key: 'status',
      header: 'Status',
      sort: 'status',
      width: 124,
      render: (task) => <StatusBadge status={task.status} />,
    },
    { key: 'type', header: 'Type', sort: 'type', width: 118, render: (task) => (task.type ?? '').replaceAll('_', ' ') },
    { key: 'project', header: 'Project', width: 124, render: (task) => refName(task.project) },
    {
      key: 'started',
      header: 'Started',
      sort: 'started',
      width: 92,
      render: (task) => <span title={formatTime(task.started)}>{formatAge(task.started, now)}</span>,
    },
    {
      key: 'duration',
      header: 'Duration',
      sort: 'active_duration',
      align: 'right',
      width: 98,
      render: (task) => duration(task, now),
    },
    {
      key: 'iteration',
      header: 'Iteration',
      sort: 'last_iteration',
      align: 'right',
      width: 92,
      render: (task) => (task.last_iteration === undefined ? '–' : formatFixed(task.last_iteration)),
    },
    { key: 'user', header: 'User', sort: 'user', width: 70, render: (task) => refName(task.user) },
    { key: 'tags', header: 'Tags', width: 124, render: (task) => <Tags tags={task.tags} /> },
    ...(metric === undefined
      ? []
      : [
          {
            key: 'metric',
            header: <span title={metric}>{metric}</span>,
            ...(metricField === undefined ? {} : { sort: metricField }),
            align: 'right' as const,
            width: 150,
            render: (task: Task) => {
              const value = lastValue(task, metric);
              return value === undefined ? '–' : formatValue(value);
            },
          },
        ]),
  ];
}

function duration(task: Task, now: number): string {
  const seconds = durationSeconds(task, now);
  return seconds === undefined ? '–' : formatSeconds(seconds);
}
