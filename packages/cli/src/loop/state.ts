import { LOOP_ARROWS, LOOP_STEPS, type LoopState, type LoopStep } from '@ranloop/contracts/loop';
import { byRun } from './figures.ts';

/** Holds what the loop is doing now and tells whoever listens. */
export interface LoopMonitor {
  readonly state: LoopState;
  update(change: Partial<LoopState>): void;
  step(step: LoopStep, state: LoopState['steps'][string]['state'], detail: string, taskId?: string): void;
  /** The listener is called once for all changes of one turn of the event loop. */
  onChange(listener: (state: LoopState) => void): () => void;
}

export function createLoopMonitor(initial: { seed: number; speed: number }): LoopMonitor {
  let state: LoopState = {
    phase: 'starting',
    round: 0,
    seed: initial.seed,
    simulatedTime: 0,
    speed: initial.speed,
    steps: Object.fromEntries(LOOP_STEPS.map((step) => [step, { state: 'waiting', detail: '' }])),
    arrows: Object.fromEntries(LOOP_ARROWS.map((arrow) => [arrow, { perSecond: 0, total: 0 }])),
    slices: [],
    violationSeconds: byRun(() => 0),
    policyChanges: 0,
  };
  const listeners = new Set<(state: LoopState) => void>();
  let pending = false;
  const changed = () => {
    if (pending || listeners.size === 0) return;
    pending = true;
    setImmediate(() => {
      pending = false;
      for (const listener of listeners) listener(state);
    });
  };
  return {
    get state() {
      return state;
    },
    update(change) {
      state = { ...state, ...change };
      changed();
    },
    step(step, now, detail, taskId) {
      const entry = { state: now, detail, ...(taskId === undefined ? {} : { taskId }) };
      state = { ...state, steps: { ...state.steps, [step]: entry } };
      changed();
    },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
