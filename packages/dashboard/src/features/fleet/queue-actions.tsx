import { Button, Group, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { clearQueue, deleteQueue, type QueueState, renameQueue } from '../../api/queues.ts';
import { Ask, type Question } from '../../ui/ask.tsx';

type What = 'rename' | 'clear' | 'delete';

export function QueueActions({ queue, onGone }: { queue: QueueState; onGone: () => void }) {
  const queries = useQueryClient();
  const [asked, setAsked] = useState<What>();
  const [name, setName] = useState(queue.name);
  const refresh = () => queries.invalidateQueries({ queryKey: ['fleet'] });
  const { waiting } = queue;
  const back =
    waiting === 0 ? 'No task waits in it.' : `${count(waiting, 'task')} that wait in it become what they were before.`;
  const served = queue.workers?.length ?? 0;
  const QUESTIONS: Record<What, Question> = {
    rename: {
      title: `Rename ${queue.name}`,
      says: 'Agents that are running keep serving it. Those started with the old name will not find it.',
      act: 'Rename',
      ready: name.trim().length >= 3 && name !== queue.name,
      fields: <TextInput label="Name" data-autofocus value={name} onChange={(e) => setName(e.currentTarget.value)} />,
      run: async () => {
        await renameQueue(queue.id, name.trim());
        await refresh();
      },
    },
    clear: {
      title: `Clear ${queue.name}`,
      says: `${back} Nothing is deleted, but the order is lost.`,
      act: 'Clear',
      danger: true,
      run: async () => {
        await clearQueue(queue.id);
        await refresh();
      },
    },
    delete: {
      title: `Delete ${queue.name}`,
      says: `${back} ${served === 0 ? 'No worker serves it.' : `${count(served, 'worker')} will have nothing to take from it.`} This cannot be undone.`,
      act: 'Delete',
      danger: true,
      run: async () => {
        await deleteQueue(queue.id);
        onGone();
        await refresh();
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
      {button('rename', 'Rename')}
      {waiting > 0 && button('clear', 'Clear')}
      {button('delete', 'Delete')}
      <Ask question={asked && QUESTIONS[asked]} onDone={() => setAsked(undefined)} />
    </Group>
  );
}

const count = (number: number, name: string) => `${number} ${name}${number === 1 ? '' : 's'}`;
