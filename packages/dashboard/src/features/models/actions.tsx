import { Button, Checkbox, Group, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { listDeployments } from '../../api/inference.ts';
import {
  archiveModel,
  deleteModel,
  deployModel,
  type ModelDetail,
  publishModel,
  tasksThatUse,
} from '../../api/models.ts';
import { refId } from '../../api/tracking.ts';
import { Ask, type Question } from '../../ui/ask.tsx';

type What = 'deploy' | 'publish' | 'archive' | 'delete';

export function Actions({ model }: { model: ModelDetail }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [asked, setAsked] = useState<What>();
  const [name, setName] = useState(() => model.name.replace(/[^A-Za-z0-9._-]+/g, '-'));
  const [withTask, setWithTask] = useState(true);
  const archived = model.system_tags?.includes('archived') ?? false;
  const refresh = () =>
    Promise.all([
      queries.invalidateQueries({ queryKey: ['model', model.id] }),
      queries.invalidateQueries({ queryKey: ['models'] }),
    ]);
  const deployments = useQuery({
    queryKey: ['model', model.id, 'deployments'],
    queryFn: ({ signal }) => listDeployments(signal),
  });
  const users = useQuery({
    queryKey: ['model', model.id, 'users'],
    queryFn: ({ signal }) => tasksThatUse(model.id, signal),
  });
  const replaced = deployments.data?.find((one) => one.name === name && one.state === 'READY');
  const serving = deployments.data?.filter(({ modelId }) => modelId === model.id) ?? [];
  const after = (run: () => Promise<unknown>) => async () => {
    await run();
    await refresh();
  };
  const QUESTIONS: Record<What, Question> = {
    deploy: {
      title: 'Deploy to the inference host',
      says: replaced
        ? `${name} version ${replaced.version} serves now and is replaced at once; who asks for ${name} gets answers of this model.`
        : 'The host loads the file, checks its digest, and answers under this name.',
      act: 'Deploy',
      ready: /^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/.test(name),
      fields: (
        <TextInput
          label="Name to serve under"
          description="Letters, digits, dot, dash and underscore"
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
      ),
      run: after(() => deployModel(model, name)),
    },
    publish: {
      title: 'Publish',
      says: 'The model becomes final and can be deployed by the recipes. This cannot be undone.',
      act: 'Publish',
      ...(refId(model.task)
        ? {
            fields: (
              <Checkbox
                label="Publish the experiment that made it, too"
                checked={withTask}
                onChange={(event) => setWithTask(event.currentTarget.checked)}
              />
            ),
          }
        : {}),
      run: after(() => publishModel(model.id, withTask)),
    },
    archive: {
      title: archived ? 'Restore' : 'Archive',
      says: archived
        ? 'The model is listed again.'
        : 'The model leaves the lists; its file, links and deployments stay. It can be restored under the state "archived".',
      act: archived ? 'Restore' : 'Archive',
      run: after(() => archiveModel(model.id, !archived)),
    },
    delete: {
      title: `Delete ${model.name}`,
      says: (
        <>
          Deleted are the model with its {Object.keys(model.metadata ?? {}).length} metadata entries, its scalars, and
          its file {model.uri ? <code>{model.uri.split('/').at(-1)}</code> : '(none)'} on the file server.{' '}
          {users.data?.length
            ? `${users.data.length} experiments that use it keep a mark in its place. `
            : 'No experiment uses it. '}
          {serving.length > 0 && `The inference host has its own copy and goes on serving ${serving[0]?.name}. `}
          This cannot be undone.
        </>
      ),
      act: 'Delete',
      danger: true,
      run: async () => {
        await deleteModel(model.id);
        await navigate({ to: '/models' });
        await queries.invalidateQueries({ queryKey: ['models'] });
      },
    },
  };
  const button = (what: What, label: string) => (
    <Button size="compact-sm" variant="default" onClick={() => setAsked(what)}>
      {label}
    </Button>
  );
  return (
    <Group gap={6} wrap="nowrap">
      {model.uri && deployments.data && button('deploy', 'Deploy')}
      {!model.ready && button('publish', 'Publish')}
      {button('archive', archived ? 'Restore' : 'Archive')}
      {button('delete', 'Delete')}
      <Ask question={asked && QUESTIONS[asked]} onDone={() => setAsked(undefined)} />
    </Group>
  );
}
