import { useComputedColorScheme } from '@mantine/core';
import type { KeyboardEvent } from 'react';
import { formatFixed } from '../../ui/format.ts';
import { type Cell, hexPlaces } from './cells.ts';
import styles from './ran.module.css';

/** `turn`: the load from which dark and light text change places, so that both keep 4.5 to 1. */
const RAMP = {
  light: { low: '#dcebf9', high: '#0b4f96', turn: 72, onLow: '#000000', onHigh: '#ffffff' },
  dark: { low: '#1b2a39', high: '#6cc0fb', turn: 57, onLow: '#ffffff', onHigh: '#000000' },
} as const;

const CORNERS = Array.from({ length: 6 }, (_, at) => {
  const angle = (Math.PI / 3) * at + Math.PI / 6;
  return `${(Math.cos(angle) * 0.97).toFixed(3)},${(Math.sin(angle) * 0.97).toFixed(3)}`;
}).join(' ');

interface HexMapProps {
  cells: readonly Cell[];
  chosen: string | undefined;
  onChoose: (key: string) => void;
}

/** Cells as a ring layout, coloured by the share of their PRBs in use; the number says it too. */
export function HexMap({ cells, chosen, onChoose }: HexMapProps) {
  const scheme = useComputedColorScheme('light');
  const ramp = RAMP[scheme];
  const places = hexPlaces(cells.length);
  const reachX = Math.max(1, ...places.map(({ x }) => Math.abs(x))) + 1;
  const reachY = Math.max(1, ...places.map(({ y }) => Math.abs(y))) + 1.1;
  return (
    <>
      {/* biome-ignore lint/a11y/noSvgWithoutTitle: it holds labelled buttons; a title would hide their tooltips. */}
      <svg className={styles['map']} viewBox={`${-reachX} ${-reachY} ${reachX * 2} ${reachY * 2}`}>
        {cells.map((cell, at) => {
          const { x, y } = places[at] ?? { x: 0, y: 0 };
          const load = Math.min(Math.max(cell.load, 0), 100);
          const ink = load > ramp.turn ? ramp.onHigh : ramp.onLow;
          const failing = cell.violation > 0;
          return (
            // biome-ignore lint/a11y/useSemanticElements: HTML has no button inside SVG.
            <g
              key={cell.key}
              className={styles['hex']}
              transform={`translate(${x} ${y})`}
              role="button"
              tabIndex={0}
              aria-pressed={cell.key === chosen}
              aria-label={`${cell.name}: ${formatFixed(load)} % of PRBs, ${formatFixed(cell.users)} users, ${formatFixed(cell.violation)} s of violation`}
              onClick={() => onChoose(cell.key)}
              onKeyDown={(event) => press(event, () => onChoose(cell.key))}
            >
              <polygon points={CORNERS} style={{ fill: `color-mix(in oklab, ${ramp.high} ${load}%, ${ramp.low})` }} />
              <text y={-0.34} fontSize={0.22} fill={ink}>
                {cell.name}
              </text>
              <text y={0.12} fontSize={0.42} fontWeight={650} fill={ink}>
                {formatFixed(load)} %
              </text>
              <text y={0.46} fontSize={0.2} fill={ink}>
                {failing ? `⚠ ${formatFixed(cell.violation)} s` : `${formatFixed(cell.users)} users`}
              </text>
            </g>
          );
        })}
      </svg>
      <div className={styles['scale']}>
        <span>0 %</span>
        <span
          className={styles['ramp']}
          style={{ background: `linear-gradient(to right in oklab, ${ramp.low}, ${ramp.high})` }}
        />
        <span>100 % of PRBs; ⚠ SLA violation, s</span>
      </div>
    </>
  );
}

function press(event: KeyboardEvent, act: () => void) {
  if (event.key !== 'Enter' && event.key !== ' ') return;
  event.preventDefault();
  act();
}
