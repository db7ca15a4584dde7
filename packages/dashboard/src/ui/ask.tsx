import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { FormEvent, ReactNode } from 'react';
import { ErrorCard } from './error-card.tsx';

export interface Question {
  title: string;
  /** What will happen, and whether it can be undone. */
  says: ReactNode;
  /** The word on the button. */
  act: string;
  danger?: boolean;
  /** What has to be filled in. */
  fields?: ReactNode;
  ready?: boolean;
  run: () => Promise<unknown>;
}

/** Asks before something is done, says what will happen, and stays with the reason when it fails. */
export function Ask({ question, onDone }: { question: Question | undefined; onDone: () => void }) {
  return (
    <Modal opened={question !== undefined} onClose={onDone} title={question?.title} centered>
      {question && <Form key={question.title} question={question} onDone={onDone} />}
    </Modal>
  );
}

function Form({ question, onDone }: { question: Question; onDone: () => void }) {
  const act = useMutation({ mutationFn: question.run, onSuccess: onDone });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    act.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <Text size="sm" component="div">
          {question.says}
        </Text>
        {question.fields}
        {act.error && <ErrorCard error={act.error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button
            type="submit"
            loading={act.isPending}
            disabled={question.ready === false}
            {...(question.danger ? { color: 'red.8' } : {})}
          >
            {question.act}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
