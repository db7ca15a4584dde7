import { createHash } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ELEMENT,
  externalFloats,
  linearModel,
  node,
  onnxModel,
  startFiles,
  startInference,
  type TestHost,
  temporaryFolder,
  valueInfo,
} from './testing/index.ts';

describe('the model repository', () => {
  let host: TestHost;
  let files: Awaited<ReturnType<typeof startFiles>>;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let served: Buffer;
  let authorization: string | undefined;

  beforeEach(async () => {
    folder = await temporaryFolder();
    served = linearModel(0.5);
    files = await startFiles((request, response) => {
      authorization = request.headers.authorization;
      if (request.url === '/redirect') response.writeHead(302, { location: '/model' }).end();
      else if (request.url === '/missing') response.writeHead(404).end();
      else response.end(served);
    });
    host = await startInference({ modelsFolder: folder.folder, filesUrl: files.url, maxModelBytes: 10_000 });
  });
  afterEach(async () => {
    await host.stop();
    await files.stop();
    await folder.remove();
  });

  const load = (parameters: object = {}) =>
    host.repository('/models/demand/load', { parameters: { uri: `${files.url}/model`, ...parameters } });
  const y = async () => {
    const { body } = await host.call('/v1/models/demand:predict', { instances: [[3, 4]] });
    return (body as { predictions: number[][] }).predictions?.[0]?.[0];
  };
  const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

  it('needs an identity, while inference does not', async () => {
    const answer = await host.call('/v2/repository/models/demand/load', { parameters: { uri: `${files.url}/model` } });
    expect(answer).toEqual({ status: 401, body: { error: expect.any(String) } });
    expect((await host.call('/v2/repository/index', {})).status).toBe(401);
  });

  it('loads a model with the credentials of the file server and lists it', async () => {
    const sha256 = digest(served);
    const answer = await load({ sha256, version: '7', modelId: 'm1', taskId: 't1' });
    expect(answer).toEqual({
      status: 200,
      body: { name: 'demand', version: '7', sha256, modelId: 'm1', taskId: 't1' },
    });
    expect(authorization).toBe('Bearer of-the-files');
    expect(await y()).toBe(11.5);
    expect((await host.repository('/index')).body).toEqual([
      { name: 'demand', version: '7', state: 'READY', reason: '' },
    ]);
  });

  it('replaces a version, counts versions up, and removes the file that nobody needs', async () => {
    await load();
    served = linearModel(1.5);
    expect((await load()).body).toMatchObject({ version: '2' });
    expect(await y()).toBe(12.5);
    expect((await readdir(folder.folder)).filter((file) => file.endsWith('.onnx'))).toEqual([`${digest(served)}.onnx`]);
    expect(await host.metrics.text()).toContain('inference_model_info{model="demand",version="2"');
    expect(await host.metrics.text()).not.toContain('version="1",sha256');
  });

  it('answers every request while versions change under load', async () => {
    await load();
    let stop = false;
    const answers: (number | undefined)[] = [];
    const client = async () => {
      while (!stop) answers.push(await y());
    };
    const clients = [client(), client(), client()];
    for (const shift of [1.5, 2.5, 3.5, 4.5]) {
      served = linearModel(shift);
      await load();
    }
    stop = true;
    await Promise.all(clients);
    expect(answers.length).toBeGreaterThan(0);
    expect(answers.filter((answer) => ![11.5, 12.5, 13.5, 14.5, 15.5].includes(answer ?? 0))).toEqual([]);
    expect(await y()).toBe(15.5);
  });

  it('keeps the old version when the new file is refused', async () => {
    await load();
    served = Buffer.from('not a model');
    expect((await load()).status).toBe(400);
    served = linearModel(9);
    expect((await load({ sha256: '0'.repeat(64) })).body).toEqual({ error: expect.stringContaining('sha256') });
    expect(await y()).toBe(11.5);
    expect((await host.repository('/index')).body).toMatchObject([{ version: '1', state: 'READY' }]);
  });

  it('unloads, and loads the kept file again without an address', async () => {
    await load({ modelId: 'm1' });
    expect((await host.repository('/models/demand/unload')).status).toBe(200);
    expect((await host.call('/v2/models/demand/ready')).status).toBe(400);
    expect((await host.call('/v1/models/demand:predict', { instances: [[3, 4]] })).status).toBe(404);
    expect((await host.repository('/index')).body).toMatchObject([{ state: 'UNAVAILABLE', reason: 'unloaded' }]);
    expect((await host.repository('/index', { ready: true })).body).toEqual([]);
    expect((await host.repository('/models/demand/load')).body).toMatchObject({ version: '1', modelId: 'm1' });
    expect(await y()).toBe(11.5);
  });

  it('serves the same models after a restart, and says which file was damaged', async () => {
    await load({ version: '3' });
    await host.stop();
    host = await startInference({ modelsFolder: folder.folder });
    expect(await y()).toBe(11.5);
    expect((await host.call('/v2/models/demand')).body).toMatchObject({ versions: ['3'] });
    await host.stop();
    await writeFile(path.join(folder.folder, `${digest(served)}.onnx`), 'damaged');
    host = await startInference({ modelsFolder: folder.folder });
    expect((await host.repository('/index')).body).toEqual([
      { name: 'demand', version: '3', state: 'UNAVAILABLE', reason: 'its file is missing or damaged' },
    ]);
  });

  it.each([
    ['another origin', 'http://example.com/model', 400],
    ['a file address', 'file:///etc/passwd', 400],
    ['credentials in the address', 'http://user:secret@127.0.0.1/model', 400],
  ])('does not load from %s', async (_what, uri, status) => {
    const answer = await load({ uri });
    expect(answer).toEqual({ status, body: { error: expect.stringContaining('uri') } });
  });

  it('does not follow redirects, and passes on that a file is missing', async () => {
    expect(await load({ uri: `${files.url}/redirect` })).toEqual({
      status: 502,
      body: { error: expect.stringContaining('redirect') },
    });
    expect((await load({ uri: `${files.url}/missing` })).status).toBe(502);
  });

  it('refuses a file over the limit, and names that cannot be addresses', async () => {
    served = Buffer.alloc(10_001);
    expect((await load()).status).toBe(413);
    expect((await host.repository('/models/..%2Fup/load', {})).status).toBe(400);
    expect((await host.repository('/models/demand/load', { parameters: { url: 'x' } })).status).toBe(400);
    expect((await host.repository('/models/never/unload')).status).toBe(404);
  });

  it('refuses a model whose weights lie in another file', async () => {
    served = onnxModel({
      nodes: [node('Add', ['x', 'w'], ['y'])],
      inputs: [valueInfo('x', ELEMENT.FP32, [2])],
      outputs: [valueInfo('y', ELEMENT.FP32, [2])],
      initializers: [externalFloats('w', [2], 'secret.bin')],
    });
    expect(await load()).toEqual({ status: 400, body: { error: expect.stringContaining('other files') } });
  });
});
