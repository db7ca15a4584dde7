import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleX,
  IconClockPause,
  IconPlayerStop,
  IconProgress,
  IconRosetteDiscountCheck,
  type TablerIcon,
} from '@tabler/icons-react';
import styles from './ui.module.css';

export type Tone = 'good' | 'warn' | 'bad' | 'run' | 'quiet';

const LOOKS: Record<string, { tone: Tone; icon: TablerIcon; text?: string }> = {
  created: { tone: 'quiet', icon: IconCircleDashed, text: 'draft' },
  queued: { tone: 'warn', icon: IconClockPause },
  in_progress: { tone: 'run', icon: IconProgress, text: 'running' },
  running: { tone: 'run', icon: IconProgress },
  waiting: { tone: 'quiet', icon: IconCircleDashed },
  done: { tone: 'good', icon: IconCircleCheck },
  completed: { tone: 'good', icon: IconCircleCheck },
  published: { tone: 'good', icon: IconRosetteDiscountCheck },
  publishing: { tone: 'run', icon: IconProgress },
  stopped: { tone: 'quiet', icon: IconPlayerStop },
  closed: { tone: 'quiet', icon: IconPlayerStop },
  failed: { tone: 'bad', icon: IconCircleX },
  ENFORCED: { tone: 'good', icon: IconCircleCheck, text: 'enforced' },
  NOT_ENFORCED: { tone: 'bad', icon: IconCircleX, text: 'not enforced' },
  AVAILABLE: { tone: 'good', icon: IconCircleCheck, text: 'available' },
  UNAVAILABLE: { tone: 'bad', icon: IconCircleX, text: 'unavailable' },
  CONNECTED: { tone: 'good', icon: IconCircleCheck, text: 'connected' },
  DISCONNECTED: { tone: 'bad', icon: IconCircleX, text: 'disconnected' },
  RUNNING: { tone: 'run', icon: IconProgress, text: 'running' },
  WAITING: { tone: 'warn', icon: IconClockPause, text: 'waiting' },
  STOPPED: { tone: 'quiet', icon: IconPlayerStop, text: 'stopped' },
  stale: { tone: 'warn', icon: IconAlertTriangle },
};

/** A state in words, colour and shape, so that no reader depends on the colour. */
export function StatusBadge({ status, text }: { status: string; text?: string }) {
  const { tone, icon: Icon, text: own } = LOOKS[status] ?? { tone: 'quiet' as const, icon: IconCircleDashed };
  return (
    <span className={styles['badge']} data-tone={tone}>
      <Icon size={14} stroke={2} aria-hidden />
      {text ?? own ?? status.replaceAll('_', ' ').toLowerCase()}
    </span>
  );
}
