import type { LoopState } from '../../api/loop.ts';
import { formatFixed, formatPercent } from '../../ui/format.ts';
import { StatTile } from '../../ui/stat-tile.tsx';
import { gapClosed } from './gap.ts';
import styles from './page.module.css';

export function Tiles({ state }: { state: LoopState | undefined }) {
  const loading = state === undefined;
  const seconds = state?.violationSeconds;
  const measured = seconds !== undefined && (seconds.static > 0 || seconds.loop > 0);
  const closed = seconds && gapClosed(seconds);
  const model = state?.model;
  const saved = measured && seconds.static > 0 ? 1 - seconds.loop / seconds.static : undefined;
  return (
    <div className={styles['tiles']}>
      <StatTile
        label="SLA violation of the loop"
        loading={loading}
        value={measured ? `${formatFixed(seconds.loop)} s` : '–'}
        note={measured ? `${formatFixed(seconds.static)} s under static ratios` : 'not measured yet'}
      />
      <StatTile
        label="Against static ratios"
        loading={loading}
        value={saved === undefined ? '–' : `${saved >= 0 ? '−' : '+'}${formatPercent(Math.abs(saved), 1)}`}
        {...(saved === undefined ? {} : { tone: saved > 0 ? ('good' as const) : ('bad' as const) })}
        note="violation time"
      />
      <StatTile
        label="Gap to the oracle closed"
        loading={loading}
        value={closed === undefined ? '–' : formatPercent(closed)}
        {...(closed === undefined ? {} : { tone: closed >= 0.6 ? ('good' as const) : ('warn' as const) })}
        note="from static; the aim is 60 %"
      />
      <StatTile
        label="Forecast error"
        loading={loading}
        value={model ? `${formatFixed(model.rmse, 2)} PRB` : '–'}
        {...(model ? { tone: model.rmse < model.persistenceRmse ? ('good' as const) : ('bad' as const) } : {})}
        note={
          model ? (
            <span title={`mean ${formatFixed(model.meanRmse, 2)}`}>
              persistence {formatFixed(model.persistenceRmse, 2)}
            </span>
          ) : (
            'no model yet'
          )
        }
      />
      <StatTile
        label="Policy changes"
        loading={loading}
        value={state ? formatFixed(state.policyChanges) : '–'}
        note={model ? `by model ${model.version || model.id.slice(0, 8)}` : ''}
      />
    </div>
  );
}
