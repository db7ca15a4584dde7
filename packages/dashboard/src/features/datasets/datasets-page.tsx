import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { countOf, type DatasetVersion, listVersions, placeOf, versionOf } from '../../api/datasets.ts';
import { refId } from '../../api/tracking.ts';
import { useRefresh } from '../../api/tracking-live.ts';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorCard } from '../../ui/error-card.tsx';
import { formatAge, formatBytes, formatFixed, formatTime } from '../../ui/format.ts';
import { DatasetLink } from '../../ui/links.tsx';
import { LiveSign } from '../../ui/live-sign.tsx';
import { Page } from '../../ui/page.tsx';
import { PageHead } from '../../ui/panel.tsx';
import { SearchBox } from '../../ui/search-box.tsx';
import { clean } from '../../ui/search-state.ts';
import { Tags } from '../../ui/tags.tsx';
import { useNow } from '../../ui/use-now.ts';

interface Dataset {
  project: string;
  newest: DatasetVersion;
  versions: readonly DatasetVersion[];
}

const SHOWN_VERSIONS = 4;

export function DatasetsPage() {
  const search = useSearch({ from: '/shell/datasets' });
  const navigate = useNavigate();
  const { q = '', sort = '-created' } = search;
  const change = (next: Partial<typeof search>) =>
    void navigate({ to: '/datasets', search: clean({ ...search, ...next }), replace: true });
  const stream = useRefresh(({ kind }) => kind === 'status' || kind === 'task', ['datasets']);
  const versions = useQuery({
    queryKey: ['datasets', 'all'],
    refetchInterval: stream === 'live' ? false : 5_000,
    queryFn: ({ signal }) => listVersions(undefined, signal),
  });
  const now = useNow(5_000);
  const all = versions.data && datasetsOf(versions.data);
  const rows =
    all &&
    sorted(
      all.filter(({ newest }) => fits(newest, q)),
      sort,
    );
  return (
    <Page>
      <PageHead title="Datasets" aside={<LiveSign status={stream} />} />
      <SearchBox label="name or project" value={q} onChange={(text) => change({ q: text })} />
      {versions.error && !versions.data ? (
        <ErrorCard error={versions.error} onRetry={() => void versions.refetch()} />
      ) : (
        <section className="rl-panel" aria-label="Datasets">
          <DataTable
            label="Datasets"
            columns={columns(now)}
            rows={rows}
            rowKey={({ project }) => project}
            onOpen={({ newest }) => void navigate({ to: '/datasets/$datasetId', params: { datasetId: newest.id } })}
            sort={sort}
            onSort={(next) => change({ sort: next })}
            minWidth={860}
            skeletonRows={4}
            empty={
              all?.length === 0 ? (
                <EmptyState
                  title="No dataset yet"
                  hint="The loop extracts its own when it runs. To store files of your own:"
                  command={
                    'clearml-data create --project examples --name first\nclearml-data add --files data/\nclearml-data close'
                  }
                />
              ) : (
                <EmptyState title="No dataset fits" hint="Search for another name or project." />
              )
            }
          />
        </section>
      )}
    </Page>
  );
}

/** Versions come newest first. */
function datasetsOf(versions: readonly DatasetVersion[]): Dataset[] {
  const groups = new Map<string, DatasetVersion[]>();
  for (const version of versions) {
    const key = refId(version.project) ?? version.id;
    groups.set(key, [...(groups.get(key) ?? []), version]);
  }
  return [...groups].flatMap(([project, list]) => (list[0] ? [{ project, newest: list[0], versions: list }] : []));
}

const fits = (version: DatasetVersion, text: string) =>
  `${version.name} ${placeOf(version)}`.toLowerCase().includes(text.trim().toLowerCase());

function sorted(datasets: Dataset[], sort: string): Dataset[] {
  const sign = sort.startsWith('-') ? -1 : 1;
  const field = sort.replace(/^-/, '');
  const rankOf = ({ newest }: Dataset) =>
    field === 'name'
      ? newest.name
      : field === 'size'
        ? (countOf(newest, 'ds_total_size') ?? 0)
        : (newest.created ?? '');
  return datasets.sort((a, b) => {
    const [left, right] = [rankOf(a), rankOf(b)];
    return sign * (left < right ? -1 : left > right ? 1 : 0);
  });
}

function columns(now: number): readonly Column<Dataset>[] {
  return [
    {
      key: 'name',
      header: 'Dataset',
      sort: 'name',
      render: ({ newest }) => <DatasetLink id={newest.id}>{newest.name}</DatasetLink>,
    },
    { key: 'project', header: 'Project', render: ({ newest }) => placeOf(newest) },
    {
      key: 'versions',
      header: 'Versions',
      render: ({ versions }) => (
        <>
          {versions.slice(0, SHOWN_VERSIONS).map((version, at) => (
            <span key={version.id}>
              {at > 0 && ', '}
              <DatasetLink id={version.id}>{versionOf(version)}</DatasetLink>
            </span>
          ))}
          {versions.length > SHOWN_VERSIONS && ` and ${versions.length - SHOWN_VERSIONS} more`}
        </>
      ),
    },
    {
      key: 'files',
      header: 'Files',
      align: 'right',
      width: 80,
      render: ({ newest }) => formatFixed(countOf(newest, 'ds_file_count') ?? Number.NaN),
    },
    {
      key: 'size',
      header: 'Size',
      sort: 'size',
      align: 'right',
      width: 100,
      render: ({ newest }) => formatBytes(countOf(newest, 'ds_total_size')),
    },
    {
      key: 'created',
      header: 'Newest',
      sort: 'created',
      width: 110,
      render: ({ newest }) => <span title={formatTime(newest.created)}>{formatAge(newest.created, now)}</span>,
    },
    { key: 'tags', header: 'Tags', width: 130, render: ({ newest }) => <Tags tags={newest.tags} /> },
  ];
}
