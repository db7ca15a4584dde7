import { ActionIcon, Button, Group, Table, Text, TextInput, Tooltip } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { dropModelMetadata, type ModelDetail, setModelMetadata } from '../../api/models.ts';
import { ErrorCard } from '../../ui/error-card.tsx';

interface Item {
  key: string;
  type: string;
  value: string;
}

/** Values are changed in place: Enter or leaving the field keeps, Escape gives the old value back. */
export function Metadata({ model }: { model: ModelDetail }) {
  const queries = useQueryClient();
  const onSettled = () => queries.invalidateQueries({ queryKey: ['model', model.id] });
  const save = useMutation({ mutationFn: (item: Item) => setModelMetadata(model.id, item), onSettled });
  const drop = useMutation({ mutationFn: ({ key }: Item) => dropModelMetadata(model.id, key), onSettled });
  const items = Object.values(model.metadata ?? {}).sort((a, b) => a.key.localeCompare(b.key));
  const error = save.error ?? drop.error;
  return (
    <>
      {error && <ErrorCard error={error} mb="sm" />}
      <Table aria-label="Metadata" verticalSpacing={3}>
        <Table.Tbody>
          {items.map(({ key, type = 'str', value = '' }) => (
            <Table.Tr key={key}>
              <Table.Td w="34%" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
                {key}
              </Table.Td>
              <Table.Td>
                <Value
                  key={value}
                  name={key}
                  value={value}
                  onSave={(next) => save.mutate({ key, type, value: next })}
                />
              </Table.Td>
              <Table.Td w={40}>
                <Tooltip label="Delete this entry">
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    aria-label={`Delete ${key}`}
                    onClick={() => drop.mutate({ key, type, value })}
                  >
                    <IconTrash size={15} />
                  </ActionIcon>
                </Tooltip>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {drop.isSuccess && !items.some(({ key }) => key === drop.variables.key) && (
        <Group gap="xs" mt="xs">
          <Text size="sm" c="dimmed">
            {drop.variables.key} was deleted.
          </Text>
          <Button size="compact-sm" variant="light" onClick={() => save.mutate(drop.variables)}>
            Undo
          </Button>
        </Group>
      )}
      <NewItem onAdd={(item) => save.mutate(item)} />
    </>
  );
}

function Value({ name, value, onSave }: { name: string; value: string; onSave: (value: string) => void }) {
  const [text, setText] = useState(value);
  const keep = () => {
    if (text !== value) onSave(text);
  };
  return (
    <TextInput
      aria-label={`Value of ${name}`}
      size="xs"
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={keep}
      onKeyDown={(event) => {
        if (event.key === 'Enter') keep();
        if (event.key === 'Escape') setText(value);
      }}
    />
  );
}

function NewItem({ onAdd }: { onAdd: (item: Item) => void }) {
  const [key, setKey] = useState('');
  const [value, setValue] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onAdd({ key: key.trim(), type: 'str', value });
    setKey('');
    setValue('');
  };
  return (
    <form onSubmit={submit}>
      <Group gap="xs" mt="sm" wrap="nowrap">
        <TextInput
          size="xs"
          aria-label="Name of a new entry"
          placeholder="Name"
          value={key}
          onChange={(event) => setKey(event.currentTarget.value)}
        />
        <TextInput
          size="xs"
          flex={1}
          aria-label="Value of the new entry"
          placeholder="Value"
          value={value}
          onChange={(event) => setValue(event.currentTarget.value)}
        />
        <Button type="submit" size="xs" variant="default" disabled={key.trim() === ''}>
          Add
        </Button>
      </Group>
    </form>
  );
}
