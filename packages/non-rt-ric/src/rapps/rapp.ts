import type { Decision, Micros, RAppInfo } from '@ranloop/contracts/r1';
import type { Static } from 'typebox';

/** One rApp as the runtime sees it. Each keeps its own state and stops when told. */
export interface RApp {
  readonly id: string;
  readonly version: string;
  readonly description: string;
  status(): Pick<RAppInfo, 'state' | 'reason'> & { lastPeriod?: Static<typeof Micros> };
  /** Returns at once; what is missing is looked for in the background. */
  start(): void;
  stop(): Promise<void>;
  config(): Record<string, unknown>;
  /** Members replace those of the configuration; RL_INVALID names what is wrong, and nothing is changed then. */
  configure(changes: Record<string, unknown>): Promise<void>;
  /** Called with decisions after they were stored. */
  onDecisions(listener: (decisions: readonly Decision[]) => void): () => void;
}

/** What came of one measurement period. */
export interface Settled {
  /** Decisions recorded: one for each cell and slice. */
  readonly decisions: number;
  /** Policies that were changed or withdrawn. */
  readonly changed: number;
  /** Of these, those that the RIC reported as enforced. */
  readonly enforced: number;
  /** One of the policies that were changed. */
  readonly policyId?: string;
}

export const NOTHING_SETTLED: Settled = { decisions: 0, changed: 0, enforced: 0 };
