import type { CSSProperties } from 'react';
import type { LoopState } from '../../api/loop.ts';
import { formatCompact, formatFixed } from '../../ui/format.ts';
import styles from './figure.module.css';
import { BOXES, type Box, FLOWS, type Flow, GROUPS, VIEW } from './figure-layout.ts';

interface FigureProps {
  arrows: LoopState['arrows'] | undefined;
  steps: LoopState['steps'] | undefined;
}

/** The figure of the architecture, moving at the rate of what flows. */
export function Figure({ arrows, steps }: FigureProps) {
  return (
    <svg
      className={styles['figure']}
      viewBox={`0 0 ${VIEW.width} ${VIEW.height}`}
      role="img"
      aria-label={describe(arrows)}
      preserveAspectRatio="xMidYMid meet"
    >
      <defs>
        {['quiet', 'moving'].map((kind) => (
          <marker
            key={kind}
            id={`tip-${kind}`}
            viewBox="0 0 8 8"
            refX="6.5"
            refY="4"
            markerWidth="7"
            markerHeight="7"
            markerUnits="userSpaceOnUse"
            orient="auto-start-reverse"
          >
            <path d="M0 0.5 L8 4 L0 7.5 Z" className={styles[`tip-${kind}`]} />
          </marker>
        ))}
      </defs>
      {GROUPS.map((group) => (
        <g key={group.id}>
          <rect className={styles['group']} x={group.x} y={group.y} width={group.w} height={group.h} rx={10} />
          <text className={styles['group-title']} x={group.x + 20} y={group.y + 26}>
            {group.title}
            <tspan className={styles['group-note']} dx={8}>
              {group.lines[0]}
            </tspan>
          </text>
        </g>
      ))}
      {FLOWS.map((flow) => (
        <Line key={flow.id} flow={flow} rate={flow.arrow ? (arrows?.[flow.arrow]?.perSecond ?? 0) : 0} />
      ))}
      {BOXES.map((box) => (
        <Node key={box.id} box={box} running={box.steps?.some((step) => steps?.[step]?.state === 'running') ?? false} />
      ))}
      {FLOWS.map(({ id, label }) =>
        label ? <Label key={id} {...label} rate={arrows?.[label.arrow]?.perSecond} /> : null,
      )}
    </svg>
  );
}

function Line({ flow, rate }: { flow: Flow; rate: number }) {
  const kind = rate > 0 ? 'moving' : 'quiet';
  return (
    <g>
      <path
        d={flow.path}
        className={styles[kind]}
        markerEnd={`url(#tip-${kind})`}
        {...(flow.both ? { markerStart: `url(#tip-${kind})` } : {})}
      />
      {rate > 0 && (
        <path
          d={flow.path}
          className={styles['pulse']}
          style={{ '--period': `${pulseSeconds(rate)}s` } as CSSProperties}
        />
      )}
    </g>
  );
}

/** Ten times the rate looks about twice as fast; quantised, so that a small change does not start the motion anew. */
function pulseSeconds(rate: number): number {
  const speed = Math.round(Math.min(Math.max(Math.log10(rate) + 1.5, 0.5), 5) * 2) / 2;
  return Math.round((20 / 2 ** speed) * 10) / 10;
}

function Node({ box, running }: { box: Box; running: boolean }) {
  const middle = box.y + box.h / 2 - (box.lines.length * 15) / 2 + 4;
  return (
    <g className={styles['node']} data-running={running}>
      <rect x={box.x} y={box.y} width={box.w} height={box.h} rx={7} />
      <text x={box.x + box.w / 2} y={middle} className={styles['title']}>
        {box.title}
      </text>
      {box.lines.map((line, at) => (
        <text key={line} x={box.x + box.w / 2} y={middle + 16 * (at + 1)} className={styles['line']}>
          {line}
        </text>
      ))}
    </g>
  );
}

function Label({ x, y, text, rate }: { x: number; y: number; text: string; rate: number | undefined }) {
  const width = Math.max(64, text.length * 6.4 + 14);
  return (
    <g>
      <rect className={styles['pill']} x={x - width / 2} y={y - 17} width={width} height={34} rx={6} />
      <text className={styles['pill-name']} x={x} y={y - 4}>
        {text}
      </text>
      <text className={styles['pill-rate']} x={x} y={y + 11}>
        {rate === undefined ? '–' : rateText(rate)}
      </text>
    </g>
  );
}

function rateText(rate: number): string {
  if (rate === 0) return '0 /s';
  return `${rate >= 1000 ? formatCompact(rate) : formatFixed(rate, rate < 10 ? 1 : 0)} /s`;
}

function describe(arrows: LoopState['arrows'] | undefined): string {
  const rates = FLOWS.flatMap(({ label }) =>
    label ? [`${label.text} ${rateText(arrows?.[label.arrow]?.perSecond ?? 0)}`] : [],
  );
  return `The closed loop from the RAN through telemetry, training, inference, rApps and policy to the Near-RT RIC and back. ${rates.join(', ')}`;
}
