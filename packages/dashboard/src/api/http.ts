import { ApiError, errorFromBody } from './error.ts';

export interface RequestOptions {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
}

/** One request to this origin; the session is a cookie that scripts cannot read. Throws ApiError. */
export async function requestJson<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const { body, signal, headers } = options;
  const response = await send(path, {
    method: options.method ?? (body === undefined ? 'GET' : 'POST'),
    credentials: 'same-origin',
    headers: {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal ? { signal } : {}),
  });
  const text = await response.text();
  const parsed = parse(text);
  if (!response.ok) throw errorFromBody(response.status, parsed, path);
  if (parsed === undefined && text !== '')
    throw new ApiError(`${path} did not answer with JSON`, { code: 'NOT_JSON', status: 502 });
  return parsed as T;
}

async function send(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init);
  } catch (thrown) {
    if (init.signal?.aborted) throw thrown;
    throw new ApiError('The server cannot be reached', { code: 'NETWORK', status: 0, cause: thrown });
  }
}

function parse(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
