import { Button, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { createQueue, listQueueStates } from '../../api/queues.ts';
import { useRefresh } from '../../api/tracking-live.ts';
import { Ask } from '../../ui/ask.tsx';
import { DataTable } from '../../ui/data-table.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorCard } from '../../ui/error-card.tsx';
import { LiveSign } from '../../ui/live-sign.tsx';
import { Columns, Page } from '../../ui/page.tsx';
import { PageHead, Panel } from '../../ui/panel.tsx';
import { clean } from '../../ui/search-state.ts';
import { useNow } from '../../ui/use-now.ts';
import { Entries } from './entries.tsx';
import { HoursControl } from './hours.tsx';
import { QueueActions } from './queue-actions.tsx';
import { QueueCharts } from './queue-charts.tsx';
import { queueColumns } from './queue-columns.tsx';

export function QueuesPage() {
  const search = useSearch({ from: '/shell/queues' });
  const navigate = useNavigate();
  const change = (next: Partial<typeof search>) =>
    void navigate({ to: '/queues', search: clean({ ...search, ...next }), replace: true });
  const stream = useRefresh(({ kind }) => kind === 'queue' || kind === 'worker' || kind === 'status', ['fleet']);
  const queues = useQuery({
    queryKey: ['fleet', 'queues'],
    queryFn: ({ signal }) => listQueueStates(signal),
    refetchInterval: stream === 'live' ? 30_000 : 5_000,
  });
  const now = useNow(1_000);
  const [creating, setCreating] = useState(false);
  const chosen = queues.data?.find(({ id }) => id === search.queue) ?? queues.data?.[0];
  const hours = search.hours ?? 1;
  return (
    <Page>
      <PageHead
        title="Queues"
        aside={
          <>
            <Button
              size="compact-sm"
              variant="default"
              leftSection={<IconPlus size={15} />}
              onClick={() => setCreating(true)}
            >
              New queue
            </Button>
            <LiveSign status={stream} />
          </>
        }
      />
      {queues.error && !queues.data ? (
        <ErrorCard error={queues.error} onRetry={() => void queues.refetch()} />
      ) : (
        <section className="rl-panel" aria-label="Queues">
          <DataTable
            label="Queues"
            columns={queueColumns(now)}
            rows={queues.data}
            rowKey={({ id }) => id}
            onOpen={({ id }) => change({ queue: id })}
            {...(chosen ? { chosen: chosen.id } : {})}
            minWidth={760}
            skeletonRows={2}
            empty={<EmptyState title="No queue" hint="Tasks wait in queues for agents. Make one with New queue." />}
          />
        </section>
      )}
      {chosen && (
        <Columns least={440}>
          <Panel
            title={`Waiting in ${chosen.name}`}
            note={`${chosen.waiting} ${chosen.waiting === 1 ? 'task' : 'tasks'}`}
            actions={<QueueActions key={chosen.id} queue={chosen} onGone={() => change({ queue: '' })} />}
          >
            <Entries key={chosen.id} queue={chosen} now={now} />
          </Panel>
          <Panel
            title="Length and waiting time"
            actions={<HoursControl hours={hours} onChange={(next) => change({ hours: next })} />}
          >
            <QueueCharts queue={chosen.id} hours={hours} />
          </Panel>
        </Columns>
      )}
      <Creation opened={creating} onClose={() => setCreating(false)} onMade={(queue) => change({ queue })} />
    </Page>
  );
}

function Creation(props: { opened: boolean; onClose: () => void; onMade: (queue: string) => void }) {
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const run = async () => {
    const { id } = await createQueue(name.trim());
    await queries.invalidateQueries({ queryKey: ['fleet'] });
    setName('');
    props.onMade(id);
  };
  return (
    <Ask
      onDone={props.onClose}
      question={
        props.opened
          ? {
              title: 'New queue',
              says: 'An empty queue. No agent serves it until one is started with its name.',
              act: 'Create',
              ready: name.trim().length >= 3,
              fields: (
                <TextInput
                  label="Name"
                  description="At least 3 characters"
                  data-autofocus
                  value={name}
                  onChange={(event) => setName(event.currentTarget.value)}
                />
              ),
              run,
            }
          : undefined
      }
    />
  );
}
