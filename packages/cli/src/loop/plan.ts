import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Scenario } from '@ranloop/ran/radio';
import { writeWhole } from '../start/data-folder.ts';

/**
 * Where a simulated RAN stands in time, kept in the data folder so that a second start goes on where the first one
 * stopped. Times are seconds since the start of the scenario, except `epochMicros`, its start itself.
 */
export interface Plan {
  readonly scenario: string;
  readonly epochMicros: number;
  /** Reports up to here were acknowledged by the collector. */
  reportedSeconds: number;
}

const DAY_SECONDS = 86_400;

/**
 * Four days to train, validate and test on, and the night of the fifth, so that the round that is measured begins at eight
 * in the morning and has the busy hours in it. Static ratios are searched on the first two.
 */
export const HISTORY = { days: 4, seconds: 4 * DAY_SECONDS + 8 * 3_600, searchSeconds: 2 * DAY_SECONDS } as const;

const WEEK_MICROS = 7 * DAY_SECONDS * 1_000_000;
/** Monday 2025-01-06T00:00Z: in the past, so that months of simulated time end before now. */
const FIRST_MONDAY_MICROS = Date.UTC(2025, 0, 6) * 1_000;

/** Opens the plan of this scenario; another scenario begins on the Monday after all that earlier ones reported. */
export async function openPlan(folder: string, scenario: Scenario): Promise<Plan> {
  const digest = createHash('sha256').update(JSON.stringify(scenario)).digest('hex');
  const known = await readPlan(folder);
  if (known?.scenario === digest) return known;
  const last = known ? known.epochMicros + known.reportedSeconds * 1_000_000 : 0;
  const weeks = Math.max(0, Math.ceil((last - FIRST_MONDAY_MICROS) / WEEK_MICROS));
  return { scenario: digest, epochMicros: FIRST_MONDAY_MICROS + weeks * WEEK_MICROS, reportedSeconds: 0 };
}

export function savePlan(folder: string, plan: Plan): Promise<void> {
  return writeWhole(fileOf(folder), plan, 0o644);
}

async function readPlan(folder: string): Promise<Plan | undefined> {
  const text = await readFile(fileOf(folder), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Plan);
}

const fileOf = (folder: string) => path.join(folder, 'simulation.json');
