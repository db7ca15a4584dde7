import { Button, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core';
import {
  IconCopy,
  IconPlayerPlay,
  IconPlayerStop,
  IconRestore,
  IconRosetteDiscountCheck,
  type TablerIcon,
} from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { cloneTask, dequeueTask, enqueueTask, listQueues, publishTask, resetTask, stopTask } from '../../api/tasks.ts';
import type { Task, TaskStatus } from '../../api/tracking.ts';
import { ErrorCard } from '../../ui/error-card.tsx';

type ActionName = 'enqueue' | 'dequeue' | 'abort' | 'clone' | 'reset' | 'publish';

interface ActionLook {
  name: ActionName;
  label: string;
  icon: TablerIcon;
  /** The states in which the tracking API allows it. */
  when: readonly TaskStatus[];
  says: string;
  danger?: boolean;
}

const ALL: readonly TaskStatus[] = [
  'created',
  'queued',
  'in_progress',
  'stopped',
  'published',
  'publishing',
  'closed',
  'failed',
  'completed',
  'unknown',
];

const ACTIONS: readonly ActionLook[] = [
  {
    name: 'enqueue',
    label: 'Enqueue',
    icon: IconPlayerPlay,
    when: ['created', 'stopped', 'failed'],
    says: 'An agent that serves the queue runs the task with the parameters it has now.',
  },
  {
    name: 'dequeue',
    label: 'Dequeue',
    icon: IconPlayerStop,
    when: ['queued'],
    says: 'The task leaves its queue and becomes what it was before.',
  },
  {
    name: 'abort',
    label: 'Abort',
    icon: IconPlayerStop,
    when: ['in_progress'],
    says: 'The worker ends the task. What it has reported stays.',
    danger: true,
  },
  {
    name: 'clone',
    label: 'Clone',
    icon: IconCopy,
    when: ALL,
    says: 'A draft with the same code, parameters and configuration, ready to be edited and enqueued.',
  },
  {
    name: 'reset',
    label: 'Reset',
    icon: IconRestore,
    when: ['queued', 'stopped', 'closed', 'failed', 'completed'],
    says: 'Deletes the scalars, plots, log, output models and artifacts of this task and makes it a draft again. This cannot be undone.',
    danger: true,
  },
  {
    name: 'publish',
    label: 'Publish',
    icon: IconRosetteDiscountCheck,
    when: ['stopped', 'closed', 'failed', 'completed'],
    says: 'Makes the task and its output model final: afterwards neither can be changed or reset.',
  },
];

export function Actions({ task }: { task: Task }) {
  const [asked, setAsked] = useState<ActionLook>();
  return (
    <>
      <Group gap={6} wrap="nowrap">
        {ACTIONS.filter(({ when }) => when.includes(task.status)).map((action) => (
          <Button
            key={action.name}
            size="compact-sm"
            variant="default"
            leftSection={<action.icon size={15} />}
            onClick={() => setAsked(action)}
          >
            {action.label}
          </Button>
        ))}
      </Group>
      <Modal opened={asked !== undefined} onClose={() => setAsked(undefined)} title={asked?.label} centered>
        {asked && <Confirm action={asked} task={task} onDone={() => setAsked(undefined)} />}
      </Modal>
    </>
  );
}

function Confirm({ action, task, onDone }: { action: ActionLook; task: Task; onDone: () => void }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState(`Clone of ${task.name}`);
  const [chosen, setChosen] = useState<string | null>(null);
  const queues = useQuery({
    queryKey: ['queues'],
    enabled: action.name === 'enqueue',
    queryFn: ({ signal }) => listQueues(signal),
  });
  const queue = chosen ?? (queues.data?.find((one) => one.name === 'default') ?? queues.data?.[0])?.id ?? null;
  const act = useMutation({
    mutationFn: async (): Promise<string | undefined> => {
      if (action.name === 'clone') return (await cloneTask(task.id, name)).id;
      if (action.name === 'enqueue') await enqueueTask(task.id, queue ?? '');
      if (action.name === 'dequeue') await dequeueTask(task.id);
      if (action.name === 'abort') await stopTask(task.id);
      if (action.name === 'reset') await resetTask(task.id);
      if (action.name === 'publish') await publishTask(task.id);
      return undefined;
    },
    onSuccess: async (clone) => {
      await queries.invalidateQueries({ queryKey: ['task', task.id] });
      onDone();
      if (clone) await navigate({ to: '/experiments/$taskId/$tab', params: { taskId: clone, tab: 'configuration' } });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    act.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <Text size="sm">{action.says}</Text>
        {action.name === 'clone' && (
          <TextInput
            label="Name of the clone"
            required
            minLength={3}
            data-autofocus
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
        )}
        {action.name === 'enqueue' && (
          <Select
            label="Queue"
            data={(queues.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
            value={queue}
            onChange={setChosen}
            allowDeselect={false}
          />
        )}
        {(act.error ?? queues.error) && <ErrorCard error={act.error ?? queues.error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button
            type="submit"
            loading={act.isPending}
            disabled={action.name === 'enqueue' && queue === null}
            {...(action.danger ? { color: 'red.8' } : {})}
          >
            {action.label}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
