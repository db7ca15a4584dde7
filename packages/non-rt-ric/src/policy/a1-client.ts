import { A1_P, type PolicyStatusObject, type PolicyTypeObject } from '@ranloop/contracts/a1';
import { RanloopError } from '@ranloop/contracts/errors';
import { readStatus } from './status.ts';

/** What a RIC answered; anything under 500 is an answer, an unreachable RIC throws. */
export interface A1Answer {
  readonly httpStatus: number;
  readonly body: unknown;
}

/** A1-P v2 (O-RAN.WG2.A1AP 5.2): the Near-RT RIC is the server. */
export interface A1Client {
  policyTypes(): Promise<string[]>;
  policyType(typeId: string): Promise<PolicyTypeObject>;
  policyIds(typeId: string): Promise<string[]>;
  /** Undefined when the RIC does not know the policy. */
  policy(typeId: string, policyId: string): Promise<unknown>;
  put(key: PolicyKey, policyObject: unknown, notificationDestination: string): Promise<A1Answer>;
  delete(key: PolicyKey): Promise<A1Answer>;
  status(key: PolicyKey): Promise<PolicyStatusObject | undefined>;
}

export interface PolicyKey {
  readonly typeId: string;
  readonly policyId: string;
}

export interface A1ClientConfig {
  readonly ricId: string;
  readonly baseUrl: string;
  readonly timeoutSeconds: number;
  /** Ends all that is under way. */
  readonly signal: AbortSignal;
}

const MOST_BYTES = 4 * 1024 * 1024;
const part = encodeURIComponent;

export function createA1Client(config: A1ClientConfig): A1Client {
  // Samples of other stacks carry `http://ric:8085/`: a doubled slash finds no route.
  const root = `${config.baseUrl.replace(/\/+$/, '')}${A1_P}`;
  const at = ({ typeId, policyId }: PolicyKey) => `/policytypes/${part(typeId)}/policies/${part(policyId)}`;

  async function call(method: string, path: string, body?: unknown): Promise<A1Answer> {
    try {
      const response = await fetch(`${root}${path}`, {
        method,
        redirect: 'error',
        signal: AbortSignal.any([config.signal, AbortSignal.timeout(config.timeoutSeconds * 1_000)]),
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      });
      return { httpStatus: response.status, body: parse(await readBounded(response)) };
    } catch (error) {
      if (error instanceof RanloopError) throw error;
      const late = error instanceof Error && error.name === 'TimeoutError';
      throw new RanloopError(
        late ? 'RL_TIMEOUT' : 'RL_UPSTREAM',
        `RIC ${config.ricId} ${late ? 'did not answer in time' : 'cannot be reached'}`,
        { cause: error },
      );
    }
  }

  async function get(path: string): Promise<unknown> {
    const { httpStatus, body } = await call('GET', path);
    if (httpStatus === 200) return body;
    throw new RanloopError('RL_UPSTREAM', `RIC ${config.ricId} answered ${httpStatus} to GET ${path}`);
  }

  async function list(path: string): Promise<string[]> {
    const body = await get(path);
    if (!Array.isArray(body)) throw new RanloopError('RL_UPSTREAM', `RIC ${config.ricId}: ${path} is no list`);
    // The OSC mediator has whole numbers for type ids.
    return body.map(String);
  }

  return {
    policyTypes: () => list('/policytypes'),
    async policyType(typeId) {
      const type = (await get(`/policytypes/${part(typeId)}`)) as Record<string, unknown> | undefined;
      const schema = type?.['policySchema'] ?? type?.['create_schema'];
      if (typeof schema !== 'object' || schema === null)
        throw new RanloopError('RL_UPSTREAM', `RIC ${config.ricId}: policy type ${typeId} has no policySchema`);
      const status = type?.['statusSchema'];
      return {
        policySchema: schema as Record<string, unknown>,
        ...(typeof status === 'object' && status !== null ? { statusSchema: status as Record<string, unknown> } : {}),
      };
    },
    policyIds: (typeId) => list(`/policytypes/${part(typeId)}/policies`),
    async policy(typeId, policyId) {
      const { httpStatus, body } = await call('GET', at({ typeId, policyId }));
      if (httpStatus === 404) return undefined;
      if (httpStatus === 200) return body;
      throw new RanloopError('RL_UPSTREAM', `RIC ${config.ricId} answered ${httpStatus} for policy ${policyId}`);
    },
    put: (key, policyObject, notificationDestination) =>
      call('PUT', `${at(key)}?notificationDestination=${part(notificationDestination)}`, policyObject),
    delete: (key) => call('DELETE', at(key)),
    async status(key) {
      const { httpStatus, body } = await call('GET', `${at(key)}/status`);
      return httpStatus === 200 ? readStatus(body) : undefined;
    },
  };
}

async function readBounded(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  const reader = response.body?.getReader();
  while (reader) {
    const { done, value } = await reader.read();
    if (done) break;
    bytes += value.length;
    if (bytes > MOST_BYTES) {
      await reader.cancel();
      throw new RanloopError('RL_UPSTREAM', `an A1 answer is longer than ${MOST_BYTES} bytes`);
    }
    text += decoder.decode(value, { stream: true });
  }
  return text + decoder.decode();
}

/** An empty body is an answer too: some RICs send one with every 4xx. */
function parse(text: string): unknown {
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text.slice(0, 1_000);
  }
}
