import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { RUNS } from '@ranloop/contracts/loop';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launch, remove, temporaryFolder } from './support/installation.ts';

interface Figures {
  ok: boolean;
  reason: string;
  seed: number;
  wallSeconds: number;
  peakRssMb: number;
  model: { rmse: number; persistenceRmse: number; meanRmse: number };
  policy: { id: string; enforceStatus: string };
  slaViolationSeconds: Record<string, number>;
  slices: { slice: string; servedMbit: Record<string, number>; unservedMbit: Record<string, number> }[];
}

describe('npm start -- --once', () => {
  let folder: string;
  let figures: Figures;
  let code: number | null;
  let printed: string;

  beforeAll(async () => {
    folder = await temporaryFolder('ranloop-once-');
    const json = path.join(folder, 'figures.json');
    const { ended, output } = launch([
      '--once',
      '--json',
      json,
      '--data-dir',
      path.join(folder, 'data'),
      '--port-base',
      '0',
    ]);
    code = await ended;
    printed = output();
    figures = JSON.parse(await readFile(json, 'utf8').catch(() => '{}')) as Figures;
  }, 600_000);
  afterAll(() => remove(folder));

  test('ends with 0 since the model beat persistence, a policy was enforced and the SLA was better kept than under static ratios', () => {
    expect(code, printed).toBe(0);
    expect(figures.ok).toBe(true);
    expect(figures.model.rmse).toBeLessThan(figures.model.persistenceRmse);
    expect(figures.model.rmse).toBeLessThan(figures.model.meanRmse);
    expect(figures.policy.enforceStatus).toBe('ENFORCED');
    expect(figures.policy.id).not.toBe('');
    expect(figures.slaViolationSeconds['loop']).toBeLessThan(figures.slaViolationSeconds['static'] ?? 0);
  });

  test('no controller beats the oracle, and doing nothing is the worst', () => {
    const seconds = figures.slaViolationSeconds;
    for (const run of RUNS) expect(seconds[run], run).toBeGreaterThanOrEqual((seconds['oracle'] ?? 0) * 0.99);
    for (const run of RUNS) expect(seconds[run], run).toBeLessThanOrEqual(seconds['none'] ?? 0);
  });

  test('all runs were offered the same traffic: served and unserved come to the same sum', () => {
    expect(figures.slices.map(({ slice }) => slice)).toEqual(['eMBB', 'URLLC', 'mIoT']);
    for (const { servedMbit, unservedMbit } of figures.slices) {
      const offered = RUNS.map((run) => (servedMbit[run] ?? 0) + (unservedMbit[run] ?? 0));
      for (const sum of offered) expect(sum / (offered[0] ?? 0)).toBeCloseTo(1, 3);
    }
  });

  test('prints the table of the five runs, and the address and place of the credentials', () => {
    for (const text of [
      'SLA violation time',
      'none',
      'static',
      'reactive',
      'the loop',
      'oracle',
      'eMBB',
      'URLLC',
      'mIoT',
    ])
      expect(printed).toContain(text);
    expect(printed).toMatch(/credentials\.json/);
    expect(printed).toMatch(/http:\/\/127\.0\.0\.1:\d+/);
  });

  test('keeps within a gigabyte of memory, PostgreSQL and tasks included', () => {
    expect(figures.peakRssMb).toBeGreaterThan(100);
    expect(figures.peakRssMb).toBeLessThan(1_024);
  });

  test('leaves no announcement of a running installation behind, and private credentials', async () => {
    const data = path.join(folder, 'data');
    await expect(stat(path.join(data, 'run.json'))).rejects.toThrow();
    expect((await stat(path.join(data, 'credentials.json'))).mode & 0o777).toBe(0o600);
  });
});
