import { Group, MultiSelect, Select } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { listProjects, listTasks } from '../../api/tasks.ts';
import { useTaskRefresh } from '../../api/tracking-live.ts';
import { DataTable } from '../../ui/data-table.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorCard } from '../../ui/error-card.tsx';
import { LiveSign } from '../../ui/live-sign.tsx';
import { Pager } from '../../ui/pager.tsx';
import { PageHead } from '../../ui/panel.tsx';
import { SearchBox } from '../../ui/search-box.tsx';
import { clean } from '../../ui/search-state.ts';
import { useNow } from '../../ui/use-now.ts';
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
        <SearchBox label="name, id or comment" value={q} onChange={(text) => change({ q: text })} />
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
      <Pager page={page} more={tasks.data?.more ?? false} onPage={(next) => change({ page: next })} />
    </div>
  );
}
