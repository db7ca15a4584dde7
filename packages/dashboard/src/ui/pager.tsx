import { Button, Group, Text } from '@mantine/core';

/** Pages of a table; `more` says whether another one follows. */
export function Pager({ page, more, onPage }: { page: number; more: boolean; onPage: (page: number) => void }) {
  return (
    <Group justify="space-between" h={32}>
      <Text size="xs" c="dimmed">
        Up and down move between rows, Enter opens one.
      </Text>
      <Group gap="xs">
        <Text size="sm" c="dimmed" className="rl-num">
          Page {page + 1}
        </Text>
        <Button size="compact-sm" variant="default" disabled={page === 0} onClick={() => onPage(page - 1)}>
          Previous
        </Button>
        <Button size="compact-sm" variant="default" disabled={!more} onClick={() => onPage(page + 1)}>
          Next
        </Button>
      </Group>
    </Group>
  );
}
