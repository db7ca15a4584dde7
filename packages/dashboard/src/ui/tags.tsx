import { Badge, Group, Text } from '@mantine/core';

/** The first of the tags; all of them in the title. */
export function Tags({ tags, most = 3 }: { tags: readonly string[] | undefined; most?: number }) {
  if (!tags || tags.length === 0) return <Text c="dimmed">–</Text>;
  return (
    <Group gap={4} wrap="nowrap" title={tags.join(', ')}>
      {tags.slice(0, most).map((tag) => (
        <Badge key={tag} variant="default" size="sm" style={{ flex: 'none' }}>
          {tag}
        </Badge>
      ))}
      {tags.length > most && <Text size="xs">+{tags.length - most}</Text>}
    </Group>
  );
}
