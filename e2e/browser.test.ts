import type { LoopState } from '@ranloop/contracts/loop';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findChromium, openBrowser, type Visit, visit } from './support/browser.ts';
import { type Installation, remove, startInstallation, temporaryFolder } from './support/installation.ts';

const here = findChromium() !== undefined;

describe.skipIf(!here)('the dashboard in Chromium, beside a running loop (left out where there is no Chromium)', () => {
  let folder: string;
  let running: Installation;
  let browser: Browser;

  const loopState = async (): Promise<LoopState> => {
    const answer = await fetch(`${running.run.urls.dashboard}/loop/v1/state`, {
      headers: { authorization: running.authorization },
    });
    return (await answer.json()) as LoopState;
  };

  beforeAll(async () => {
    folder = await temporaryFolder('ranloop-browser-');
    running = await startInstallation(folder, ['--cells', '3', '--hours', '168', '--speed', '600']);
    browser = await openBrowser();
    for (;;) {
      const state = await loopState();
      if (state.phase.startsWith('failed')) throw new Error(`${state.phase}\n${running.output()}`);
      if (state.phase === 'live' && state.policyChanges > 0 && state.violationSeconds.none > 0) break;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }, 600_000);
  afterAll(async () => {
    await browser?.close();
    await running?.interrupt();
    await remove(folder);
  }, 60_000);

  describe.each(['dark', 'light'] as const)('in the %s theme', (scheme) => {
    let at: Visit;
    beforeAll(async () => {
      at = await visit(browser, running, scheme);
    }, 60_000);
    afterAll(() => at.page.context().close());

    const open = async (path: string) => {
      at.complaints.length = 0;
      await at.page.goto(running.run.urls.dashboard + path);
    };

    test('the loop page shows the figure with live rates, the five runs and the decisions of the rApp', async () => {
      await open('/');
      const text = at.page.locator('main');
      for (const run of ['none', 'static', 'reactive', 'oracle'])
        await text.getByText(run, { exact: false }).first().waitFor();
      for (const slice of ['eMBB', 'URLLC', 'mIoT']) await text.getByText(slice, { exact: false }).first().waitFor();
      await expect
        .poll(async () => ((await text.textContent()) ?? '').includes('Near-RT RIC'), { timeout: 20_000 })
        .toBe(true);
      const before = await loopState();
      await expect
        .poll(async () => (await loopState()).simulatedTime, { timeout: 20_000 })
        .toBeGreaterThan(before.simulatedTime);
      await expect
        .poll(async () => /changed|hysteresis/i.test((await text.textContent()) ?? ''), { timeout: 20_000 })
        .toBe(true);
      expect(at.complaints).toEqual([]);
    });

    test('the experiments page lists the five tasks of the pipeline, and a task shows its curves, log and parameters', async () => {
      await open('/experiments');
      for (const name of ['extract', 'train', 'evaluate', 'publish', 'deploy'])
        await at.page.getByRole('table').getByText(name, { exact: false }).first().waitFor();
      const { model } = await loopState();
      const task = model?.taskId ?? '';
      await open(`/experiments/${task}/scalars`);
      await at.page.getByText('loss', { exact: false }).first().waitFor();
      await at.page.locator('canvas').first().waitFor();
      await open(`/experiments/${task}/console`);
      await at.page
        .getByText(/epoch \d+: loss/)
        .first()
        .waitFor();
      await open(`/experiments/${task}/configuration`);
      await at.page.getByText('learning_rate').first().waitFor();
      await open(`/experiments/${task}/artifacts`);
      await at.page.getByText('metrics', { exact: false }).first().waitFor();
      expect(at.complaints).toEqual([]);
    });

    test('the RAN page shows each cell with its load, the E2 node and the xApp', async () => {
      await open('/ran');
      await at.page.getByText('slice-prb').first().waitFor();
      await at.page.getByText(/gnb/).first().waitFor();
      await at.page.locator('canvas').first().waitFor();
      expect(at.complaints).toEqual([]);
    });

    test('no page shifts what was laid out, once it is there', async () => {
      for (const path of ['/', '/experiments', '/ran']) {
        await open(path);
        await at.page.waitForLoadState('load');
        const shift = await at.page.evaluate(
          () =>
            new Promise<number>((resolve) => {
              let sum = 0;
              new PerformanceObserver((list) => {
                for (const entry of list.getEntries() as unknown as { value: number; hadRecentInput: boolean }[])
                  if (!entry.hadRecentInput) sum += entry.value;
              }).observe({ type: 'layout-shift' as never, buffered: true } as never);
              setTimeout(() => resolve(sum), 3_000);
            }),
        );
        expect(shift, path).toBeLessThan(0.1);
      }
    });
  });
});
