import { Alert, type AlertProps, Button, Group, List, Text } from '@mantine/core';
import { IconAlertCircle } from '@tabler/icons-react';
import { asApiError } from '../api/error.ts';

/** What failed, which fields were refused, and what to do. */
export function ErrorCard({ error, onRetry, ...rest }: { error: unknown; onRetry?: () => void } & AlertProps) {
  const { message, code, advice, fields } = asApiError(error);
  return (
    <Alert icon={<IconAlertCircle />} title={message} className="rl-panel" variant="default" role="alert" {...rest}>
      {fields.length > 0 && (
        <List size="sm" mb="xs">
          {fields.map(({ path, problem }) => (
            <List.Item key={`${path} ${problem}`}>
              <code>{path}</code> {problem}
            </List.Item>
          ))}
        </List>
      )}
      <Group justify="space-between" gap="md">
        <Text size="sm" c="dimmed">
          {advice} <code>{code}</code>
        </Text>
        {onRetry && (
          <Button size="compact-sm" variant="light" onClick={onRetry}>
            Try again
          </Button>
        )}
      </Group>
    </Alert>
  );
}
