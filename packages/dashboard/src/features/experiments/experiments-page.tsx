import { Button, Group, MultiSelect, Select, Text, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { listProjects, listTasks } from '../../api/tasks.ts';
import { useTaskRefresh } from '../../api/tracking-live.ts';
import { DataTable } from '../../ui/data-table.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorCard } from '../../ui/error-card.tsx';
import { LiveSign } from '../../ui/live-sign.tsx';
import { PageHead } from '../../ui/panel.tsx';
import styles from './experiments.module.css';
import { FirstRun } from './first-run.tsx';
import { metricNames, metricPath } from './metrics.ts';
import { taskColumns } from './task-columns.tsx';

const PAGE_SIZE = 50;
const STATUSES = [
  { value: 'created', label: 'draft' },
  { value: 'queued', label: 'queued' },
  { value: 'in_progress', label: 'running' },
  { value: 'completed', label: 'completed' },
  { value: 'failed', label: 'failed' },
  { value: 'stopped', label: 'stopped' },
  { value: 'published', label: 'published' },
];

export function ExperimentsPage() {
  const search = useSearch({ from: '/shell/experiments' });
  const navigate = useNavigate();
  const stream = useTaskRefresh();
  const { project, status = '', q = '', sort = '-last_update', page = 0, metric } = search;
  const statuses = status === '' ? [] : status.split(',');
  const change = (next: Partial<typeof search>) =>
    void navigate({ to: '/experiments', search: clean({ ...search, page: 0, ...next }), replace: true });

  const projects = useQuery({ queryKey: ['projects'], queryFn: ({ signal }) => listProjects(signal) });
  const tasks = useQuery({
    queryKey: ['tasks', { project, status, q, sort, page }],
    placeholderData: keepPreviousData,
    refetchInterval: stream === 'live' ? false : 5_000,
    queryFn: ({ signal }) =>
      listTasks({ project, status: statuses, text: q, orderBy: sort, page, pageSize: PAGE_SIZE }, signal),
  });
  const now = useNow(5_000);
  const rows = tasks.data?.tasks ?? [];
  const names = metricNames(rows);
  const metricField = metric === undefined ? undefined : metricPath(rows, metric);
  const untouched = !project && !status && !q && page === 0;

  return (
    <div className={styles['page']}>
      <PageHead title="Experiments" aside={<LiveSign status={stream} />} />
      <Group gap="sm" wrap="wrap">
        <SearchBox value={q} onChange={(text) => change({ q: text })} />
        <Select
          aria-label="Project"
          placeholder="All projects"
          w={240}
          clearable
          searchable
          nothingFoundMessage="No such project"
          data={(projects.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
          value={project ?? null}
          onChange={(value) => change({ project: value ?? '' })}
        />
        <MultiSelect
          aria-label="Status"
          placeholder={statuses.length === 0 ? 'Any status' : ''}
          w={260}
          clearable
          data={STATUSES}
          value={statuses}
          onChange={(value) => change({ status: value.join(',') })}
        />
        <Select
          aria-label="Metric in the last column"
          placeholder="Metric column"
          w={240}
          clearable
          searchable
          data={[...new Set([...names, ...(metric ? [metric] : [])])]}
          value={metric ?? null}
          onChange={(value) => change({ metric: value ?? '', page })}
        />
      </Group>
      {tasks.error && !tasks.data ? (
        <ErrorCard error={tasks.error} onRetry={() => void tasks.refetch()} />
      ) : (
        <section className="rl-panel" aria-label="Experiments">
          <DataTable
            label="Experiments"
            columns={taskColumns({ now, metric, metricField })}
            rows={tasks.data?.tasks}
            rowKey={(task) => task.id}
            onOpen={(task) =>
              void navigate({ to: '/experiments/$taskId/$tab', params: { taskId: task.id, tab: 'scalars' } })
            }
            sort={sort}
            onSort={(next) => change({ sort: next, page: 0 })}
            minWidth={metric === undefined ? 1000 : 1180}
            skeletonRows={12}
            empty={
              untouched ? (
                <FirstRun />
              ) : (
                <EmptyState title="No experiment fits" hint="Remove a filter, or search for another name or id." />
              )
            }
          />
        </section>
      )}
      <Group justify="space-between" h={32}>
        <Text size="xs" c="dimmed">
          Up and down move between rows, Enter opens one.
        </Text>
        <Group gap="xs">
          <Text size="sm" c="dimmed" className="rl-num">
            Page {page + 1}
          </Text>
          <Button size="compact-sm" variant="default" disabled={page === 0} onClick={() => change({ page: page - 1 })}>
            Previous
          </Button>
          <Button
            size="compact-sm"
            variant="default"
            disabled={!tasks.data?.more}
            onClick={() => change({ page: page + 1 })}
          >
            Next
          </Button>
        </Group>
      </Group>
    </div>
  );
}

function SearchBox({ value, onChange }: { value: string; onChange: (text: string) => void }) {
  const [text, setText] = useState(value);
  const later = useDebouncedCallback(onChange, 300);
  useEffect(() => setText(value), [value]);
  return (
    <TextInput
      aria-label="Search by name, id or comment"
      placeholder="Name, id or comment"
      leftSection={<IconSearch size={16} />}
      w={260}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        later(event.currentTarget.value);
      }}
    />
  );
}

/** Keeps the address short: what is not set is not said. */
function clean<T extends Record<string, unknown>>(search: T): T {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== '' && value !== 0)) as T;
}

function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
