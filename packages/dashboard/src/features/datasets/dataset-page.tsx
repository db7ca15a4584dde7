import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { type DatasetVersion, getState, getVersion, placeOf, readFiles, versionOf } from '../../api/datasets.ts';
import { refName } from '../../api/tracking.ts';
import { useTaskRefresh } from '../../api/tracking-live.ts';
import { Crumbs } from '../../ui/crumbs.tsx';
import { ErrorCard } from '../../ui/error-card.tsx';
import { Facts } from '../../ui/facts.tsx';
import { formatTime } from '../../ui/format.ts';
import { LiveSign } from '../../ui/live-sign.tsx';
import { Columns, Page } from '../../ui/page.tsx';
import { PageHead, Panel } from '../../ui/panel.tsx';
import { StatusBadge } from '../../ui/status-badge.tsx';
import { Tags } from '../../ui/tags.tsx';
import { TaskLink } from '../../ui/task-link.tsx';
import { Files } from './files.tsx';
import { Preview } from './preview.tsx';
import { Quality } from './quality.tsx';
import { type Description, jsonIn, type QualityReport } from './reports.ts';
import { Statistics } from './statistics.tsx';
import { Usage } from './usage.tsx';
import { Versions } from './versions.tsx';

export function DatasetPage() {
  const { datasetId } = useParams({ from: '/shell/datasets/$datasetId' });
  const stream = useTaskRefresh(datasetId);
  const query = useQuery({
    queryKey: ['task', datasetId, 'dataset'],
    queryFn: ({ signal }) => getVersion(datasetId, signal),
    refetchInterval: stream === 'live' ? false : 5_000,
  });
  const version = query.data;
  if (query.error && !version)
    return (
      <Page>
        <Crumbs to="/datasets" label="Datasets" />
        <ErrorCard error={query.error} onRetry={() => void query.refetch()} />
      </Page>
    );
  return (
    <Page>
      <div>
        <Crumbs to="/datasets" label="Datasets" {...(version ? { rest: placeOf(version) } : {})} />
        <PageHead
          title={version ? `${version.name} ${versionOf(version)}` : <Skeleton h={26} w={320} />}
          aside={<LiveSign status={stream} />}
        >
          {version && <StatusBadge status={version.status} />}
        </PageHead>
      </div>
      {version ? <Parts key={version.id} version={version} /> : <Skeleton h={420} />}
    </Page>
  );
}

const REPORTS = ['description.json', 'quality.json'];

function Parts({ version }: { version: DatasetVersion }) {
  // What a closed version holds never changes.
  const held = { staleTime: Number.POSITIVE_INFINITY, refetchOnWindowFocus: false } as const;
  const state = useQuery({
    ...held,
    queryKey: ['dataset', version.id, 'state', version.status],
    queryFn: ({ signal }) => getState(version, signal),
  });
  const files = state.data?.dataset_file_entries;
  const table = files?.find(({ relative_path }) => relative_path.endsWith('.csv'));
  const contents = useQuery({
    ...held,
    queryKey: ['dataset', version.id, 'contents', version.status],
    enabled: files !== undefined,
    retry: false,
    queryFn: ({ signal }) =>
      readFiles(
        (files ?? []).filter((file) => file === table || REPORTS.includes(file.relative_path)),
        signal,
      ),
  });
  const description = jsonIn<Description>(contents.data, 'description.json');
  const quality = jsonIn<QualityReport>(contents.data, 'quality.json');
  const text = table && contents.data?.get(table.relative_path);
  return (
    <>
      <Usage version={version} />
      {state.error && <ErrorCard error={state.error} onRetry={() => void state.refetch()} />}
      {contents.error && <ErrorCard error={contents.error} onRetry={() => void contents.refetch()} />}
      <Columns>
        <Panel title="Dataset">
          <Facts
            rows={[
              [
                'Id',
                <TaskLink key="id" id={version.id} tab="console">
                  <code>{version.id}</code>
                </TaskLink>,
              ],
              ['Created', formatTime(version.created)],
              ['User', refName(version.user)],
              ['Schema', description?.schema],
              ['Period', description ? `${description.periodSeconds} s` : undefined],
              ['From', description ? formatTime(description.from / 1000) : undefined],
              ['To', description ? formatTime(description.to / 1000) : undefined],
              ['Objects', description ? `${description.objects.length}` : undefined],
              ['Slices', description?.snssais.join(', ')],
              ['Comment', version.comment],
              ['Tags', <Tags key="tags" tags={version.tags} most={8} />],
            ]}
          />
        </Panel>
        <Versions version={version} graph={state.data?.dependency_graph ?? {}} />
      </Columns>
      <Files files={files} name={version.name} />
      {description && <Statistics description={description} />}
      {quality && <Quality report={quality} />}
      {table && contents.isPending && <Skeleton h={320} />}
      {table && text && <Preview key={version.id} name={table.relative_path} bytes={text} />}
    </>
  );
}
