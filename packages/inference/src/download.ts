import { createHash } from 'node:crypto';
import { RanloopError } from '@ranloop/contracts/errors';

export interface DownloadRules {
  /** Origins, as `URL.origin` writes them. */
  readonly origins: readonly string[];
  readonly maxBytes: number;
  readonly timeoutMs: number;
  /** The `Authorization` header for these origins. */
  readonly authorization?: (() => Promise<string>) | undefined;
}

export interface Downloaded {
  readonly bytes: Buffer;
  readonly sha256: string;
}

/** Fetches a model file from an allowed origin. Redirects are refused: they would lead past the list of origins. */
export async function download(uri: string, rules: DownloadRules): Promise<Downloaded> {
  const url = allowedUrl(uri, rules.origins);
  const headers = rules.authorization ? { authorization: await rules.authorization() } : {};
  const signal = AbortSignal.timeout(rules.timeoutMs);
  try {
    const response = await fetch(url, { headers, signal, redirect: 'manual' });
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new RanloopError(
        'RL_UPSTREAM',
        response.status >= 300 && response.status < 400
          ? `${url.href} answers with a redirect, which is not followed`
          : `${url.href} answers ${response.status}`,
      );
    }
    return await readBody(response, rules.maxBytes);
  } catch (error) {
    if (error instanceof RanloopError) throw error;
    if (signal.aborted) throw new RanloopError('RL_TIMEOUT', `${url.href} took more than ${rules.timeoutMs} ms`);
    throw new RanloopError('RL_UPSTREAM', `${url.href} cannot be read`, { cause: error });
  }
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function allowedUrl(uri: string, origins: readonly string[]): URL {
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw new RanloopError('RL_INVALID', 'parameters/uri must be an http or https address');
  if (url.username || url.password || !origins.includes(url.origin))
    throw new RanloopError('RL_INVALID', `parameters/uri: models are not loaded from ${url.origin}`);
  return url;
}

async function readBody(response: Response, maxBytes: number): Promise<Downloaded> {
  const tooLarge = () => new RanloopError('RL_TOO_LARGE', `the model file is larger than ${maxBytes} bytes`);
  if (Number(response.headers.get('content-length') ?? 0) > maxBytes) {
    await response.body?.cancel();
    throw tooLarge();
  }
  const chunks: Uint8Array[] = [];
  const hash = createHash('sha256');
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength;
    if (length > maxBytes) throw tooLarge();
    hash.update(chunk);
    chunks.push(chunk);
  }
  return { bytes: Buffer.concat(chunks), sha256: hash.digest('hex') };
}
