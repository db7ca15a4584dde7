import { Skeleton, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import styles from './ui.module.css';

export interface StatTileProps {
  label: string;
  value: ReactNode;
  note?: ReactNode;
  tone?: 'good' | 'warn' | 'bad';
  loading?: boolean;
}

/** One number with its name. Its height does not depend on what is in it. */
export function StatTile({ label, value, note, tone, loading }: StatTileProps) {
  return (
    <div className={`rl-panel ${styles['tile']}`}>
      <Text size="xs" c="dimmed" fw={550} truncate>
        {label}
      </Text>
      <div className={`rl-num ${styles['figure']}`} data-tone={tone}>
        {loading ? <Skeleton h={22} w={90} /> : value}
      </div>
      <Text size="xs" c="dimmed" truncate component="div" h={18}>
        {loading ? '' : note}
      </Text>
    </div>
  );
}
