import { Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getModels } from '../../api/tasks.ts';
import { type Artifact, type Model, refId, type Task } from '../../api/tracking.ts';
import { Download } from '../../ui/download.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorCard } from '../../ui/error-card.tsx';
import { formatBytes, formatTime } from '../../ui/format.ts';
import { Panel } from '../../ui/panel.tsx';
import { StatusBadge } from '../../ui/status-badge.tsx';
import styles from './experiments.module.css';

export function Artifacts({ task }: { task: Task }) {
  const artifacts = task.execution?.artifacts ?? [];
  const links = [
    ...(task.models?.input ?? []).map((link) => ({ ...link, direction: 'input' })),
    ...(task.models?.output ?? []).map((link) => ({ ...link, direction: 'output' })),
  ];
  const ids = [...new Set(links.flatMap(({ model }) => refId(model) ?? []))];
  const models = useQuery({
    queryKey: ['task', task.id, 'models', ids],
    enabled: ids.length > 0,
    queryFn: ({ signal }) => getModels(ids, signal),
  });
  if (artifacts.length === 0 && links.length === 0)
    return (
      <EmptyState
        title="No artifact and no model"
        hint="Files that a task uploads, and models that it reads or writes, are listed here."
        command={'task.upload_artifact("report", artifact_object={"rmse": 1.5})'}
      />
    );
  return (
    <Stack gap="md">
      {models.error && <ErrorCard error={models.error} />}
      <div className={styles['columns']}>
        {links.map(({ name, model, direction }) => {
          const id = refId(model);
          const found = models.data?.find((one) => one.id === id);
          return (
            <Panel
              key={`${direction} ${name}`}
              title={name}
              note={`${direction} model`}
              actions={<Download uri={found?.uri} />}
            >
              {found ? <ModelFacts model={found} /> : <Skeleton h={150} />}
            </Panel>
          );
        })}
        {artifacts.map((artifact) => (
          <Panel
            key={`${artifact.mode} ${artifact.key}`}
            title={artifact.key}
            note={artifact.mode === 'input' ? 'input artifact' : 'artifact'}
            actions={<Download uri={artifact.uri} />}
          >
            <ArtifactFacts artifact={artifact} />
          </Panel>
        ))}
      </div>
    </Stack>
  );
}

function ModelFacts({ model }: { model: Model }) {
  const metadata = Object.values(model.metadata ?? {});
  return (
    <dl className={styles['facts']}>
      <dt>State</dt>
      <dd>
        <StatusBadge status={model.ready ? 'published' : 'created'} />
      </dd>
      <dt>Framework</dt>
      <dd>{model.framework || '–'}</dd>
      <dt>Model</dt>
      <dd className="rl-mono">{model.id}</dd>
      <dt>Created</dt>
      <dd>{formatTime(model.created)}</dd>
      <dt>URI</dt>
      <dd className="rl-mono">{model.uri ?? '–'}</dd>
      {metadata.map(({ key, value }) => (
        <div key={key} style={{ display: 'contents' }}>
          <dt>{key}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function ArtifactFacts({ artifact }: { artifact: Artifact }) {
  const preview = artifact.type_data?.preview;
  return (
    <Stack gap="sm">
      <dl className={styles['facts']}>
        <dt>Type</dt>
        <dd>{artifact.type ?? '–'}</dd>
        <dt>Size</dt>
        <dd>{formatBytes(artifact.content_size)}</dd>
        <dt>Written</dt>
        <dd>{formatTime(artifact.timestamp === undefined ? undefined : artifact.timestamp * 1000)}</dd>
        <dt>Hash</dt>
        <dd className="rl-mono">{artifact.hash || '–'}</dd>
        <dt>URI</dt>
        <dd className="rl-mono">{artifact.uri ?? '–'}</dd>
      </dl>
      {preview && (
        <div>
          <Text size="xs" c="dimmed" mb={4}>
            Preview
          </Text>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard. */}
          <pre className={styles['code']} tabIndex={0}>
            {preview.slice(0, 20_000)}
          </pre>
        </div>
      )}
    </Stack>
  );
}
