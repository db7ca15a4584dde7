import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { createEventParser, createInferenceClient, createPolicyClient, createTelemetryClient } from './index.ts';

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function peer(answer: (request: Seen, response: ServerResponse, count: number) => void) {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += String(part);
    const { method = '', url = '', headers } = request;
    seen.push({ method, url, authorization: headers.authorization, body });
    answer({ method, url, authorization: headers.authorization, body }, response, seen.length);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { seen, config: { baseUrl, authorization: () => 'Bearer t', retryLimitMs: 2_000 } };
}

const json = (response: ServerResponse, value: unknown, status = 200) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));

describe('the R1 clients', () => {
  it('ask with credentials and repeated parameters, and unwrap the answer', async () => {
    const { seen, config } = await peer((_request, response) => json(response, { samples: [] }));
    await createTelemetryClient(config).last({ counters: ['a b', 'c'], sources: ['gnb-1'] });
    expect(seen[0]).toMatchObject({
      method: 'GET',
      url: '/r1/telemetry/v1/last?counter=a+b&counter=c&source=gnb-1',
      authorization: 'Bearer t',
    });
  });

  it('repeat a query while the peer is busy, but never the making of a policy', async () => {
    const { seen, config } = await peer(({ url }, response, count) =>
      url.includes('/query') && count > 2 ? json(response, { series: [] }) : response.writeHead(503).end(),
    );
    const query = { counters: ['x'], from: 0, to: 1 };
    expect(await createTelemetryClient(config).query(query)).toEqual([]);
    expect(seen).toHaveLength(3);
    const policy = { nearRtRicId: 'r', policyTypeId: 't', policyObject: {} };
    await expect(createPolicyClient(config).create(policy)).rejects.toMatchObject({ code: 'RL_BUSY' });
    expect(seen).toHaveLength(4);
  });

  it('throw the code, the words and the fields of problem details', async () => {
    const fields = [{ path: '/policyObject/scope', problem: 'is required' }];
    const problem = { code: 'RL_INVALID', detail: 'policy: scope is required', fields };
    const { config } = await peer((_request, response) => json(response, problem, 400));
    await expect(createPolicyClient(config).put('p/1', {})).rejects.toMatchObject({
      code: 'RL_INVALID',
      message: 'policy: scope is required',
      fields,
    });
  });

  it('go on with a stream after a break, with the newest samples of the gap', async () => {
    const sample = (time: number) => ({ counter: 'c', dn: 'd', source: 's', value: time, time });
    const event = (time: number) => `event: samples\ndata: ${JSON.stringify([sample(time)])}\n\n`;
    let streams = 0;
    const { config } = await peer(({ url }, response) => {
      if (url.includes('/last')) return void json(response, { samples: [sample(2)] });
      streams += 1;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(': open\n\n');
      if (streams === 1) return void response.write(event(1), () => response.destroy());
      setTimeout(() => response.write(event(3)), 300);
    });
    const controller = new AbortController();
    const times: number[] = [];
    let lost = 0;
    const done = createTelemetryClient(config).stream(
      (samples) => {
        times.push(...samples.map(({ time }) => time));
        if (times.includes(3)) controller.abort();
      },
      { signal: controller.signal, onLost: () => (lost += 1) },
    );
    await done;
    expect(times).toEqual([1, 2, 3]);
    expect(lost).toBe(1);
  });

  it('end a stream that the server refuses', async () => {
    const { config } = await peer((_request, response) => response.writeHead(401).end());
    const stream = createTelemetryClient(config).stream(() => undefined, { signal: new AbortController().signal });
    await expect(stream).rejects.toMatchObject({ code: 'RL_UNAUTHENTICATED' });
  });

  it('infer with FP32 tensors and tell which model answered', async () => {
    const answer = {
      model_name: 'demand',
      model_version: '3',
      parameters: { sha256: 'ab', modelId: 'm' },
      outputs: [{ name: 'y', shape: [1, 2], datatype: 'FP32', data: [0.5, 2] }],
    };
    const { seen, config } = await peer((_request, response) => json(response, answer));
    const client = createInferenceClient(config);
    const inferred = await client.infer({ name: 'demand', version: '3' }, [{ name: 'x', shape: [2], data: [1, 2] }]);
    expect(seen[0]?.url).toBe('/v2/models/demand/versions/3/infer');
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({
      inputs: [{ name: 'x', shape: [2], datatype: 'FP32', data: [1, 2] }],
    });
    expect(inferred).toMatchObject({ modelName: 'demand', modelVersion: '3', sha256: 'ab', modelId: 'm' });
    expect([...(inferred.outputs.get('y')?.data ?? [])]).toEqual([0.5, 2]);
  });

  it('refuse a tensor whose values do not fill its shape or cannot be sent', async () => {
    const { seen, config } = await peer((_request, response) => json(response, {}));
    const client = createInferenceClient(config);
    const infer = (data: number[]) => client.infer({ name: 'm' }, [{ name: 'x', shape: [2, 2], data }]);
    await expect(infer([1, 2, 3])).rejects.toMatchObject({ code: 'RL_INVALID', fields: [{ path: '/x' }] });
    await expect(infer([1, 2, 3, Number.NaN])).rejects.toMatchObject({ code: 'RL_INVALID' });
    expect(seen).toHaveLength(0);
  });

  it('count a server that says 400 to its readiness as not ready', async () => {
    const { config } = await peer((_request, response) => json(response, { ready: false }, 400));
    expect(await createInferenceClient(config).ready()).toBe(false);
  });
});

describe('event streams', () => {
  it('are read alike however the text is cut', () => {
    const text = ': hello\n\nid: 7\nevent: samples\r\ndata: [1,\ndata: 2]\r\n\r\ndata: x\r\rid: 8\n\n';
    const expected = [
      { id: '7', event: 'samples', data: '[1,\n2]' },
      { id: '7', event: 'message', data: 'x' },
    ];
    fc.assert(
      fc.property(fc.array(fc.nat(text.length)), (cuts) => {
        const parser = createEventParser();
        const edges = [0, ...cuts.sort((a, b) => a - b), text.length];
        const events = edges.slice(1).flatMap((edge, n) => parser.push(text.slice(edges[n], edge)));
        expect(events).toEqual(expected);
        expect(parser.lastId).toBe('8');
      }),
    );
  });
});
