import { Button, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';

export function NotFound() {
  return (
    <Stack align="flex-start" p="xl" gap="sm">
      <Title order={1}>There is no such page</Title>
      <Text c="dimmed">The address may be mistyped, or the thing it named was deleted.</Text>
      <Button component={Link} to="/" variant="light">
        Go to the loop
      </Button>
    </Stack>
  );
}
