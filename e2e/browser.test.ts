import { readFile } from 'node:fs/promises';
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

  const call = async <T>(action: string, body: object = {}): Promise<T> => {
    const answer = await fetch(`${running.run.urls.dashboard}/api/${action}`, {
      method: 'POST',
      headers: { authorization: running.authorization, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const { data, meta } = (await answer.json()) as { data: T; meta: { result_msg: string } };
    if (!answer.ok) throw new Error(`${action}: ${meta.result_msg}`);
    return data;
  };

  const waitingIn = async (queue: string): Promise<string[]> => {
    const { queues } = await call<{ queues: { entries: { task: { name: string } }[] }[] }>('queues.get_all_ex', {
      id: [queue],
    });
    return queues.flatMap(({ entries }) => entries.map(({ task }) => task.name));
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

    test('a queue is made, put in order by keyboard and by drag, cleared and deleted', async () => {
      const name = `night ${scheme}`;
      await open('/queues');
      await at.page.getByRole('button', { name: 'New queue' }).click();
      await at.page.getByRole('dialog').getByLabel('Name').fill(name);
      await at.page.getByRole('button', { name: 'Create' }).click();
      await at.page.getByRole('heading', { name: `Waiting in ${name}` }).waitFor();
      await at.page.getByText('Nothing waits here').waitFor();
      const { queues } = await call<{ queues: { id: string }[] }>('queues.get_all', { name: `^${name}$` });
      const queue = queues[0]?.id ?? '';
      expect(new URL(at.page.url()).searchParams.get('queue')).toBe(queue);

      const tasks: string[] = [];
      for (const letter of ['a', 'b', 'c']) {
        const { id } = await call<{ id: string }>('tasks.create', { name: `sweep ${letter}`, type: 'training' });
        await call('tasks.enqueue', { task: id, queue });
        tasks.push(id);
      }
      const places = at.page.getByRole('list', { name: `Tasks waiting in ${name}` }).getByRole('listitem');
      // It comes by the stream: the page was not loaded anew.
      await expect.poll(() => places.count(), { timeout: 10_000 }).toBe(3);
      await at.page.getByRole('button', { name: 'Move sweep c, place 3 of 3' }).press('ArrowUp');
      await expect.poll(() => waitingIn(queue), { timeout: 20_000 }).toEqual(['sweep a', 'sweep c', 'sweep b']);
      await at.page.getByRole('button', { name: 'Move sweep a, place 1 of 3' }).waitFor();
      await at.page.getByRole('button', { name: 'Move sweep c, place 2 of 3' }).waitFor();
      await places.nth(2).dragTo(places.nth(0));
      await expect.poll(() => waitingIn(queue), { timeout: 20_000 }).toEqual(['sweep b', 'sweep a', 'sweep c']);

      await at.page.getByRole('button', { name: 'Clear' }).click();
      const dialog = at.page.getByRole('dialog');
      await dialog.getByText('3 tasks that wait in it become what they were before.', { exact: false }).waitFor();
      await dialog.getByRole('button', { name: 'Clear' }).click();
      await expect.poll(() => waitingIn(queue), { timeout: 20_000 }).toEqual([]);
      const { task } = await call<{ task: { status: string } }>('tasks.get_by_id', { task: tasks[0] });
      expect(task.status).toBe('created');
      await at.page.getByText('Nothing waits here').waitFor();
      await at.page.getByRole('button', { name: 'Delete' }).click();
      await at.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
      await expect
        .poll(async () => (await call<{ queues: object[] }>('queues.get_all', { name: `^${name}$` })).queues.length, {
          timeout: 20_000,
        })
        .toBe(0);
      expect(at.complaints).toEqual([]);
    });

    test('the workers page shows the agent, what it serves, and the curves of its machine', async () => {
      const { workers } = await call<{ workers: { id: string }[] }>('workers.get_all', { last_seen: 0 });
      await open('/workers');
      const row = at.page.getByRole('table', { name: 'Workers' }).getByRole('row').nth(1);
      await row.getByText(workers[0]?.id ?? 'no worker', { exact: true }).waitFor();
      await row.getByText('default', { exact: false }).waitFor();
      await at.page.getByRole('figure', { name: /^CPU\. Last values: CPU/ }).waitFor();
      await at.page.getByRole('figure', { name: /^Memory\. Last values: .*used/ }).waitFor();
      expect(at.complaints).toEqual([]);
    });

    test('a model leads to its dataset and experiment, keeps edited metadata, and is deployed under another name', async () => {
      const name = `trial-${scheme}`;
      await open('/models?sort=-created&tag=deployed');
      await at.page.getByRole('table', { name: 'Models' }).getByText('slice-demand').first().click();
      await at.page.waitForURL((url) => /^\/models\/\w+$/.test(url.pathname));
      const model = new URL(at.page.url()).pathname.slice('/models/'.length);
      const lineage = at.page.getByRole('region', { name: 'Lineage' });
      await lineage.getByRole('link', { name: /slice-demand 1\.0\.\d/ }).waitFor();
      await lineage.getByRole('link', { name: 'train' }).waitFor();
      await lineage.getByText('slice-demand version', { exact: false }).waitFor();

      await at.page.getByLabel('Name of a new entry').fill('reviewed');
      await at.page.getByLabel('Value of the new entry').fill(scheme);
      await at.page.getByRole('button', { name: 'Add' }).click();
      const kept = async () =>
        (await call<{ model: { metadata: Record<string, { value: string }> } }>('models.get_by_id', { model })).model
          .metadata['reviewed']?.value;
      await expect.poll(kept, { timeout: 20_000 }).toBe(scheme);
      await at.page.getByRole('button', { name: 'Delete reviewed' }).click();
      await expect.poll(kept, { timeout: 20_000 }).toBeUndefined();
      await at.page.getByRole('button', { name: 'Undo' }).click();
      await expect.poll(kept, { timeout: 20_000 }).toBe(scheme);

      await at.page.getByRole('button', { name: 'Deploy' }).click();
      await at.page.getByRole('dialog').getByLabel('Name to serve under').fill(name);
      await at.page.getByRole('dialog').getByRole('button', { name: 'Deploy' }).click();
      await lineage.getByText(`${name} version 1`).waitFor();
      const served = await fetch(`${running.run.urls.dashboard}/inference/v2/models/${name}`, {
        headers: { authorization: running.authorization },
      });
      const { parameters } = (await served.json()) as { parameters: { modelId: string } };
      expect(parameters.modelId).toBe(model);
      await lineage.getByRole('button', { name: `Unload ${name}` }).click();
      await at.page.getByRole('dialog').getByRole('button', { name: 'Unload' }).click();
      await lineage.getByText(`${name} version 1`).waitFor({ state: 'detached' });
      expect(at.complaints).toEqual([]);
    });

    test('a version of a dataset shows its files, statistics, quality, table and what was trained on it', async () => {
      await open('/datasets');
      const { tasks } = await call<{ tasks: { id: string; runtime: { version: string } }[] }>('tasks.get_all_ex', {
        search_hidden: true,
        system_tags: ['dataset'],
        order_by: ['created'],
        only_fields: ['id', 'runtime'],
      });
      const first = tasks[0];
      expect(first?.runtime.version).toBe('1.0.0');
      await at.page.getByRole('table', { name: 'Datasets' }).getByRole('link', { name: '1.0.0' }).click();
      await at.page.waitForURL((url) => url.pathname === `/datasets/${first?.id}`);
      const files = at.page.getByRole('table', { name: 'Files' });
      for (const file of ['data.csv', 'data.parquet', 'description.json', 'quality.json'])
        await files.getByText(file, { exact: true }).waitFor();
      await at.page.getByRole('table', { name: 'Statistics' }).getByText('RRU.PrbUsedDl').waitFor();
      await at.page.getByRole('region', { name: 'Quality' }).getByText('fit for use').waitFor();
      await at.page.getByRole('img', { name: /^RRU\.PrbUsedDl \[PRB\]: from \d/ }).waitFor();
      await at.page.getByRole('region', { name: 'Lineage' }).getByRole('link', { name: 'train' }).first().waitFor();
      const saved = at.page.waitForEvent('download');
      await at.page.getByRole('button', { name: 'Download description.json' }).click();
      const text = await readFile(await (await saved).path(), 'utf8');
      expect((JSON.parse(text) as { schema: string }).schema).toBe('slice-demand-1');
      expect(at.complaints).toEqual([]);
    });

    test('no page shifts what was laid out, once it is there', async () => {
      for (const path of ['/', '/experiments', '/models', '/datasets', '/queues', '/workers', '/ran']) {
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
