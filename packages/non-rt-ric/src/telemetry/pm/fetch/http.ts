import type { IncomingMessage } from 'node:http';
import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { isIP } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { RanloopError } from '@ranloop/contracts/errors';
import type { Fetch } from './index.ts';

const MOST_REDIRECTS = 3;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** GET, with redirects only within scheme, host and port: another host was neither announced nor allowed. */
export async function fetchHttp({ location, peer, saving, signal, credentials }: Fetch): Promise<void> {
  let { target } = location;
  for (let hop = 0; hop <= MOST_REDIRECTS; hop += 1) {
    const response = await get(target);
    const { statusCode: status = 0, headers } = response;
    if (status === 200) return pipeline(response, saving.through, saving.file, { signal });
    response.destroy();
    if (!REDIRECTS.has(status) || headers.location === undefined) throw refusal(status);
    target = within(target, headers.location);
  }
  throw new RanloopError('RL_FORBIDDEN', `the server redirects more than ${MOST_REDIRECTS} times`);

  function get(wanted: string): Promise<IncomingMessage> {
    const { scheme, host, port } = location;
    const { user, password, token, ca, verifyTls } = credentials;
    const secure = scheme === 'https' ? { ca, rejectUnauthorized: verifyTls, servername: isIP(host) ? '' : host } : {};
    const named = host.includes(':') ? `[${host}]` : host;
    return new Promise((resolve, reject) => {
      const options = {
        host: peer.address,
        port,
        path: wanted,
        signal,
        agent: false,
        headers: {
          host: `${named}:${port}`,
          accept: '*/*',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(user === undefined ? {} : { authorization: basic(user, password) }),
        },
        ...secure,
      };
      const asked = (scheme === 'https' ? tlsRequest : plainRequest)(options, resolve);
      // Not once: what goes wrong after the answer began comes here, too.
      asked.on('error', reject);
      asked.end();
    });
  }

  function within(from: string, to: string): string {
    const { scheme, host, port } = location;
    const origin = new URL(`${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`);
    const next = URL.canParse(to, `${origin.origin}${from}`) ? new URL(to, `${origin.origin}${from}`) : undefined;
    if (next?.origin === origin.origin) return `${next.pathname}${next.search}`;
    const told = next ? `${next.protocol}//${next.host}` : 'what is no URL';
    throw new RanloopError('RL_FORBIDDEN', `the server redirects to another host: ${told.slice(0, 128)}`);
  }
}

const basic = (user: string, password = '') => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

/** 404 may be a file that is announced a moment too early, so it is tried again like the faults of a server. */
function refusal(status: number): RanloopError {
  const passing = status >= 500 || [404, 408, 425, 429].includes(status);
  return new RanloopError(passing ? 'RL_UPSTREAM' : 'RL_FORBIDDEN', `the server answers HTTP ${status}`);
}
