import { Button, Group, Table, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { editHyperParams } from '../../api/tasks.ts';
import type { HyperParam, Task } from '../../api/tracking.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorCard } from '../../ui/error-card.tsx';
import { Panel } from '../../ui/panel.tsx';
import styles from './experiments.module.css';

const keyOf = ({ section, name }: HyperParam) => JSON.stringify([section, name]);

/** Hyperparameters by section, to be edited while the task is a draft; configuration objects to be read. */
export function Configuration({ task }: { task: Task }) {
  const queries = useQueryClient();
  const [edits, setEdits] = useState<ReadonlyMap<string, string>>(new Map());
  const sections = Object.entries(task.hyperparams ?? {}).sort(([a], [b]) => a.localeCompare(b));
  const objects = Object.values(task.configuration ?? {});
  const editable = task.status === 'created';
  const changed = sections
    .flatMap(([, params]) => Object.values(params))
    .flatMap((param) => {
      const value = edits.get(keyOf(param));
      return value === undefined || value === param.value ? [] : [{ ...param, value }];
    });
  const save = useMutation({
    mutationFn: () => editHyperParams(task.id, changed),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['task', task.id] });
      setEdits(new Map());
    },
  });
  if (sections.length === 0 && objects.length === 0)
    return (
      <EmptyState
        title="No parameter"
        hint="What a task connects is shown here, and can be changed in a clone of it."
        command={'task.connect({"learning_rate": 0.001})'}
      />
    );
  return (
    <>
      <Group justify="space-between" mb="sm" mih={34}>
        <Text size="sm" c="dimmed">
          {editable
            ? 'This task is a draft: its parameters can be changed.'
            : 'Clone the task to run it with other parameters.'}
        </Text>
        {changed.length > 0 && (
          <Group gap="xs">
            <Button size="compact-md" variant="default" onClick={() => setEdits(new Map())}>
              Discard
            </Button>
            <Button size="compact-md" loading={save.isPending} onClick={() => save.mutate()}>
              Save {changed.length} {changed.length === 1 ? 'change' : 'changes'}
            </Button>
          </Group>
        )}
      </Group>
      {save.error && <ErrorCard error={save.error} mb="sm" />}
      <div className={styles['columns']}>
        {sections.map(([section, params]) => (
          <Panel key={section} title={section} flush>
            <Table layout="fixed" aria-label={section}>
              <Table.Tbody>
                {Object.values(params)
                  .sort((a, b) => a.name.localeCompare(b.name))
                  .map((param) => (
                    <Table.Tr key={param.name}>
                      <Table.Td w="42%" style={{ overflowWrap: 'anywhere' }} title={param.description}>
                        {param.name}
                      </Table.Td>
                      <Table.Td className="rl-mono" style={{ overflowWrap: 'anywhere' }}>
                        {editable ? (
                          <TextInput
                            size="xs"
                            aria-label={`${section} ${param.name}`}
                            value={edits.get(keyOf(param)) ?? param.value}
                            onChange={(event) => setEdits(new Map(edits).set(keyOf(param), event.currentTarget.value))}
                          />
                        ) : (
                          param.value
                        )}
                      </Table.Td>
                    </Table.Tr>
                  ))}
              </Table.Tbody>
            </Table>
          </Panel>
        ))}
        {objects.map(({ name, value, type }) => (
          <Panel key={name} title={name} note={type}>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard. */}
            <pre className={styles['code']} tabIndex={0}>
              {value}
            </pre>
          </Panel>
        ))}
      </div>
    </>
  );
}
