import { RanloopError } from '@ranloop/contracts/errors';
import { openEnvelope, refusalWithoutEnvelope } from './errors.ts';
import { batches } from './lines.ts';
import { basic, type Credentials, cookieCredentials, keyCredentials, tokenCredentials } from './login.ts';
import { DEFAULT_RETRY, isPassing, Passing, type RetryPolicy, retryAfter, withRetries } from './retry.ts';

export interface SessionConfig {
  /** `http://host:8008`, or `/api` for same-origin use in the dashboard. */
  readonly apiUrl: string;
  readonly filesUrl: string;
  /** With `secretKey`: the session logs in by itself and renews its token. */
  readonly accessKey?: string | undefined;
  readonly secretKey?: string | undefined;
  /** A token that is ready to use; without keys it is not renewed. Without keys and token the cookie counts. */
  readonly token?: string | undefined;
  /** Sent as X-ClearML-Worker; the server names it on events that name no worker. */
  readonly worker?: string | undefined;
  /** Other URL prefixes under which stored files name this file server; `download` reads them from `filesUrl`. */
  readonly filesAliases?: readonly string[] | undefined;
  readonly retry?: Partial<RetryPolicy> | undefined;
  readonly fetch?: typeof fetch | undefined;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Overrides the session's limit for this call. */
  readonly retryLimitMs?: number | undefined;
}

export interface Session {
  readonly apiUrl: string;
  readonly filesUrl: string;
  /**
   * Calls `<service>.<action>` and answers its `data`. Repeats on 429, 502, 503 and lost connections, logs in again once
   * on 401. A lost connection leaves open whether a call took effect: `tasks.create` may then have made a task twice.
   */
  call<T = Record<string, unknown>>(endpoint: string, body?: object, options?: CallOptions): Promise<T>;
  /** Sends items as JSON lines, in as many requests as they need; answers the `data` of each. */
  callLines<T = Record<string, unknown>>(
    endpoint: string,
    items: readonly object[],
    options?: CallOptions,
  ): Promise<T[]>;
  /** Stores bytes under a path of the file server, over what was there; answers the URL. */
  upload(path: string, content: Uint8Array | Blob, type: string): Promise<string>;
  /** Reads a URL; credentials are sent to the session's file server only. At most `mostBytes` (default 1 GiB). */
  download(url: string, options?: CallOptions & { mostBytes?: number }): Promise<Uint8Array>;
  /** Logs a person in; the server sets the cookie that later calls use (same-origin mode). */
  login(name: string, password: string): Promise<void>;
  logout(): Promise<void>;
}

const REQUEST_TIMEOUT_MS = 120_000;
const GIB = 1024 ** 3;

export function createSession(config: SessionConfig): Session {
  const apiUrl = config.apiUrl.replace(/\/+$/, '');
  const filesUrl = config.filesUrl.replace(/\/+$/, '');
  const aliases = (config.filesAliases ?? []).map((alias) => alias.replace(/\/+$/, ''));
  const policy: RetryPolicy = { ...DEFAULT_RETRY, ...config.retry };
  const fetcher = config.fetch ?? fetch;
  const credentials = credentialsOf(config, () => logIn(config.accessKey ?? '', config.secretKey ?? ''));

  async function once(url: string, init: RequestInit, options: CallOptions): Promise<Response> {
    const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
    let response: Response;
    try {
      response = await fetcher(url, { ...init, signal, credentials: 'same-origin' });
    } catch (cause) {
      if (options.signal?.aborted) throw options.signal.reason;
      const what = timeout.aborted ? 'did not answer in time' : 'cannot be reached';
      const reason = new RanloopError(timeout.aborted ? 'RL_TIMEOUT' : 'RL_UPSTREAM', `${url} ${what}`, { cause });
      throw new Passing(reason);
    }
    if (!isPassing(response.status)) return response;
    const refusal = refusalWithoutEnvelope(url, response.status, await response.text().catch(() => ''));
    throw new Passing(refusal, retryAfter(response.headers.get('retry-after')));
  }

  /** `read` takes the body inside the attempt: a connection may also break there. */
  function request<T>(
    url: string,
    make: () => RequestInit & { headers: Record<string, string> },
    { read, ...options }: CallOptions & { read: (response: Response) => Promise<T> },
  ): Promise<T> {
    const attempt = async (mayRenew: boolean): Promise<T> => {
      const { headers, ...init } = make();
      const authorization = await credentials.authorization();
      const named = config.worker ? { ...headers, 'x-clearml-worker': config.worker } : headers;
      const all = authorization ? { ...named, authorization } : named;
      const response = await once(url, { ...init, headers: all }, options);
      if (response.status === 401 && mayRenew && (await credentials.renew(authorization))) {
        await response.body?.cancel();
        return attempt(false);
      }
      return read(response);
    };
    const limited = options.retryLimitMs === undefined ? policy : { ...policy, limitMs: options.retryLimitMs };
    return withRetries(() => attempt(true), { policy: limited, signal: options.signal });
  }

  async function logIn(key: string, secret: string): Promise<string> {
    const init = { method: 'POST', headers: { authorization: basic(key, secret), ...JSON_TYPE }, body: '{}' };
    const response = await once(`${apiUrl}/auth.login`, init, {});
    const data = openEnvelope('auth.login', response.status, await textOf(response));
    const { token } = data as { token?: unknown };
    if (typeof token !== 'string') throw new RanloopError('RL_UPSTREAM', 'auth.login answered no token');
    return token;
  }

  const post = <T>(endpoint: string, body: string, { type, ...options }: CallOptions & { type: string }) =>
    request(`${apiUrl}/${endpoint}`, () => ({ method: 'POST', headers: { 'content-type': type }, body }), {
      ...options,
      read: async (response) => openEnvelope(endpoint, response.status, await textOf(response)) as T,
    });

  return {
    apiUrl,
    filesUrl,
    call: (endpoint, body = {}, options = {}) =>
      post(endpoint, JSON.stringify(body), { ...options, type: 'application/json' }),
    async callLines<T>(endpoint: string, items: readonly object[], options: CallOptions = {}) {
      const answers: T[] = [];
      for (const body of batches(items))
        answers.push(await post<T>(endpoint, body, { ...options, type: 'application/json-lines' }));
      return answers;
    },
    async upload(path, content, type) {
      const clean = path.replace(/^\/+/, '');
      const blob = new Blob([content instanceof Blob ? content : new Uint8Array(content)], { type });
      const make = () => {
        const form = new FormData();
        form.append(clean, blob, clean);
        return { method: 'POST', headers: {}, body: form };
      };
      await request(`${filesUrl}/`, make, {
        read: async (response) => {
          const text = await textOf(response);
          if (!response.ok) throw refusalWithoutEnvelope('file upload', response.status, text);
        },
      });
      return `${filesUrl}/${encodeURI(clean)}`;
    },
    async download(url, { mostBytes = GIB, ...options } = {}) {
      const alias = aliases.find((prefix) => url.startsWith(`${prefix}/`));
      const own = alias === undefined ? url : filesUrl + url.slice(alias.length);
      if (!/^(https?:\/\/|\/)/.test(own))
        throw new RanloopError('RL_UNSUPPORTED', `${own || 'an empty URL'} cannot be read over HTTP`);
      const read = (response: Response) => bytesOf(response, own, mostBytes);
      if (own.startsWith(`${filesUrl}/`))
        return request(own, () => ({ method: 'GET', headers: {} }), { ...options, read });
      return withRetries(async () => read(await once(own, { method: 'GET' }, options)), {
        policy,
        signal: options.signal,
      });
    },
    async login(name, password) {
      await withRetries(() => logIn(name, password), { policy, signal: undefined });
    },
    async logout() {
      await post('auth.logout', '{}', { type: 'application/json' });
    },
  };
}

const JSON_TYPE = { 'content-type': 'application/json' };

function credentialsOf(config: SessionConfig, login: () => Promise<string>): Credentials {
  if (config.accessKey !== undefined && config.secretKey !== undefined) return keyCredentials(login, config.token);
  return config.token === undefined ? cookieCredentials() : tokenCredentials(config.token);
}

async function textOf(response: Response): Promise<string> {
  try {
    return await response.text();
  } catch (cause) {
    throw new Passing(new RanloopError('RL_UPSTREAM', `${response.url} broke off its answer`, { cause }));
  }
}

async function bytesOf(response: Response, url: string, mostBytes: number): Promise<Uint8Array> {
  if (!response.ok) throw refusalWithoutEnvelope(`download of ${url}`, response.status, await textOf(response));
  const tooLarge = () => new RanloopError('RL_TOO_LARGE', `${url} is larger than ${mostBytes} bytes`);
  if (Number(response.headers.get('content-length') ?? 0) > mostBytes) {
    await response.body?.cancel();
    throw tooLarge();
  }
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = response.body?.getReader();
  while (reader) {
    const { done, value } = await reader.read().catch((cause: unknown) => {
      throw new Passing(new RanloopError('RL_UPSTREAM', `${url} broke off its answer`, { cause }));
    });
    if (done) break;
    size += value.length;
    if (size > mostBytes) {
      await reader.cancel();
      throw tooLarge();
    }
    parts.push(value);
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
