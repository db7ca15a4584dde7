import { Group, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import styles from './ui.module.css';

/** A titled part of a page. */
export function Panel({
  title,
  note,
  actions,
  children,
  flush,
}: {
  title: string;
  note?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  /** The content brings its own edges, as a table does. */
  flush?: boolean;
}) {
  return (
    <section className={`rl-panel ${styles['panel']}`} aria-label={title} data-flush={flush}>
      <Group justify="space-between" gap="sm" className={styles['head'] ?? ''} wrap="nowrap">
        <Group gap="sm" wrap="nowrap" style={{ minWidth: 0 }}>
          <Title order={2} className={styles['title'] ?? ''} title={title}>
            {title}
          </Title>
          {note && (
            <Text size="sm" c="dimmed" truncate component="div" className={styles['note'] ?? ''}>
              {note}
            </Text>
          )}
        </Group>
        {actions}
      </Group>
      {children}
    </section>
  );
}

/** The head of a page: its name at the left, what it can do at the right. */
export function PageHead({ title, children, aside }: { title: ReactNode; children?: ReactNode; aside?: ReactNode }) {
  return (
    <header className={styles['page']}>
      <Group gap="md" wrap="nowrap" style={{ minWidth: 0 }}>
        <Title order={1} className={styles['title'] ?? ''} {...(typeof title === 'string' ? { title } : {})}>
          {title}
        </Title>
        {children}
      </Group>
      <Group gap="sm" wrap="nowrap">
        {aside}
      </Group>
    </header>
  );
}
