import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import styles from './ui.module.css';

/** Leads to a model, from whatever feature names one. */
export function ModelLink({ id, children }: { id: string; children: ReactNode }) {
  return (
    <Link to="/models/$modelId" params={{ modelId: id }} className={styles['link']} title="Open the model">
      {children}
    </Link>
  );
}

/** Leads to a version of a dataset. */
export function DatasetLink({ id, children }: { id: string; children: ReactNode }) {
  return (
    <Link to="/datasets/$datasetId" params={{ datasetId: id }} className={styles['link']} title="Open the dataset">
      {children}
    </Link>
  );
}
