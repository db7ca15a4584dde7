import { Alert, Button, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter, useSearch } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { asApiError } from '../../api/error.ts';
import { signIn } from '../../api/session.ts';
import { Command } from '../../ui/empty-state.tsx';
import styles from './login.module.css';

const WHERE = 'cat .ranloop/credentials.json';

export function LoginPage() {
  const { next } = useSearch({ from: '/login' });
  const router = useRouter();
  const queries = useQueryClient();
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const login = useMutation({
    mutationFn: () => signIn(username, password),
    onSuccess: () => {
      queries.clear();
      router.history.push(next ?? '/');
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    login.mutate();
  };
  const refused = login.error ? asApiError(login.error) : undefined;
  return (
    <main className={styles['page']}>
      <form className={`rl-panel ${styles['card']}`} onSubmit={submit}>
        <Stack gap="md">
          <div>
            <Title order={1}>Sign in to Ranloop</Title>
            <Text c="dimmed" size="sm" mt={4}>
              The closed AI loop for Open RAN
            </Text>
          </div>
          <TextInput
            label="User name"
            autoComplete="username"
            required
            data-autofocus
            autoFocus
            value={username}
            onChange={(event) => setUsername(event.currentTarget.value)}
          />
          <PasswordInput
            label="Password"
            autoComplete="current-password"
            required
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <div className={styles['answer']} aria-live="polite">
            {refused && (
              <Alert variant="default" p="xs" role="alert" className={styles['refused'] ?? ''}>
                {refused.status === 401 ? 'The user name or the password is wrong.' : refused.message}
              </Alert>
            )}
          </div>
          <Button type="submit" loading={login.isPending} fullWidth>
            Sign in
          </Button>
          <div>
            <Text c="dimmed" size="xs">
              The first start printed the credentials and wrote them to the data folder:
            </Text>
            <Command text={WHERE} />
          </div>
        </Stack>
      </form>
    </main>
  );
}
