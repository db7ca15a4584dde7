import { Group, Skeleton, Tabs, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { getTask } from '../../api/tasks.ts';
import { refId, refName, type Task } from '../../api/tracking.ts';
import { useTaskRefresh } from '../../api/tracking-live.ts';
import { ErrorCard } from '../../ui/error-card.tsx';
import { LiveSign } from '../../ui/live-sign.tsx';
import { PageHead } from '../../ui/panel.tsx';
import { StatusBadge } from '../../ui/status-badge.tsx';
import { Actions } from './actions.tsx';
import { Artifacts } from './artifacts.tsx';
import { Configuration } from './configuration.tsx';
import { Console } from './console.tsx';
import styles from './experiments.module.css';
import { Info } from './info.tsx';
import { Plots } from './plots.tsx';
import { Scalars } from './scalars.tsx';

const TABS: readonly { tab: string; label: string; show: (task: Task) => ReactNode }[] = [
  { tab: 'scalars', label: 'Scalars', show: (task) => <Scalars task={task} /> },
  { tab: 'console', label: 'Console', show: (task) => <Console task={task} /> },
  { tab: 'configuration', label: 'Configuration', show: (task) => <Configuration task={task} /> },
  { tab: 'artifacts', label: 'Artifacts', show: (task) => <Artifacts task={task} /> },
  { tab: 'plots', label: 'Plots', show: (task) => <Plots task={task} /> },
  { tab: 'info', label: 'Info', show: (task) => <Info task={task} /> },
];

export function ExperimentPage() {
  const { taskId, tab } = useParams({ from: '/shell/experiments/$taskId/$tab' });
  const navigate = useNavigate();
  const stream = useTaskRefresh(taskId);
  const query = useQuery({
    queryKey: ['task', taskId, 'entity'],
    queryFn: ({ signal }) => getTask(taskId, signal),
    refetchInterval: stream === 'live' ? false : 5_000,
  });
  const task = query.data;
  const shown = TABS.find((one) => one.tab === tab) ?? TABS[0];
  if (query.error && !task)
    return (
      <div className={styles['page']}>
        <ErrorCard error={query.error} onRetry={() => void query.refetch()} />
      </div>
    );
  const project = refId(task?.project);
  return (
    <div className={styles['page']}>
      <div>
        <Text size="xs" component="nav" aria-label="Path" h={18}>
          <Link to="/experiments" className={styles['crumb']}>
            Experiments
          </Link>
          {project && (
            <>
              {' / '}
              <Link to="/experiments" search={{ project }} className={styles['crumb']}>
                {refName(task?.project)}
              </Link>
            </>
          )}
        </Text>
        <PageHead
          title={task?.name ?? <Skeleton h={26} w={320} />}
          aside={
            <>
              {task && <Actions task={task} />}
              <LiveSign status={stream} />
            </>
          }
        >
          {task && (
            <Group gap="sm" wrap="nowrap" style={{ minWidth: 0 }}>
              <StatusBadge status={task.status} />
              <Text size="sm" c="dimmed" lineClamp={1} maw={420}>
                {task.status_message}
              </Text>
            </Group>
          )}
        </PageHead>
      </div>
      <Tabs
        value={shown?.tab ?? null}
        onChange={(next) =>
          void navigate({ to: '/experiments/$taskId/$tab', params: { taskId, tab: next ?? 'scalars' }, replace: true })
        }
        keepMounted={false}
      >
        <Tabs.List mb="md">
          {TABS.map(({ tab: name, label }) => (
            <Tabs.Tab key={name} value={name}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {TABS.map(({ tab: name, show }) => (
          <Tabs.Panel key={name} value={name}>
            {task ? show(task) : <Skeleton h={420} />}
          </Tabs.Panel>
        ))}
      </Tabs>
    </div>
  );
}
