import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PolicyStatusObject, PolicyTypeObject } from '@ranloop/contracts/a1';

interface HeldPolicy {
  typeId: string;
  body: unknown;
  callback: string;
}

/** A Near-RT RIC that can be told to misbehave; a real one does none of this on request. */
export interface FakeRic {
  readonly url: string;
  readonly policies: Map<string, HeldPolicy>;
  readonly results: { jobId: string; body: unknown }[];
  readonly resultAttempts: number;
  /** The answer to the next change of a policy. */
  answerNext(answer: { status: number; body?: unknown }): void;
  /** Refuses this policy from now on. */
  refuse(policyId: string | undefined): void;
  /** Reports this status before each change is answered. */
  reportWithin(status: PolicyStatusObject): void;
  report(policyId: string, status: PolicyStatusObject): Promise<void>;
  setStatus(policyId: string, status: PolicyStatusObject): void;
  /** Closes every connection without an answer. */
  hangUp(away: boolean): void;
  failResults(times: number): void;
  stop(): Promise<void>;
}

export async function startFakeRic(types: Record<string, PolicyTypeObject>): Promise<FakeRic> {
  const policies = new Map<string, HeldPolicy>();
  const statuses = new Map<string, PolicyStatusObject>();
  const results: { jobId: string; body: unknown }[] = [];
  let forced: { status: number; body?: unknown } | undefined;
  let refused: string | undefined;
  let within: PolicyStatusObject | undefined;
  let away = false;
  let failing = 0;
  let attempts = 0;

  const report = async (callback: string, status: PolicyStatusObject) => {
    await fetch(callback, {
      method: 'POST',
      body: JSON.stringify(status),
      headers: { 'content-type': 'application/json' },
    });
  };

  async function change(
    typeId: string,
    policyId: string,
    request: { method: string; body: unknown; callback: string },
  ) {
    const answer = forced;
    forced = undefined;
    if (answer) return answer;
    if (refused === policyId) return { status: 400 };
    if (request.method === 'DELETE') return { status: policies.delete(policyId) ? 204 : 404 };
    const isNew = !policies.has(policyId);
    policies.set(policyId, { typeId, body: request.body, callback: request.callback });
    statuses.delete(policyId);
    if (within) await report(request.callback, within);
    return { status: isNew ? 201 : 200, body: request.body };
  }

  async function answer(request: IncomingMessage): Promise<{ status: number; body?: unknown }> {
    const url = new URL(request.url ?? '/', 'http://ric');
    const method = request.method ?? 'GET';
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    const [, base, version, , typeId, , policyId, status] = url.pathname.split('/').map(decodeURIComponent);
    if (base === 'results') {
      attempts++;
      if (failing-- > 0) return { status: 503 };
      results.push({ jobId: version ?? '', body });
      return { status: 200 };
    }
    if (typeId === undefined) return { status: 200, body: Object.keys(types) };
    if (!types[typeId]) return { status: 404 };
    if (!url.pathname.includes('/policies')) return { status: 200, body: types[typeId] };
    if (policyId === undefined)
      return { status: 200, body: [...policies].filter(([, held]) => held.typeId === typeId).map(([id]) => id) };
    if (method !== 'GET')
      return change(typeId, policyId, {
        method,
        body,
        callback: url.searchParams.get('notificationDestination') ?? '',
      });
    const held = policies.get(policyId);
    if (!held) return { status: 404 };
    if (status === undefined) return { status: 200, body: held.body };
    const pending = { enforceStatus: 'NOT_ENFORCED', enforceReason: 'OTHER_REASON' };
    return { status: 200, body: statuses.get(policyId) ?? pending };
  }

  const server = createServer((request, response) => {
    if (away) {
      request.socket.destroy();
      return;
    }
    answer(request).then(
      ({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(body === undefined ? undefined : JSON.stringify(body));
      },
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    policies,
    results,
    get resultAttempts() {
      return attempts;
    },
    answerNext: (next) => {
      forced = next;
    },
    refuse: (policyId) => {
      refused = policyId;
    },
    reportWithin: (status) => {
      within = status;
    },
    async report(policyId, status) {
      statuses.set(policyId, status);
      await report(policies.get(policyId)?.callback ?? '', status);
    },
    setStatus: (policyId, status) => void statuses.set(policyId, status),
    hangUp: (value) => {
      away = value;
    },
    failResults: (times) => {
      failing = times;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
