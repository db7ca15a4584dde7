import { Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import styles from './ui.module.css';

/** The way back from a detail page to its list. */
export function Crumbs({ to, label, rest }: { to: '/models' | '/datasets'; label: string; rest?: string }) {
  return (
    <Text size="xs" component="nav" aria-label="Path" h={18} truncate>
      <Link to={to} className={styles['crumb']}>
        {label}
      </Link>
      {rest && <Text span size="xs" c="dimmed">{` / ${rest}`}</Text>}
    </Text>
  );
}
