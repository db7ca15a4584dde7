import { IconArrowRight } from '@tabler/icons-react';
import { Fragment, type ReactNode } from 'react';
import styles from './ui.module.css';

export interface FlowStep {
  title: string;
  /** What stands there; several below each other. */
  items: readonly { key: string; content: ReactNode }[];
  /** Said where nothing stands there. */
  none: string;
  here?: boolean;
}

/** What came from what, from left to right. */
export function Flow({ steps }: { steps: readonly FlowStep[] }) {
  return (
    <div className={styles['flow']}>
      {steps.map(({ title, items, none, here }, at) => (
        <Fragment key={title}>
          {at > 0 && <IconArrowRight size={18} className={styles['arrow']} aria-hidden />}
          <div className={styles['step']} data-here={here ?? false} style={{ flexBasis: items.length > 1 ? 230 : 120 }}>
            <div className={styles['stepTitle']}>{title}</div>
            {items.length === 0 ? (
              <span className={styles['stepNone']}>{none}</span>
            ) : (
              items.map(({ key, content }) => <div key={key}>{content}</div>)
            )}
          </div>
        </Fragment>
      ))}
    </div>
  );
}
