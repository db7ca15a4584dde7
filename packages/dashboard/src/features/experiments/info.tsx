import { useQuery } from '@tanstack/react-query';
import { listQueues } from '../../api/tasks.ts';
import { refId, refName, type Task } from '../../api/tracking.ts';
import { Facts } from '../../ui/facts.tsx';
import { formatSeconds, formatTime } from '../../ui/format.ts';
import { Panel } from '../../ui/panel.tsx';
import { StatusBadge } from '../../ui/status-badge.tsx';
import { TaskLink } from '../../ui/task-link.tsx';
import { durationSeconds } from './duration.ts';
import styles from './experiments.module.css';

export function Info({ task }: { task: Task }) {
  const seconds = durationSeconds(task, Date.now());
  const parent = refId(task.parent);
  const queue = refId(task.execution?.queue);
  const queues = useQuery({
    queryKey: ['queues'],
    enabled: queue !== undefined,
    queryFn: ({ signal }) => listQueues(signal),
  });
  const { script } = task;
  return (
    <div className={styles['columns']}>
      <Panel title="Task">
        <Facts
          rows={[
            ['Id', <code key="id">{task.id}</code>],
            ['Type', task.type?.replaceAll('_', ' ')],
            ['Status', <StatusBadge key="status" status={task.status} />],
            ['Reason', task.status_reason],
            ['Message', task.status_message],
            ['Project', refName(task.project)],
            ['User', refName(task.user)],
            [
              'Parent',
              parent ? (
                <TaskLink key="parent" id={parent}>
                  {refName(task.parent)}
                </TaskLink>
              ) : undefined,
            ],
            ['Tags', task.tags?.join(', ')],
            ['Comment', task.comment],
          ]}
        />
      </Panel>
      <Panel title="Run">
        <Facts
          rows={[
            ['Created', formatTime(task.created)],
            ['Started', formatTime(task.started)],
            ['Completed', formatTime(task.completed)],
            ['Last change', formatTime(task.last_update)],
            ['Duration', seconds === undefined ? undefined : formatSeconds(seconds)],
            ['Last iteration', task.last_iteration === undefined ? undefined : `${task.last_iteration}`],
            ['Worker', task.last_worker],
            ['Queue', queues.data?.find(({ id }) => id === queue)?.name ?? queue],
            ['Output', task.output?.destination],
          ]}
        />
      </Panel>
      {script && (
        <Panel title="Code">
          <Facts
            rows={[
              ['Repository', script.repository],
              ['Branch', script.branch],
              ['Commit', script.version_num],
              ['Entry point', script.entry_point],
              ['Folder', script.working_dir],
              ['Binary', script.binary],
            ]}
          />
        </Panel>
      )}
      {task.runtime && Object.keys(task.runtime).length > 0 && (
        <Panel title="Runtime">
          <Facts rows={Object.entries(task.runtime).map(([name, value]) => [name, String(value)])} />
        </Panel>
      )}
    </div>
  );
}
