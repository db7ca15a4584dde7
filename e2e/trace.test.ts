import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launch, ROOT, remove, temporaryFolder } from './support/installation.ts';

const CAPTURE = path.join(ROOT, '..', 'shared', 'data', 'oai-kpm', 'kpm_metrics.csv');
const present = existsSync(CAPTURE);

interface Figures {
  ok: boolean;
  reason: string;
  slaViolationSeconds: Record<string, number>;
  trace: {
    counter: string;
    samples: number;
    horizons: { horizon: number; winner: string; rmse: Record<string, number> }[];
  };
}

describe.skipIf(!present)('npm start -- --once --trace, on a real capture (left out where ../shared is absent)', () => {
  let folder: string;
  let figures: Figures;
  let printed: string;

  beforeAll(async () => {
    folder = await temporaryFolder('ranloop-trace-');
    const json = path.join(folder, 'figures.json');
    const data = path.join(folder, 'data');
    const args = [
      '--once',
      '--trace',
      CAPTURE,
      '--cells',
      '3',
      '--hours',
      '2',
      '--json',
      json,
      '--data-dir',
      data,
      '--port-base',
      '0',
    ];
    const { ended, output } = launch(args);
    await ended;
    printed = output();
    figures = JSON.parse(await readFile(json, 'utf8').catch(() => '{}')) as Figures;
  }, 600_000);
  afterAll(() => remove(folder));

  test('every row of the capture went through VES, store, extraction, training and evaluation', () => {
    expect(figures.trace, printed).toBeDefined();
    expect(figures.trace.counter).toBe('DRB.UEThpUl');
    expect(figures.trace.samples).toBe(1138);
    expect(figures.trace.horizons.map(({ horizon }) => horizon)).toEqual([1, 5, 10, 30]);
  });

  test('the errors of the model stand beside those of all baselines, and the least one is named the winner', () => {
    for (const { winner, rmse } of figures.trace.horizons) {
      expect(Object.keys(rmse)).toEqual(expect.arrayContaining(['model', 'persistence', 'mean']));
      const finite = Object.entries(rmse).filter(([, value]) => Number.isFinite(value) && value !== null);
      const least = finite.reduce((best, entry) => (entry[1] < best[1] ? entry : best));
      expect(winner).toBe(least[0]);
    }
  });

  test('persistence one sample ahead errs as on the whole capture, where it was computed apart: some 400 kbit/s', () => {
    // The capture's RMSE of persistence over all 1,138 samples is 404 kbit/s; the held-out part is its last fifth or so.
    const persistence = figures.trace.horizons[0]?.rmse['persistence'] ?? 0;
    expect(persistence).toBeGreaterThan(200);
    expect(persistence).toBeLessThan(800);
  });

  test('the traffic of the capture was offered to the simulated cells, and the loop closed on it', () => {
    expect(figures.slaViolationSeconds['loop']).toBeGreaterThanOrEqual(0);
    expect(printed).toContain('RMSE of DRB.UEThpUl');
    expect(printed).toContain('SLA violation time');
  });
});
