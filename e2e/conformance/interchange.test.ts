import { createSession } from '@ranloop/sdk/session';
import {
  createDataset,
  createTask,
  downloadModel,
  getDataset,
  openTask,
  outputModelOf,
  publishModel,
} from '@ranloop/sdk/tracking';
import { describe, expect, inject, it } from 'vitest';
import { runScript, SCENARIO_MS } from './support/scenario.ts';

const server = inject('clearmlServer');
const session = createSession(server);

/** Ranloop's own client and ClearML's read what the other wrote. */
describe('interchange', { timeout: SCENARIO_MS }, () => {
  it("ClearML's reads the parameters, artifacts, curves, models and datasets that ours wrote", async () => {
    const task = await createTask(session, { name: 'written', project: 'conformance interchange' });
    await task.started();
    await task.connect('General', { rate: 0.01, epochs: 5, shuffle: true, units: [64, 32], note: 'text' });
    const artifact = await task.artifact('report', { rmse: 1.5, list: [1, 2] });
    for (const step of [0, 1, 2]) task.logger.scalar('loss', 'train', step / 2, step);
    task.logger.singleValue('rmse', 1.5);
    const bytes = new TextEncoder().encode('weights');
    const model = await task.outputModel({ name: 'demand', framework: 'ONNX', bytes, metadata: { horizon: 5 } });
    await publishModel(session, model.id);
    await task.completed();
    const dataset = await createDataset(session, { project: 'conformance interchange', name: 'demand' });
    dataset.add('data/rows.csv', 'time,value\n1,2\n');
    dataset.add('meta.json', '{}');
    await dataset.finalize();

    const found = await run('reads', task.id);
    expect(found['parameters']).toMatchObject({
      'General/rate': 0.01,
      'General/epochs': 5,
      'General/shuffle': true,
      'General/units': [64, 32],
      'General/note': 'text',
    });
    expect(found).toMatchObject({
      report: { rmse: 1.5, list: [1, 2] },
      report_hash: artifact.hash,
      scalars: { loss: { train: { x: [0, 1, 2], y: [0, 0.5, 1] } } },
      single: { rmse: 1.5 },
      dataset: [dataset.id, '1.0.0', ['data/rows.csv', 'meta.json'], 'time,value\n1,2\n'],
      verified: [],
      model: ['demand', 'ONNX', 'weights', true],
      metadata: { horizon: { type: 'int', value: '5' } },
    });
  });

  it("ours reads the parameters, artifacts, models and datasets that ClearML's wrote", async () => {
    const ids = await run('writes');
    const task = await openTask(session, String(ids['task']));
    const defaults = { rate: 0, epochs: 0, shuffle: false, units: [0], note: '' };
    expect(await task.connect('General', defaults)).toEqual({
      rate: 0.5,
      epochs: 3,
      shuffle: true,
      units: [64, 32],
      note: 'x',
    });
    expect(await task.readJson('report')).toEqual({ rmse: 1.5 });
    const model = await outputModelOf(session, await task.reload());
    expect(new TextDecoder().decode(await downloadModel(session, model))).toBe('weights');
    await task.close();
    const newest = await getDataset(session, { project: 'conformance theirs', name: 'demand' });
    expect(newest).toMatchObject({ id: ids['second'], version: '1.0.1' });
    expect(newest.files.map((file) => file.path).sort()).toEqual(['data/rows.csv', 'more.txt']);
    expect(new TextDecoder().decode(await newest.read('data/rows.csv'))).toBe('time,value\n'.repeat(100));
    expect(new TextDecoder().decode(await newest.read('more.txt'))).toBe('more');
  });

  async function run(name: string, ...args: string[]): Promise<Record<string, unknown>> {
    const output = await runScript(server, `interchange/${name}.py`, ...args);
    const found = /FOUND(.*)/.exec(output)?.[1] ?? '{}';
    return JSON.parse(found) as Record<string, unknown>;
  }
});
