import { ActionIcon, Tooltip } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { type DatasetFile, readFiles } from '../../api/datasets.ts';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { Command, EmptyState } from '../../ui/empty-state.tsx';
import { ErrorCard } from '../../ui/error-card.tsx';
import { formatBytes } from '../../ui/format.ts';
import { Panel } from '../../ui/panel.tsx';

const MOST = 500;

export function Files({ files, name }: { files: readonly DatasetFile[] | undefined; name: string }) {
  const save = useMutation({ mutationFn: download });
  const count = files?.length ?? 0;
  const size = files?.reduce((sum, file) => sum + file.size, 0);
  return (
    <Panel title="Files" note={files && `${count} ${count === 1 ? 'file' : 'files'}, ${formatBytes(size)}`} flush>
      {save.error && <ErrorCard error={save.error} m="sm" />}
      <DataTable
        label="Files"
        columns={columns((file) => save.mutate(file))}
        rows={files?.slice(0, MOST)}
        rowKey={({ relative_path }) => relative_path}
        skeletonRows={4}
        minWidth={520}
        maxHeight={360}
        empty={<EmptyState title="No file" hint="This version is open, or was closed without a file." />}
      />
      {count > MOST && (
        <div style={{ padding: '8px 16px 14px' }}>
          The first {MOST} of {count}. All of them:
          <Command text={`from clearml import Dataset\nDataset.get(dataset_name="${name}").get_local_copy()`} />
        </div>
      )}
    </Panel>
  );
}

async function download(file: DatasetFile): Promise<void> {
  const bytes = (await readFiles([file])).get(file.relative_path);
  if (!bytes) throw new Error(`The archive does not hold ${file.relative_path}`);
  const url = URL.createObjectURL(new Blob([new Uint8Array(bytes)]));
  const link = document.createElement('a');
  link.href = url;
  link.download = file.relative_path.split('/').at(-1) ?? 'file';
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

function columns(save: (file: DatasetFile) => void): readonly Column<DatasetFile>[] {
  return [
    { key: 'path', header: 'Path', render: ({ relative_path }) => <span title={relative_path}>{relative_path}</span> },
    { key: 'size', header: 'Size', align: 'right', width: 110, render: ({ size }) => formatBytes(size) },
    {
      key: 'hash',
      header: 'SHA-256',
      width: 240,
      render: ({ hash }) => (
        <span className="rl-mono" title={hash}>
          {hash.slice(0, 24)}
        </span>
      ),
    },
    {
      key: 'save',
      header: '',
      width: 52,
      render: (file) => (
        <Tooltip label="Download">
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Download ${file.relative_path}`}
            onClick={() => save(file)}
          >
            <IconDownload size={16} />
          </ActionIcon>
        </Tooltip>
      ),
    },
  ];
}
