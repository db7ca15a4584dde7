import { ERROR_CATALOGUE, type ErrorCode, type FieldProblem, RanloopError } from '@ranloop/contracts/errors';
import { DEFAULT_RETRY, isPassing, Passing, retryAfter, withRetries } from '../session/index.ts';

export interface ClientConfig {
  /** `http://host:9081`, or an empty string for the page's own origin. */
  readonly baseUrl: string;
  /** The Authorization header of the next request, `Basic ...` or `Bearer ...`; empty when a cookie says it. */
  readonly authorization: () => Promise<string> | string;
  readonly fetch?: typeof fetch;
  /** How long requests that change nothing are repeated while the peer is away; 10 s when absent. */
  readonly retryLimitMs?: number;
}

export interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly query?: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  /** True for a request that may be repeated though its method is not GET. */
  readonly repeatable?: boolean;
}

export interface Http {
  /** Parsed JSON, or undefined for an empty answer; a refusal is a RanloopError. */
  json<T>(path: string, options?: RequestOptions): Promise<T>;
  /** The answer of a successful request with its body unread. */
  open(path: string, options: RequestOptions & { headers?: Record<string, string> }): Promise<Response>;
}

const TIMEOUT_MS = 30_000;
const REPEAT_FOR_MS = 10_000;

export function createHttp(config: ClientConfig): Http {
  const base = config.baseUrl.replace(/\/+$/, '');
  const fetcher = config.fetch ?? fetch;

  async function send(path: string, options: RequestOptions & { headers?: Record<string, string> }): Promise<Response> {
    const { method = 'GET', body, signal, headers = {} } = options;
    const authorization = await config.authorization();
    const url = `${base}${path}${queryText(options.query)}`;
    try {
      return await fetcher(url, {
        method,
        credentials: 'same-origin',
        headers: {
          ...headers,
          ...(authorization === '' ? {} : { authorization }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(signal ? { signal } : {}),
      });
    } catch (cause) {
      if (signal?.aborted) throw cause;
      throw new Passing(new RanloopError('RL_UPSTREAM', `${url} cannot be reached`, { cause }));
    }
  }

  async function once<T>(path: string, options: RequestOptions): Promise<T> {
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
    try {
      const response = await send(path, { ...options, signal });
      const text = await response.text();
      if (response.ok) return parse(text, path) as T;
      const refusal = refusalOf(response.status, text);
      if (isPassing(response.status)) throw new Passing(refusal, retryAfter(response.headers.get('retry-after')));
      throw refusal;
    } catch (error) {
      if (error instanceof RanloopError || error instanceof Passing) throw error;
      if (options.signal?.aborted) throw options.signal.reason;
      const code = timeout.aborted ? 'RL_TIMEOUT' : 'RL_UPSTREAM';
      throw new Passing(new RanloopError(code, `${base}${path} did not answer whole`, { cause: error }));
    }
  }

  return {
    json(path, options = {}) {
      const repeatable = options.repeatable ?? (options.method ?? 'GET') === 'GET';
      const limitMs = repeatable ? (config.retryLimitMs ?? REPEAT_FOR_MS) : 0;
      const policy = { ...DEFAULT_RETRY, limitMs };
      return withRetries(() => once(path, options), { policy, signal: options.signal });
    },
    async open(path, options) {
      const response = await send(path, options).catch((error: unknown) => {
        throw error instanceof Passing ? error.reason : error;
      });
      if (response.ok) return response;
      throw refusalOf(response.status, await response.text());
    },
  };
}

function queryText(query: RequestOptions['query']): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {}))
    for (const item of Array.isArray(value) ? value : [value])
      if (item !== undefined) search.append(name, String(item));
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}

function parse(text: string, path: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new RanloopError('RL_UPSTREAM', `${path} did not answer with JSON: ${text.slice(0, 100)}`, { cause });
  }
}

const BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  401: 'RL_UNAUTHENTICATED',
  403: 'RL_FORBIDDEN',
  404: 'RL_NOT_FOUND',
  409: 'RL_CONFLICT',
  413: 'RL_TOO_LARGE',
  415: 'RL_UNSUPPORTED',
  422: 'RL_UNPROCESSABLE',
  423: 'RL_CONFLICT',
  429: 'RL_BUSY',
  503: 'RL_BUSY',
  504: 'RL_TIMEOUT',
};

/** Problem details (RFC 7807), the `{error}` of the Open Inference Protocol, or plain text. */
function refusalOf(status: number, text: string): RanloopError {
  const body = (readObject(text) ?? {}) as {
    code?: unknown;
    detail?: unknown;
    error?: unknown;
    fields?: readonly FieldProblem[];
  };
  const known = typeof body.code === 'string' && body.code in ERROR_CATALOGUE ? (body.code as ErrorCode) : undefined;
  const said = [body.detail, body.error].find((value): value is string => typeof value === 'string');
  const code = known ?? BY_STATUS[status] ?? (status >= 500 ? 'RL_UPSTREAM' : 'RL_INVALID');
  const detail = said ?? (text.slice(0, 300).trim() || `answered ${status}`);
  return new RanloopError(code, detail, Array.isArray(body.fields) ? { fields: body.fields } : {});
}

function readObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
