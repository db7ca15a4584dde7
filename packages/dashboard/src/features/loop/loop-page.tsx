import { Group, Progress, Text } from '@mantine/core';
import { type LoopState, useLoopState } from '../../api/loop.ts';
import { ErrorCard } from '../../ui/error-card.tsx';
import { formatMicros, formatPercent } from '../../ui/format.ts';
import { LiveSign } from '../../ui/live-sign.tsx';
import { PageHead, Panel } from '../../ui/panel.tsx';
import { Decisions } from './decisions.tsx';
import { Figure } from './figure.tsx';
import styles from './page.module.css';
import { Policies } from './policies.tsx';
import { ResultBars, SliceTable } from './result.tsx';
import { Steps } from './steps.tsx';
import { Tiles } from './tiles.tsx';
import { Violations } from './violations.tsx';

export function LoopPage() {
  const { data: state, error, refetch, stream } = useLoopState();
  return (
    <div className={styles['page']}>
      <PageHead title="Loop" aside={<LiveSign status={stream} />}>
        <Phase state={state} />
      </PageHead>
      {error && !state && <ErrorCard error={error} onRetry={() => void refetch()} />}
      <Tiles state={state} />
      <div className={styles['pair']} data-kind="figure">
        <Panel title="The closed loop" note="messages or samples each second, over the last seconds">
          <Figure arrows={state?.arrows} steps={state?.steps} />
        </Panel>
        <Panel title="Steps" note={state ? `round ${state.round}, seed ${state.seed}` : ''}>
          <Steps steps={state?.steps} />
        </Panel>
      </div>
      <div className={styles['pair']} data-kind="result">
        <Panel
          title="SLA violation"
          note="seconds in which a slice of a cell failed its SLA; same traffic, five controllers"
        >
          <ResultBars state={state} />
        </Panel>
        <Panel title="By slice" flush>
          <SliceTable state={state} />
        </Panel>
      </div>
      <Violations />
      <div className={styles['pair']} data-kind="log">
        <Decisions />
        <Policies />
      </div>
    </div>
  );
}

function Phase({ state }: { state: LoopState | undefined }) {
  const known = state?.progress !== undefined;
  return (
    <Group gap="lg" wrap="nowrap" h={40}>
      <div className={styles['phase']}>
        <Group justify="space-between" gap="xs" wrap="nowrap">
          <Text size="sm" fw={550} truncate>
            {state?.phase ?? 'Waiting for the loop'}
          </Text>
          <Text size="xs" c="dimmed" className="rl-num">
            {known ? formatPercent(state.progress ?? 0) : ''}
          </Text>
        </Group>
        <Progress
          size={5}
          value={known ? (state.progress ?? 0) * 100 : 100}
          color={known ? 'sea' : 'gray'}
          aria-label="Progress of the phase"
        />
      </div>
      <div>
        <Text size="xs" c="dimmed">
          Simulated time
        </Text>
        <Text size="sm" className="rl-num" style={{ whiteSpace: 'nowrap' }} miw={230}>
          {formatMicros(state?.simulatedTime)} {state && state.speed > 0 ? `at ${state.speed} x` : ''}
        </Text>
      </div>
    </Group>
  );
}
