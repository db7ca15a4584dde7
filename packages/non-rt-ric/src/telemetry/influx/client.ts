import { RanloopError } from '@ranloop/contracts/errors';

/** One series of an answer; columns name what stands in each row of `values`. */
export interface InfluxSeries {
  readonly name: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  readonly values: readonly (readonly (string | number | boolean | null)[])[];
  readonly partial?: boolean;
}

/** The 1.x HTTP API of InfluxDB, which 1.x, 2.x and 3.x all serve. */
export interface InfluxClient {
  readonly database: string;
  /** A bucket of 2.x or 3.x, which its administrator makes; its retention is the bucket's own. */
  readonly isBucket: boolean;
  /** Throws RL_STORE when the server is away or at fault, RL_UNPROCESSABLE when it refuses the points. */
  write(lines: string): Promise<void>;
  /** Times in microseconds. Values that come from a request travel as `params`, never inside the text. */
  query(text: string, params?: Readonly<Record<string, string | number>>): Promise<InfluxSeries[]>;
}

/**
 * `http://[user:password@]host:port[/path]/?db=name[&token=...]`, or for 2.x and 3.x `?bucket=name&token=...[&org=name]`:
 * written by `/api/v2/write`, read by `/query`, whose database is the bucket.
 */
export function createInfluxClient(url: string, timeoutMs: number): InfluxClient {
  const { base, database, isBucket, writeTo, headers } = parseUrl(url);

  async function call(route: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(`${base}${route}`, { ...init, signal: AbortSignal.timeout(timeoutMs) });
    } catch (error) {
      throw new RanloopError('RL_STORE', 'InfluxDB cannot be reached', { cause: error });
    }
  }

  return {
    database,
    isBucket,
    async write(lines) {
      const response = await call(writeTo, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'text/plain; charset=utf-8' },
        body: lines,
      });
      const text = await response.text();
      if (response.ok) return;
      // Points older than the retention policy are dropped on arrival: that is what the policy asks for.
      if (response.status === 400 && text.includes('beyond retention policy')) return;
      throw failure(response.status, text);
    },
    async query(text, params = {}) {
      const response = await call('/query', {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ db: database, q: text, params: JSON.stringify(params), epoch: 'u' }).toString(),
      });
      const answer = await response.text();
      if (!response.ok) throw failure(response.status, answer);
      return seriesIn(answer);
    },
  };
}

function seriesIn(answer: string): InfluxSeries[] {
  const parsed = JSON.parse(answer) as { results?: { series?: InfluxSeries[]; error?: string }[] };
  const series: InfluxSeries[] = [];
  for (const result of parsed.results ?? []) {
    if (result.error) throw new RanloopError('RL_UPSTREAM', `InfluxDB: ${result.error.slice(0, 500)}`);
    for (const one of result.series ?? []) {
      if (one.partial) throw new RanloopError('RL_TOO_LARGE', 'InfluxDB cut the answer short; ask for less');
      series.push(one);
    }
  }
  return series;
}

function failure(status: number, text: string): RanloopError {
  const told = text.slice(0, 500);
  if (status >= 500 || status === 429) return new RanloopError('RL_STORE', `InfluxDB answered ${status}: ${told}`);
  if (status === 401 || status === 403)
    return new RanloopError('RL_STORE', `InfluxDB refuses our credentials (${status}): ${told}`);
  return new RanloopError('RL_UNPROCESSABLE', `InfluxDB answered ${status}: ${told}`);
}

interface Target {
  readonly base: string;
  readonly database: string;
  readonly isBucket: boolean;
  /** Path and query of writes in microseconds. */
  readonly writeTo: string;
  readonly headers: Readonly<Record<string, string>>;
}

function parseUrl(text: string): Target {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new RanloopError('RL_CONFIG', 'influxUrl is not a URL such as http://localhost:8086/?db=ranloop');
  }
  if (!/^https?:$/.test(url.protocol)) throw new RanloopError('RL_CONFIG', 'influxUrl begins with http:// or https://');
  const [bucket, org] = [url.searchParams.get('bucket'), url.searchParams.get('org')];
  if (org && !bucket) throw new RanloopError('RL_CONFIG', 'influxUrl names an org, so it needs a bucket too');
  const database = bucket ?? url.searchParams.get('db') ?? 'ranloop';
  const writeTo = bucket
    ? `/api/v2/write?${new URLSearchParams({ bucket, ...(org ? { org } : {}), precision: 'us' })}`
    : `/write?db=${encodeURIComponent(database)}&precision=u`;
  const token = url.searchParams.get('token');
  const user = decodeURIComponent(url.username);
  const basic = Buffer.from(`${user}:${decodeURIComponent(url.password)}`).toString('base64');
  const authorization = token ? `Token ${token}` : user ? `Basic ${basic}` : undefined;
  return {
    base: `${url.origin}${url.pathname.replace(/\/+$/, '')}`,
    database,
    isBucket: bucket !== null,
    writeTo,
    headers: authorization ? { authorization } : {},
  };
}
