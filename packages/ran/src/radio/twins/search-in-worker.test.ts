import { describe, expect, it } from 'vitest';
import { parseScenario, searchInWorker, searchStaticRatios } from '../index.ts';

describe('the search on a thread of its own', () => {
  const scenario = parseScenario({ cells: 1, seed: 2 });
  const span = { fromSeconds: 16 * 3_600, toSeconds: 16 * 3_600 + 1_800 };

  it('finds what the search finds', async () => {
    const progress: number[] = [];
    const found = await searchInWorker(scenario, { ...span, onProgress: (done) => progress.push(done) });
    expect(found).toEqual(searchStaticRatios(scenario, span));
    expect(progress.at(-1)).toBeCloseTo(1, 9);
  });

  it('rejects with what is wrong', async () => {
    await expect(searchInWorker(scenario, { fromSeconds: 60, toSeconds: 0 })).rejects.toThrow('whole minutes');
  });

  it('ends when it is aborted', async () => {
    const abort = new AbortController();
    const search = searchInWorker(scenario, { fromSeconds: 0, toSeconds: 6 * 86_400, signal: abort.signal });
    setTimeout(() => abort.abort(new Error('enough')), 300);
    await expect(search).rejects.toThrow('enough');
  });
});
