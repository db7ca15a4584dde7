import { Button, Group } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { listDeployments, unloadModel } from '../../api/inference.ts';
import { type ModelDetail, tasksThatUse } from '../../api/models.ts';
import { getTask } from '../../api/tasks.ts';
import { refId, refName } from '../../api/tracking.ts';
import { Ask } from '../../ui/ask.tsx';
import { ErrorCard } from '../../ui/error-card.tsx';
import { Flow } from '../../ui/flow.tsx';
import { DatasetLink, ModelLink } from '../../ui/links.tsx';
import { Panel } from '../../ui/panel.tsx';
import { StatusBadge } from '../../ui/status-badge.tsx';
import { TaskLink } from '../../ui/task-link.tsx';

/** Where the model came from, who uses it, and under which names it serves. */
export function Lineage({ model }: { model: ModelDetail }) {
  const queries = useQueryClient();
  const [leaving, setLeaving] = useState<string>();
  const task = refId(model.task);
  const maker = useQuery({
    queryKey: ['model', model.id, 'maker', task],
    enabled: task !== undefined,
    queryFn: ({ signal }) => getTask(task ?? '', signal),
  });
  const users = useQuery({
    queryKey: ['model', model.id, 'users'],
    queryFn: ({ signal }) => tasksThatUse(model.id, signal),
  });
  const deployments = useQuery({
    queryKey: ['model', model.id, 'deployments'],
    refetchInterval: 15_000,
    queryFn: ({ signal }) => listDeployments(signal),
  });
  const dataset = model.metadata?.['dataset']?.value ?? maker.data?.hyperparams?.['General']?.['dataset_task']?.value;
  const data = useQuery({
    queryKey: ['model', model.id, 'dataset', dataset],
    enabled: dataset !== undefined && dataset !== '',
    queryFn: ({ signal }) => getTask(dataset ?? '', signal),
  });
  const parent = refId(model.parent);
  const serving = deployments.data?.filter(({ modelId }) => modelId === model.id) ?? [];
  const version = data.data?.runtime?.['version'];
  return (
    <Panel title="Lineage">
      <Flow
        steps={[
          {
            title: 'Dataset',
            none: 'not recorded',
            items: data.data
              ? [
                  {
                    key: data.data.id,
                    content: (
                      <DatasetLink id={data.data.id}>
                        {data.data.name} {typeof version === 'string' ? version : ''}
                      </DatasetLink>
                    ),
                  },
                ]
              : [],
          },
          {
            title: 'Experiment',
            none: 'made by hand',
            items: task ? [{ key: task, content: <TaskLink id={task}>{refName(model.task)}</TaskLink> }] : [],
          },
          {
            title: parent ? 'Model, refined from' : 'Model',
            none: '',
            here: true,
            items: [
              {
                key: 'model',
                content: parent ? <ModelLink id={parent}>{refName(model.parent)}</ModelLink> : model.name,
              },
            ],
          },
          {
            title: 'Used by',
            none: 'no experiment',
            items: (users.data ?? []).map(({ id, name, status }) => ({
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
            title: 'Serves as',
            none: deployments.error ? 'the inference host does not answer' : 'not deployed',
            items: serving.map(({ name, version: number }) => ({
              key: name,
              content: (
                <Group gap="xs" justify="space-between" wrap="nowrap">
                  <span>
                    {name} <span className="rl-num">version {number}</span>
                  </span>
                  <Button
                    size="compact-xs"
                    variant="default"
                    aria-label={`Unload ${name}`}
                    onClick={() => setLeaving(name)}
                  >
                    Unload
                  </Button>
                </Group>
              ),
            })),
          },
        ]}
      />
      {users.error && <ErrorCard error={users.error} mt="sm" />}
      <Ask
        onDone={() => setLeaving(undefined)}
        question={
          leaving === undefined
            ? undefined
            : {
                title: `Unload ${leaving}`,
                says: `The inference host stops answering for ${leaving}; who asks for it, such as the rApp of the loop, gets errors until a model is deployed under this name again.`,
                act: 'Unload',
                danger: true,
                run: async () => {
                  await unloadModel(leaving);
                  await queries.invalidateQueries({ queryKey: ['model'] });
                },
              }
        }
      />
    </Panel>
  );
}
