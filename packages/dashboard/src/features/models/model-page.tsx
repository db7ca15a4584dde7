import { Skeleton, TagsInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { getModel, type ModelDetail, setModelTags } from '../../api/models.ts';
import { refName } from '../../api/tracking.ts';
import { useRefresh } from '../../api/tracking-live.ts';
import { Crumbs } from '../../ui/crumbs.tsx';
import { Download } from '../../ui/download.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorCard } from '../../ui/error-card.tsx';
import { Facts } from '../../ui/facts.tsx';
import { formatTime } from '../../ui/format.ts';
import { LiveSign } from '../../ui/live-sign.tsx';
import { Columns, Page } from '../../ui/page.tsx';
import { PageHead, Panel } from '../../ui/panel.tsx';
import { StatusBadge } from '../../ui/status-badge.tsx';
import { Actions } from './actions.tsx';
import { Lineage } from './lineage.tsx';
import { Metadata } from './metadata.tsx';
import { Scalars } from './scalars.tsx';

export function ModelPage() {
  const { modelId } = useParams({ from: '/shell/models/$modelId' });
  const stream = useRefresh(({ kind, subject }) => kind === 'model' && subject === modelId, ['model', modelId]);
  const query = useQuery({
    queryKey: ['model', modelId, 'entity'],
    queryFn: ({ signal }) => getModel(modelId, signal),
    refetchInterval: stream === 'live' ? false : 5_000,
  });
  const model = query.data;
  if (query.error && !model)
    return (
      <Page>
        <Crumbs to="/models" label="Models" />
        <ErrorCard error={query.error} onRetry={() => void query.refetch()} />
      </Page>
    );
  return (
    <Page>
      <div>
        <Crumbs to="/models" label="Models" rest={refName(model?.project)} />
        <PageHead
          title={model?.name ?? <Skeleton h={26} w={320} />}
          aside={
            <>
              {model && <Actions model={model} />}
              <LiveSign status={stream} />
            </>
          }
        >
          {model && <StatusBadge status={model.ready ? 'published' : 'created'} />}
          {model?.system_tags?.includes('archived') && <StatusBadge status="stopped" text="archived" />}
        </PageHead>
      </div>
      {model ? <Parts model={model} /> : <Skeleton h={420} />}
    </Page>
  );
}

function Parts({ model }: { model: ModelDetail }) {
  const labels = Object.entries(model.labels ?? {}).sort(([, a], [, b]) => a - b);
  return (
    <>
      <Lineage model={model} />
      <Columns>
        <Panel title="Model" actions={<Download uri={model.uri} />}>
          <Facts
            rows={[
              ['Id', <code key="id">{model.id}</code>],
              ['Framework', model.framework],
              ['Created', formatTime(model.created)],
              ['Last change', formatTime(model.last_update)],
              ['User', refName(model.user)],
              ['Comment', model.comment],
              [
                'File',
                <span key="uri" className="rl-mono">
                  {model.uri || '–'}
                </span>,
              ],
            ]}
          />
          <ModelTags model={model} />
        </Panel>
        <Panel title="Metadata" note="what the experiment and people say about it">
          <Metadata model={model} />
        </Panel>
        <Panel title="Labels" note="classes by their number">
          {labels.length === 0 ? (
            <EmptyState
              title="No labels"
              hint="A model of classes can say what its outputs mean:"
              command={'output_model.update_labels({"idle": 0, "busy": 1})'}
            />
          ) : (
            <Facts rows={labels.map(([name, value]) => [name, `${value}`])} />
          )}
        </Panel>
        <Panel title="Scalars" note="reported for the model itself">
          <Scalars model={model.id} />
        </Panel>
      </Columns>
    </>
  );
}

function ModelTags({ model }: { model: ModelDetail }) {
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: (tags: string[]) => setModelTags(model.id, tags),
    onSettled: () => queries.invalidateQueries({ queryKey: ['model', model.id] }),
  });
  return (
    <>
      <TagsInput
        mt="sm"
        label="Tags"
        placeholder="Add with Enter"
        value={save.isPending ? save.variables : (model.tags ?? [])}
        onChange={(tags) => save.mutate(tags)}
      />
      {save.error && <ErrorCard error={save.error} mt="sm" />}
    </>
  );
}
