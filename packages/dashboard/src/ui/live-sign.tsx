import { Portal, Tooltip } from '@mantine/core';
import type { StreamStatus } from '../api/stream.ts';
import styles from './ui.module.css';

const TEXT: Record<StreamStatus, { text: string; hint: string }> = {
  connecting: { text: 'connecting', hint: 'Waiting for the first event of the live stream' },
  live: { text: 'live', hint: 'This page follows the server' },
  stale: { text: 'stale', hint: 'The connection was lost: what is shown may be old. It is being made again.' },
  refused: { text: 'not live', hint: 'The server offers no stream here; reload to see what is new' },
};

/** Says whether the page follows the server. */
export function LiveSign({ status }: { status: StreamStatus }) {
  const { text, hint } = TEXT[status];
  return (
    <>
      <Tooltip label={hint}>
        <span className={styles['live']} data-status={status} role="status">
          <span className={styles['dot']} aria-hidden />
          {text}
        </span>
      </Tooltip>
      {/* The sign may be out of sight; that data are old must not be. */}
      {status === 'stale' && (
        <Portal>
          <div className={styles['stale']} role="alert">
            {hint}
          </div>
        </Portal>
      )}
    </>
  );
}
