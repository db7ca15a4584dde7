import type { ReactNode } from 'react';
import styles from './ui.module.css';

/** The room of a page: its parts below each other. */
export function Page({ children }: { children: ReactNode }) {
  return <div className={styles['room']}>{children}</div>;
}

/** Parts beside each other where there is room for them. */
export function Columns({ children, least = 460 }: { children: ReactNode; least?: number }) {
  return (
    <div
      className={styles['columns']}
      style={{ gridTemplateColumns: `repeat(auto-fit, minmax(min(${least}px, 100%), 1fr))` }}
    >
      {children}
    </div>
  );
}
