import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  createDataset,
  createTask,
  downloadModel,
  getDataset,
  openTask,
  outputModelOf,
  publishModel,
} from '@ranloop/sdk/tracking';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTrainingServer, type TrainingServer } from './server.ts';

/** A Python that has the package `clearml`. */
const python = process.env['RANLOOP_CLEARML_PYTHON'];
const script = (name: string) => fileURLToPath(new URL(name, import.meta.url));

describe.skipIf(!python)("ClearML's own SDK (needs RANLOOP_CLEARML_PYTHON)", () => {
  let server: TrainingServer;
  beforeAll(async () => {
    server = await startTrainingServer();
  });
  afterAll(() => server.stop());

  it('reads the parameters, artifacts, curves, models and datasets that ours wrote', async () => {
    const task = await createTask(server.session, { name: 'written', project: 'sdk' });
    await task.started();
    await task.connect('General', { rate: 0.01, epochs: 5, shuffle: true, units: [64, 32], note: 'text' });
    const artifact = await task.artifact('report', { rmse: 1.5, list: [1, 2] });
    for (const step of [0, 1, 2]) task.logger.scalar('loss', 'train', step / 2, step);
    task.logger.singleValue('rmse', 1.5);
    const bytes = new TextEncoder().encode('weights');
    const model = await task.outputModel({ name: 'demand', framework: 'ONNX', bytes, metadata: { horizon: 5 } });
    await publishModel(server.session, model.id);
    await task.completed();
    const dataset = await createDataset(server.session, { project: 'sdk', name: 'demand' });
    dataset.add('data/rows.csv', 'time,value\n1,2\n');
    dataset.add('meta.json', '{}');
    await dataset.finalize();

    const found = await run('read_with_clearml.py', task.id);
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

  it('writes what ours reads: parameters, artifacts, models, and datasets that build on another', async () => {
    const ids = await run('write_with_clearml.py', server.folder);
    const task = await openTask(server.session, String(ids['task']));
    const defaults = { rate: 0, epochs: 0, shuffle: false, units: [0], note: '' };
    expect(await task.connect('General', defaults)).toEqual({
      rate: 0.5,
      epochs: 3,
      shuffle: true,
      units: [64, 32],
      note: 'x',
    });
    expect(await task.readJson('report')).toEqual({ rmse: 1.5 });
    const model = await outputModelOf(server.session, await task.reload());
    expect(new TextDecoder().decode(await downloadModel(server.session, model))).toBe('weights');
    await task.close();
    const newest = await getDataset(server.session, { project: 'theirs', name: 'demand' });
    expect(newest).toMatchObject({ id: ids['second'], version: '1.0.1' });
    expect(newest.files.map((file) => file.path).sort()).toEqual(['data/rows.csv', 'more.txt']);
    expect(new TextDecoder().decode(await newest.read('data/rows.csv'))).toBe('time,value\n'.repeat(100));
    expect(new TextDecoder().decode(await newest.read('more.txt'))).toBe('more');
  });

  async function run(name: string, argument: string): Promise<Record<string, unknown>> {
    const { apiUrl, filesUrl, accessKey, secretKey } = server.keys;
    const config = path.join(server.folder, 'clearml.conf');
    const retries = 'retries { total: 2, connect: 2, read: 2, redirect: 2, status: 2 }';
    await writeFile(
      config,
      `api { api_server: "${apiUrl}", web_server: "${apiUrl}", files_server: "${filesUrl}",
       credentials { access_key: "${accessKey}", secret_key: "${secretKey}" }, http { ${retries} } }`,
    );
    const env = { ...process.env, CLEARML_CONFIG_FILE: config, HOME: server.folder };
    const { stdout } = await promisify(execFile)(python ?? '', [script(name), argument], { env });
    return JSON.parse(stdout.slice(stdout.indexOf('FOUND') + 'FOUND'.length)) as Record<string, unknown>;
  }
});
