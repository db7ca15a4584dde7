import { Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Decision } from '../../api/r1.ts';
import { Command } from '../../ui/empty-state.tsx';
import { formatFixed, formatMicros } from '../../ui/format.ts';
import { StatusBadge } from '../../ui/status-badge.tsx';
import styles from './page.module.css';

/** All that one decision rested on, and what came of it. */
export function DecisionRecord({ decision }: { decision: Decision }) {
  const { telemetry, features, model, forecast, before, after, effect } = decision;
  return (
    <Stack gap="lg">
      <Facts
        rows={[
          ['Decided at', formatMicros(decision.time)],
          ['Cell', decision.cell],
          ['S-NSSAI', decision.snssai],
          ['Rule', decision.rule],
          ['Ratio before', full(before)],
          ['Ratio after', full(after)],
          ['Policy', decision.policyId ?? '–'],
          ['Enforcement', decision.enforceStatus ? <StatusBadge key="status" status={decision.enforceStatus} /> : '–'],
          [
            'Effect',
            effect
              ? `${formatFixed(effect.here, 1)} s here, ${formatFixed(effect.twin, 1)} s in the twin, over ${effect.periods} periods`
              : 'not measured yet',
          ],
        ]}
      />
      <Facts
        title="Forecast"
        rows={
          forecast
            ? [
                ['For the period to', formatMicros(forecast.target)],
                ['Median', `${formatFixed(forecast.p50, 2)} PRB`],
                ['Quantile 0.9', `${formatFixed(forecast.p90, 2)} PRB`],
              ]
            : [['Forecast', 'none was made']]
        }
      />
      {model && (
        <Facts
          title="Model"
          rows={[
            ['Name', `${model.name}, version ${model.version}`],
            ['Model', model.modelId],
            ['SHA-256', model.sha256],
          ]}
        />
      )}
      <Facts
        title="Telemetry"
        rows={[
          ['From', formatMicros(telemetry.from)],
          ['To', formatMicros(telemetry.to)],
          ['Rows', `${telemetry.rows}`],
          ['SHA-256', telemetry.sha256],
          ['Feature schema', `${features.schema}, ${features.values.length} values`],
        ]}
      />
      <div>
        <Text fw={600} mb={4}>
          The whole record
        </Text>
        <Command text={JSON.stringify(decision, null, 2)} />
      </div>
    </Stack>
  );
}

function Facts({ title, rows }: { title?: string; rows: readonly (readonly [string, ReactNode])[] }) {
  return (
    <section>
      {title && (
        <Text fw={600} mb={4}>
          {title}
        </Text>
      )}
      <dl className={styles['facts']}>
        {rows.map(([name, value]) => (
          <div key={name} style={{ display: 'contents' }}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function full(ratio: Decision['before']): string {
  return ratio ? `min ${ratio.min} %, max ${ratio.max} %, dedicated ${ratio.dedicated} %` : '–';
}
