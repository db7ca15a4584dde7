import { Skeleton, Stack } from '@mantine/core';

export function PageSkeleton() {
  return (
    <Stack gap="md" p="lg" aria-busy="true" aria-label="Loading">
      <Skeleton h={32} w={280} />
      <Skeleton h={96} />
      <Skeleton h={420} />
    </Stack>
  );
}
