import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import styles from './ui.module.css';

/** Leads to a task, from whatever feature names one. */
export function TaskLink({ id, tab = 'scalars', children }: { id: string; tab?: string; children: ReactNode }) {
  return (
    <Link to="/experiments/$taskId/$tab" params={{ taskId: id, tab }} className={styles['link']} title="Open the task">
      {children}
    </Link>
  );
}
