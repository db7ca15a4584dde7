import type { ReactNode } from 'react';
import styles from './ui.module.css';

/** Names and values; a value that is not known is shown as a dash, so that rows keep their place. */
export function Facts({ rows }: { rows: readonly (readonly [name: string, value: ReactNode])[] }) {
  return (
    <dl className={styles['facts']}>
      {rows.map(([name, value]) => (
        <div key={name} style={{ display: 'contents' }}>
          <dt>{name}</dt>
          <dd>{value === undefined || value === '' || value === null ? '–' : value}</dd>
        </div>
      ))}
    </dl>
  );
}
