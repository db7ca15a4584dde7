import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { countOf, type DatasetVersion, listVersions, versionOf } from '../../api/datasets.ts';
import { refId } from '../../api/tracking.ts';
import { ErrorCard } from '../../ui/error-card.tsx';
import { formatBytes, formatTime } from '../../ui/format.ts';
import { DatasetLink } from '../../ui/links.tsx';
import { Panel } from '../../ui/panel.tsx';
import styles from './datasets.module.css';

const ROW = 34;
const RAIL = 44;
const DOT = 34;

/** The versions, newest at the top; an arc leads from one to those that it was made from. */
export function Versions({ version, graph }: { version: DatasetVersion; graph: Record<string, string[]> }) {
  const project = refId(version.project);
  const versions = useQuery({
    queryKey: ['datasets', 'of', project],
    enabled: project !== undefined,
    queryFn: ({ signal }) => listVersions(project, signal),
  });
  const list = versions.data ?? [version];
  const placeOf = (id: string) => list.findIndex((one) => one.id === id);
  const middle = (at: number) => at * ROW + ROW / 2;
  const arcs = list.flatMap(({ id }, from) =>
    (graph[id] ?? []).flatMap((parent) => {
      const to = placeOf(parent);
      return to < 0 ? [] : [{ key: `${id} ${parent}`, from: middle(from), to: middle(to) }];
    }),
  );
  return (
    <Panel title="Versions" note={`${list.length}`}>
      {versions.error && <ErrorCard error={versions.error} mb="sm" />}
      <div className={styles['versions']}>
        <svg width={RAIL} height={list.length * ROW} className={styles['rail']} aria-hidden="true">
          {arcs.map(({ key, from, to }) => (
            <path key={key} d={`M ${DOT} ${from} C 0 ${from}, 0 ${to}, ${DOT} ${to}`} />
          ))}
          {list.map(({ id }, at) => (
            <circle key={id} cx={DOT} cy={middle(at)} r={5} data-here={id === version.id} />
          ))}
        </svg>
        <ul className={styles['list']}>
          {list.map((one) => {
            const parents = (graph[one.id] ?? []).flatMap((id) => list.find((other) => other.id === id) ?? []);
            return (
              <li key={one.id} style={{ height: ROW }} data-here={one.id === version.id}>
                <DatasetLink id={one.id}>{versionOf(one)}</DatasetLink>
                <Text size="sm" c="dimmed" truncate className="rl-num">
                  {formatTime(one.created)}, {formatBytes(countOf(one, 'ds_total_size'))}
                  {parents.length > 0 && `, from ${parents.map(versionOf).join(' and ')}`}
                </Text>
              </li>
            );
          })}
        </ul>
      </div>
    </Panel>
  );
}
