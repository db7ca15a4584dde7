import { isIP } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { RanloopError } from '@ranloop/contracts/errors';
import { Client, FTPError } from 'basic-ftp';
import type { Fetch } from './index.ts';

const NOT_LOGGED_IN = 530;

/** FTP over TLS, asked for (ftpes, AUTH TLS) or from the first byte (ftps); control and data connection both. */
export async function fetchFtpes({ location, peer, saving, signal, credentials, timeoutMs }: Fetch): Promise<void> {
  const { scheme, host, port, path } = location;
  const { user = 'anonymous', password = 'anonymous', ca, verifyTls } = credentials;
  const client = new Client(timeoutMs);
  const abort = () => client.close();
  signal.addEventListener('abort', abort, { once: true });
  try {
    await client.access({
      host: peer.address,
      port,
      user,
      password,
      secure: scheme === 'ftps' ? 'implicit' : true,
      secureOptions: {
        rejectUnauthorized: verifyTls,
        ...(ca === undefined ? {} : { ca }),
        ...(isIP(host) ? {} : { servername: host }),
      },
    });
    const saved = pipeline(saving.through, saving.file, { signal });
    // Either may fail first; the other then fails for its sake.
    await Promise.all([client.downloadTo(saving.through, path), saved]);
  } catch (error) {
    if (error instanceof FTPError && error.code === NOT_LOGGED_IN)
      throw new RanloopError('RL_FORBIDDEN', 'the server refuses the credentials', { cause: error });
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
    client.close();
  }
}
