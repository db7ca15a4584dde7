import { ActionIcon, CopyButton, Stack, Text, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import styles from './ui.module.css';

/** Nothing is here yet: says what would be, and the command that brings it. */
export function EmptyState({ title, hint, command }: { title: string; hint?: ReactNode; command?: string }) {
  return (
    <Stack align="center" gap="xs" p="xl" className={styles['nothing'] ?? ''}>
      <Text fw={600}>{title}</Text>
      {hint && (
        <Text size="sm" c="dimmed" ta="center" maw={560} component="div">
          {hint}
        </Text>
      )}
      {command && <Command text={command} />}
    </Stack>
  );
}

/** A command or a file, ready to be copied. */
export function Command({ text }: { text: string }) {
  return (
    <div className={styles['command']}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard. */}
      <pre tabIndex={0}>{text}</pre>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? 'Copied' : 'Copy'}>
            <ActionIcon variant="subtle" color="gray" onClick={copy} aria-label="Copy">
              {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </div>
  );
}
