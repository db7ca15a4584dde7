import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useRefresh } from '../../api/tracking-live.ts';
import { listWorkers, type WorkerState } from '../../api/workers.ts';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorCard } from '../../ui/error-card.tsx';
import { formatAge, formatSeconds, formatTime } from '../../ui/format.ts';
import { LiveSign } from '../../ui/live-sign.tsx';
import { Page } from '../../ui/page.tsx';
import { PageHead } from '../../ui/panel.tsx';
import { clean } from '../../ui/search-state.ts';
import { StatusBadge } from '../../ui/status-badge.tsx';
import { Tags } from '../../ui/tags.tsx';
import { TaskLink } from '../../ui/task-link.tsx';
import { useNow } from '../../ui/use-now.ts';
import { HoursControl } from './hours.tsx';
import { Activity, Machine } from './machine.tsx';

/** Agents report twice a minute; three reports that did not come are no accident. */
const STALE_MS = 90_000;

const isStale = ({ last_report_time, last_activity_time }: WorkerState, now: number) =>
  now - new Date(last_report_time ?? last_activity_time ?? 0).getTime() > STALE_MS;

export function WorkersPage() {
  const search = useSearch({ from: '/shell/workers' });
  const navigate = useNavigate();
  const change = (next: Partial<typeof search>) =>
    void navigate({ to: '/workers', search: clean({ ...search, ...next }), replace: true });
  const stream = useRefresh(({ kind }) => kind === 'worker' || kind === 'status', ['fleet']);
  const workers = useQuery({
    queryKey: ['fleet', 'workers'],
    queryFn: ({ signal }) => listWorkers(signal),
    refetchInterval: stream === 'live' ? 15_000 : 5_000,
  });
  const now = useNow(1_000);
  const hours = search.hours ?? 1;
  const chosen = workers.data?.find(({ key }) => key === search.worker) ?? workers.data?.[0];
  return (
    <Page>
      <PageHead
        title="Workers"
        aside={
          <>
            <HoursControl hours={hours} onChange={(next) => change({ hours: next })} />
            <LiveSign status={stream} />
          </>
        }
      />
      {workers.error && !workers.data ? (
        <ErrorCard error={workers.error} onRetry={() => void workers.refetch()} />
      ) : (
        <section className="rl-panel" aria-label="Workers">
          <DataTable
            label="Workers"
            columns={workerColumns(now)}
            rows={workers.data}
            rowKey={({ key }) => key}
            onOpen={({ key }) => change({ worker: key })}
            {...(chosen ? { chosen: chosen.key } : {})}
            minWidth={900}
            skeletonRows={2}
            empty={
              <EmptyState
                title="No worker"
                hint="An agent takes tasks from queues and runs them. Start one on any machine:"
                command="clearml-agent daemon --queue default --foreground"
              />
            }
          />
        </section>
      )}
      {chosen && <Machine worker={chosen} hours={hours} />}
      <Activity hours={hours} />
    </Page>
  );
}

function workerColumns(now: number): readonly Column<WorkerState>[] {
  return [
    {
      key: 'id',
      header: 'Worker',
      render: ({ id }) => (
        <Text span fw={550} title={id}>
          {id}
        </Text>
      ),
    },
    {
      key: 'state',
      header: 'State',
      width: 110,
      render: (worker) => {
        if (isStale(worker, now)) return <StatusBadge status="stale" />;
        return worker.task ? (
          <StatusBadge status="running" text="at work" />
        ) : (
          <StatusBadge status="waiting" text="idle" />
        );
      },
    },
    {
      key: 'task',
      header: 'Now',
      render: ({ task }) => (task ? <TaskLink id={task.id}>{task.name}</TaskLink> : '–'),
    },
    {
      key: 'running',
      header: 'Since',
      align: 'right',
      width: 110,
      render: ({ task }) =>
        task?.running_time === undefined ? '–' : formatSeconds(Math.floor(task.running_time / 1000)),
    },
    {
      key: 'queues',
      header: 'Serves',
      render: ({ queues = [] }) => queues.map(({ name, num_tasks = 0 }) => `${name} (${num_tasks})`).join(', ') || '–',
    },
    {
      key: 'report',
      header: 'Last report',
      width: 110,
      render: (worker) => {
        const time = worker.last_report_time ?? worker.last_activity_time;
        return <span title={formatTime(time)}>{formatAge(time, now)}</span>;
      },
    },
    { key: 'ip', header: 'Address', width: 120, render: ({ ip }) => ip ?? '–' },
    { key: 'tags', header: 'Tags', width: 150, render: ({ tags }) => <Tags tags={tags} /> },
  ];
}
