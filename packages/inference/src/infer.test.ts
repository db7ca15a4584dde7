import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ELEMENT,
  echoModel,
  linearModel,
  startFiles,
  startInference,
  type TestHost,
  temporaryFolder,
} from './testing/index.ts';

// With x = [3, 4] the linear model gives [3*1 + 4*2 + 0.5, 3*10 + 4*20] = [11.5, 110].
describe('an Open Inference Protocol server', () => {
  let host: TestHost;
  let files: Awaited<ReturnType<typeof startFiles>>;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;

  beforeAll(async () => {
    folder = await temporaryFolder();
    files = await startFiles((request, response) => {
      const name = (request.url ?? '').slice(1);
      response.end(
        name === 'linear' ? linearModel(0.5, { purpose: 'test' }) : echoModel(ELEMENT[name as keyof typeof ELEMENT]),
      );
    });
    host = await startInference({ modelsFolder: folder.folder, filesUrl: files.url, maxRequestBytes: 100_000 });
    for (const name of ['linear', ...Object.keys(ELEMENT)])
      await host.repository(`/models/${name}/load`, {
        parameters: { uri: `${files.url}/${name}`, modelId: `m-${name}` },
      });
  });
  afterAll(async () => {
    await host.stop();
    await files.stop();
    await folder.remove();
  });

  const linear = (input: object, more: object = {}) =>
    host.call('/v2/models/linear/infer', { inputs: [{ name: 'x', datatype: 'FP32', ...input }], ...more });

  it('answers health, server and model metadata as the protocol says', async () => {
    expect(await host.call('/v2/health/live')).toEqual({ status: 200, body: { live: true } });
    expect(await host.call('/v2/health/ready')).toEqual({ status: 200, body: { ready: true } });
    expect((await host.call('/v2')).body).toMatchObject({ extensions: ['binary_tensor_data', 'model_repository'] });
    expect((await host.call('/v2/models/linear')).body).toMatchObject({
      name: 'linear',
      versions: ['1'],
      platform: 'onnxruntime_onnx',
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 2] }],
      parameters: { purpose: 'test', modelId: 'm-linear' },
    });
    expect((await host.call('/v2/models/linear/versions/1/ready')).body).toEqual({ name: 'linear', ready: true });
  });

  it('computes the same from nested and from flat data, echoes the id, and says which model answered', async () => {
    const nested = await linear(
      {
        shape: [2, 2],
        data: [
          [3, 4],
          [0, 1],
        ],
      },
      { id: 'a' },
    );
    const flat = await linear({ shape: [2, 2], data: [3, 4, 0, 1] }, { id: 'a' });
    expect(nested.body).toMatchObject({
      model_name: 'linear',
      model_version: '1',
      id: 'a',
      parameters: { modelId: 'm-linear' },
      outputs: [{ name: 'y', shape: [2, 2], datatype: 'FP32', data: [11.5, 110, 2.5, 20] }],
    });
    expect(flat).toEqual(nested);
  });

  it.each([
    ['a count that is not that of the shape', { shape: [2, 2], data: [1, 2, 3] }, 'has 4 elements, data has 3'],
    ['nested data of another shape', { shape: [2, 2], data: [[1, 2, 3], [4]] }, 'does not follow shape [2,2]'],
    ['a shape that the model does not take', { shape: [1, 3], data: [1, 2, 3] }, 'shape must be [-1,2]'],
    ['another datatype', { shape: [1, 2], data: [1, 2], datatype: 'FP64' }, 'datatype is FP32'],
    ['an unknown datatype', { shape: [1, 2], data: [1, 2], datatype: 'FP8' }, '/inputs/0/datatype'],
    ['an element that is no number', { shape: [1, 2], data: [1, null] }, 'data[1]: must be a number'],
    ['a number beyond FP32', { shape: [1, 2], data: [1, 1e300] }, 'data[1]: does not fit FP32'],
    ['no data', { shape: [1, 2] }, 'data must be an array'],
    ['a negative dimension', { shape: [-1, 2], data: [] }, '/inputs/0/shape/0'],
  ])('refuses %s with 400 and a text that names it', async (_what, input, text) => {
    const { status, body } = await linear(input);
    expect(status).toBe(400);
    expect((body as { error: string }).error).toContain(text);
  });

  it('refuses unknown, repeated and missing inputs, unknown outputs, and what is not JSON', async () => {
    const x = { name: 'x', datatype: 'FP32', shape: [1, 2], data: [1, 2] };
    const errors = [
      await host.call('/v2/models/linear/infer', { inputs: [x, { ...x, name: 'z' }] }),
      await host.call('/v2/models/linear/infer', { inputs: [x, x] }),
      await host.call('/v2/models/linear/infer', { inputs: [x], outputs: [{ name: 'q' }] }),
      await host.call('/v2/models/linear/infer', '{"inputs": ['),
      await host.call('/v2/models/linear/infer', { inputs: [] }),
    ];
    expect(errors.map(({ status }) => status)).toEqual([400, 400, 400, 400, 400]);
    expect(errors.map(({ body }) => (body as { error: string }).error.slice(0, 32))).toEqual([
      'the model has no input "z"',
      'input x is given twice',
      'the model has no output "q"',
      'the request is not JSON',
      expect.stringContaining('/inputs'),
    ]);
  });

  it('answers 404 with an error text for models, versions and addresses that do not exist', async () => {
    for (const at of ['/v2/models/none', '/v2/models/linear/versions/9', '/v2/models/none/ready', '/v2/nothing']) {
      const { status, body } = await host.call(at);
      expect(status).toBe(404);
      expect(body).toEqual({ error: expect.any(String) });
    }
  });

  it('answers 413 for a body over the limit', async () => {
    const { status, body } = await linear(
      { shape: [1, 2], data: [1, 2] },
      { parameters: { pad: 'x'.repeat(200_000) } },
    );
    expect(status).toBe(413);
    expect(body).toEqual({ error: expect.any(String) });
  });

  it.each([
    ['BOOL', '[true,false]'],
    ['UINT8', '[0,255]'],
    ['INT8', '[-128,127]'],
    ['UINT16', '[0,65535]'],
    ['INT16', '[-32768,32767]'],
    ['UINT32', '[0,4294967295]'],
    ['INT32', '[-2147483648,2147483647]'],
    ['INT64', '[-9223372036854775808,9223372036854775807]'],
    ['UINT64', '[9007199254740993,18446744073709551615]'],
    ['FP32', '[0.5,-2]'],
    ['FP64', '[0.1,1e+300]'],
    ['BYTES', '["a \\"quoted\\" \u00e9",""]'],
  ])('passes %s through a model without losing a digit', async (datatype, data) => {
    const response = await fetch(`${host.url}/v2/models/${datatype}/infer`, {
      method: 'POST',
      body: `{"inputs":[{"name":"x","datatype":"${datatype}","shape":[2],"data":${data}}]}`,
    });
    expect(await response.text()).toContain(`"datatype":"${datatype}","data":${data}}`);
  });

  it.each([
    ['UINT8', '[256]'],
    ['INT8', '[1.5]'],
    ['INT64', '[9223372036854775808]'],
    ['INT64', '["5"]'],
    ['INT64', '["\\u0000integer:-x"]'],
    ['FP64', '["\\u0000integer:0x10"]'],
    ['UINT64', '[-1]'],
    ['BOOL', '[1]'],
    ['BYTES', '[5]'],
    ['FP16', '[1]'],
  ])('refuses %s data %s', async (datatype, data) => {
    const { status } = await host.call(
      `/v2/models/${datatype}/infer`,
      `{"inputs":[{"name":"x","datatype":"${datatype}","shape":[1],"data":${data}}]}`,
    );
    expect(status).toBe(400);
  });

  const binary = async (model: string, header: object, tensor: Buffer, declared?: number) => {
    const json = Buffer.from(JSON.stringify(header));
    return fetch(`${host.url}/v2/models/${model}/infer`, {
      method: 'POST',
      headers: {
        'content-type': 'application/octet-stream',
        'inference-header-content-length': String(declared ?? json.length),
      },
      body: Buffer.concat([json, tensor]),
    });
  };

  it('takes and gives tensors as little-endian bytes after the JSON part', async () => {
    const tensor = Buffer.from(new Float32Array([3, 4]).buffer);
    const header = {
      inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2], parameters: { binary_data_size: 8 } }],
      outputs: [{ name: 'y', parameters: { binary_data: true } }],
    };
    const response = await binary('linear', header, tensor);
    const length = Number(response.headers.get('inference-header-content-length'));
    const body = Buffer.from(await response.arrayBuffer());
    expect(JSON.parse(body.subarray(0, length).toString())).toMatchObject({
      outputs: [{ name: 'y', shape: [1, 2], parameters: { binary_data_size: 8 } }],
    });
    expect([body.readFloatLE(length), body.readFloatLE(length + 4)]).toEqual([11.5, 110]);
    expect(body.length).toBe(length + 8);
  });

  it('sends half floats and strings as bytes both ways', async () => {
    // 1.0 and -2.0 as IEEE 754 half floats are 0x3c00 and 0xc000; "hi" is its length and two letters.
    const half = Buffer.from([0x00, 0x3c, 0x00, 0xc0]);
    const words = Buffer.from([2, 0, 0, 0, 0x68, 0x69, 0, 0, 0, 0]);
    for (const [model, tensor] of [
      ['FP16', half],
      ['BYTES', words],
    ] as const) {
      const response = await binary(
        model,
        {
          inputs: [{ name: 'x', datatype: model, shape: [2], parameters: { binary_data_size: tensor.length } }],
          parameters: { binary_data_output: true },
        },
        tensor,
      );
      const length = Number(response.headers.get('inference-header-content-length'));
      expect(Buffer.from(await response.arrayBuffer()).subarray(length)).toEqual(tensor);
    }
  });

  it.each([
    ['a size beyond the body', { binary_data_size: 12 }, undefined],
    ['a size that is not that of the shape', { binary_data_size: 4 }, undefined],
    ['a JSON part longer than the body', { binary_data_size: 8 }, 5_000],
  ])('refuses binary data with %s', async (_what, parameters, declared) => {
    const header = { inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2], parameters }] };
    const response = await binary('linear', header, Buffer.alloc(8), declared);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ error: expect.any(String) });
  });

  it('answers the older predict call', async () => {
    const rows = await host.call('/v1/models/linear:predict', {
      instances: [
        [3, 4],
        [0, 1],
      ],
    });
    expect(rows).toEqual({
      status: 200,
      body: {
        predictions: [
          [11.5, 110],
          [2.5, 20],
        ],
      },
    });
    const named = await host.call('/v1/models/linear:predict', { instances: [{ x: [3, 4] }] });
    expect(named.body).toEqual({ predictions: [[11.5, 110]] });
    expect((await host.call('/v1/models/linear:predict', { instances: [[1, 2, 3]] })).status).toBe(400);
    expect((await host.call('/v1/models/none:predict', { instances: [[1, 2]] })).status).toBe(404);
    expect((await host.call('/v1/models/linear:explain', { instances: [[1, 2]] })).status).toBe(404);
  });

  it('counts requests and errors', async () => {
    const before = [
      await host.metrics.total('inference_requests_total'),
      await host.metrics.total('inference_errors_total'),
    ];
    await linear({ shape: [1, 2], data: [1, 2] });
    await linear({ shape: [1, 2], data: [1] });
    const after = [
      await host.metrics.total('inference_requests_total'),
      await host.metrics.total('inference_errors_total'),
    ];
    expect(after).toEqual([(before[0] ?? 0) + 2, (before[1] ?? 0) + 1]);
  });
});
