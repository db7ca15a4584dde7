import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { downloadPath } from '../api/tasks.ts';

/** Nothing where the file does not lie on this file server. */
export function Download({ uri }: { uri: string | undefined }) {
  const path = downloadPath(uri);
  if (!path) return null;
  return (
    <Button
      component="a"
      href={path}
      download
      size="compact-sm"
      variant="default"
      leftSection={<IconDownload size={15} />}
    >
      Download
    </Button>
  );
}
