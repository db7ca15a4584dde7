import { Group } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type DatasetVersion, modelsFrom, trainedOn, versionOf } from '../../api/datasets.ts';
import { refId, refName } from '../../api/tracking.ts';
import { ErrorCard } from '../../ui/error-card.tsx';
import { Flow } from '../../ui/flow.tsx';
import { ModelLink } from '../../ui/links.tsx';
import { Panel } from '../../ui/panel.tsx';
import { StatusBadge } from '../../ui/status-badge.tsx';
import { TaskLink } from '../../ui/task-link.tsx';

/** What made the version, what was trained on it, and the models that came out. */
export function Usage({ version }: { version: DatasetVersion }) {
  const tasks = useQuery({
    queryKey: ['dataset', version.id, 'trained'],
    queryFn: ({ signal }) => trainedOn(version.id, signal),
  });
  const models = useQuery({
    queryKey: ['dataset', version.id, 'models'],
    queryFn: ({ signal }) => modelsFrom(version.id, signal),
  });
  const maker = refId(version.parent);
  return (
    <Panel title="Lineage">
      <Flow
        steps={[
          {
            title: 'Made by',
            none: 'itself',
            items: maker ? [{ key: maker, content: <TaskLink id={maker}>{refName(version.parent)}</TaskLink> }] : [],
          },
          {
            title: 'Dataset',
            none: '',
            here: true,
            items: [{ key: version.id, content: `${version.name} ${versionOf(version)}` }],
          },
          {
            title: 'Used by',
            none: 'no experiment names it',
            items: (tasks.data ?? []).map(({ id, name, status }) => ({
              key: id,
              content: (
                <Group gap="xs" justify="space-between" wrap="nowrap">
                  <TaskLink id={id}>{name}</TaskLink>
                  <StatusBadge status={status} />
                </Group>
              ),
            })),
          },
          {
            title: 'Models',
            none: 'none',
            items: (models.data ?? []).map(({ id, name, ready }) => ({
              key: id,
              content: (
                <Group gap="xs" justify="space-between" wrap="nowrap">
                  <ModelLink id={id}>{name}</ModelLink>
                  <StatusBadge status={ready ? 'published' : 'created'} />
                </Group>
              ),
            })),
          },
        ]}
      />
      {(tasks.error ?? models.error) && <ErrorCard error={tasks.error ?? models.error} mt="sm" />}
    </Panel>
  );
}
