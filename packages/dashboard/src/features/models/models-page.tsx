import { Group, Select } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { listModels, type ModelDetail, modelChoices } from '../../api/models.ts';
import { listProjects } from '../../api/tasks.ts';
import { refId, refName } from '../../api/tracking.ts';
import { useRefresh } from '../../api/tracking-live.ts';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorCard } from '../../ui/error-card.tsx';
import { formatAge, formatTime } from '../../ui/format.ts';
import { ModelLink } from '../../ui/links.tsx';
import { LiveSign } from '../../ui/live-sign.tsx';
import { Page } from '../../ui/page.tsx';
import { Pager } from '../../ui/pager.tsx';
import { PageHead } from '../../ui/panel.tsx';
import { SearchBox } from '../../ui/search-box.tsx';
import { clean } from '../../ui/search-state.ts';
import { StatusBadge } from '../../ui/status-badge.tsx';
import { Tags } from '../../ui/tags.tsx';
import { TaskLink } from '../../ui/task-link.tsx';
import { useNow } from '../../ui/use-now.ts';

const PAGE_SIZE = 50;
const STATES = [
  { value: 'ready', label: 'published' },
  { value: 'draft', label: 'draft' },
  { value: 'archived', label: 'archived' },
];
const HOW = 'from clearml import OutputModel\nOutputModel(task, name="first").update_weights("model.onnx")';

export function ModelsPage() {
  const search = useSearch({ from: '/shell/models' });
  const navigate = useNavigate();
  const { project, framework, tag, state, q = '', sort = '-created', page = 0 } = search;
  const change = (next: Partial<typeof search>) =>
    void navigate({ to: '/models', search: clean({ ...search, page: 0, ...next }), replace: true });
  const stream = useRefresh(({ kind }) => kind === 'model', ['models']);
  const models = useQuery({
    queryKey: ['models', { project, framework, tag, state, q, sort, page }],
    placeholderData: keepPreviousData,
    refetchInterval: stream === 'live' ? false : 5_000,
    queryFn: ({ signal }) =>
      listModels({ project, framework, tag, state, text: q, orderBy: sort, page, pageSize: PAGE_SIZE }, signal),
  });
  const projects = useQuery({ queryKey: ['projects'], queryFn: ({ signal }) => listProjects(signal) });
  const choices = useQuery({ queryKey: ['models', 'choices'], queryFn: ({ signal }) => modelChoices(signal) });
  const now = useNow(5_000);
  const untouched = !project && !framework && !tag && !state && !q && page === 0;
  return (
    <Page>
      <PageHead title="Models" aside={<LiveSign status={stream} />} />
      <Group gap="sm" wrap="wrap">
        <SearchBox label="name, id or comment" value={q} onChange={(text) => change({ q: text })} />
        <Choice
          label="Project"
          none="All projects"
          value={project}
          onChange={(value) => change({ project: value })}
          data={(projects.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
        />
        <Choice
          label="Framework"
          none="Any framework"
          value={framework}
          onChange={(value) => change({ framework: value })}
          data={(choices.data?.frameworks ?? []).map((name) => ({ value: name, label: name }))}
        />
        <Choice
          label="Tag"
          none="Any tag"
          value={tag}
          onChange={(value) => change({ tag: value })}
          data={(choices.data?.tags ?? []).map((name) => ({ value: name, label: name }))}
        />
        <Choice
          label="State"
          none="Any state"
          value={state}
          onChange={(value) => change({ state: value })}
          data={STATES}
        />
      </Group>
      {models.error && !models.data ? (
        <ErrorCard error={models.error} onRetry={() => void models.refetch()} />
      ) : (
        <section className="rl-panel" aria-label="Models">
          <DataTable
            label="Models"
            columns={modelColumns(now)}
            rows={models.data?.models}
            rowKey={({ id }) => id}
            onOpen={({ id }) => void navigate({ to: '/models/$modelId', params: { modelId: id } })}
            sort={sort}
            onSort={(next) => change({ sort: next })}
            minWidth={1000}
            skeletonRows={8}
            empty={
              untouched ? (
                <EmptyState
                  title="No model yet"
                  hint="The loop trains its own when it runs. To store one of your own:"
                  command={HOW}
                />
              ) : (
                <EmptyState title="No model fits" hint="Remove a filter, or search for another name or id." />
              )
            }
          />
        </section>
      )}
      <Pager page={page} more={models.data?.more ?? false} onPage={(next) => change({ page: next })} />
    </Page>
  );
}

function Choice(props: {
  label: string;
  none: string;
  value: string | undefined;
  onChange: (value: string) => void;
  data: { value: string; label: string }[];
}) {
  return (
    <Select
      aria-label={props.label}
      placeholder={props.none}
      w={170}
      clearable
      searchable
      nothingFoundMessage="There is none"
      data={props.data}
      value={props.value ?? null}
      onChange={(value) => props.onChange(value ?? '')}
    />
  );
}

function modelColumns(now: number): readonly Column<ModelDetail>[] {
  return [
    {
      key: 'name',
      header: 'Name',
      sort: 'name',
      render: ({ id, name }) => (
        <span title={name}>
          <ModelLink id={id}>{name}</ModelLink>
        </span>
      ),
    },
    {
      key: 'state',
      header: 'State',
      sort: 'ready',
      width: 124,
      render: ({ ready }) => <StatusBadge status={ready ? 'published' : 'created'} />,
    },
    {
      key: 'framework',
      header: 'Framework',
      sort: 'framework',
      width: 112,
      render: ({ framework }) => framework || '–',
    },
    {
      key: 'created',
      header: 'Created',
      sort: 'created',
      width: 104,
      render: ({ created }) => <span title={formatTime(created)}>{formatAge(created, now)}</span>,
    },
    { key: 'project', header: 'Project', width: 150, render: ({ project }) => refName(project) || '–' },
    {
      key: 'task',
      header: 'Experiment',
      width: 150,
      render: ({ task }) => {
        const id = refId(task);
        return id ? <TaskLink id={id}>{refName(task)}</TaskLink> : '–';
      },
    },
    { key: 'tags', header: 'Tags', width: 270, render: ({ tags }) => <Tags tags={tags} /> },
  ];
}
