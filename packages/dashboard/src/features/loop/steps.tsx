import { Skeleton, Text } from '@mantine/core';
import type { LoopState, LoopStep } from '../../api/loop.ts';
import { StatusBadge } from '../../ui/status-badge.tsx';
import { TaskLink } from '../../ui/task-link.tsx';
import styles from './page.module.css';

const STEPS: readonly { step: LoopStep; name: string }[] = [
  { step: 'report', name: 'Cells report' },
  { step: 'store', name: 'Store' },
  { step: 'extract', name: 'Extract' },
  { step: 'train', name: 'Train' },
  { step: 'deploy', name: 'Gate, deploy' },
  { step: 'decide', name: 'Decide' },
  { step: 'enforce', name: 'Enforce' },
  { step: 'effect', name: 'Effect' },
  { step: 'drift', name: 'Watch drift' },
];

export function Steps({ steps }: { steps: LoopState['steps'] | undefined }) {
  return (
    <ol className={styles['steps']}>
      {STEPS.map(({ step, name }, at) => {
        const now = steps?.[step];
        return (
          <li key={step} className={styles['step']} data-state={now?.state}>
            <span className={styles['order']} aria-hidden>
              {at + 1}
            </span>
            <Text size="sm" fw={550}>
              {now?.taskId ? <TaskLink id={now.taskId}>{name}</TaskLink> : name}
            </Text>
            <Text size="xs" c="dimmed" lineClamp={2} title={now?.detail}>
              {now?.detail}
            </Text>
            {now ? <StatusBadge status={now.state} /> : <Skeleton h={14} />}
          </li>
        );
      })}
    </ol>
  );
}
